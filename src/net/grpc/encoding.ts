/**
 * How a message is compressed. "deflate" and "zlib" are both the zlib format, as HTTP and gRPC mean it. "snappy" is its stream in gRPC, its
 * block in HTTP; both are told apart by how they begin.
 */
export type Encoding = "identity" | "gzip" | "deflate" | "zstd" | "snappy";

/** What is read over gRPC, as in grpc-accept-encoding. */
export const grpcEncodings = "identity,deflate,gzip,snappy,zstd";

/** How a message is compressed by grpc-encoding; undefined when that is not known here. */
export function encodingOf(name: string | undefined): Encoding | undefined {
  switch (name) {
    case undefined:
    case "identity":
      return "identity";
    case "gzip":
    case "deflate":
    case "zstd":
    case "snappy":
      return name;
  }
  return undefined;
}
