/** How a message is compressed. "deflate" and "zlib" are both the zlib format, as HTTP and gRPC mean it. */
export type Encoding = "identity" | "gzip" | "deflate" | "zstd";

/** What a gRPC server takes, as in grpc-accept-encoding. */
export const grpcEncodings = "identity,deflate,gzip,zstd";

/** How a message is compressed by grpc-encoding; undefined when that is not known here. */
export function encodingOf(name: string | undefined): Encoding | undefined {
  switch (name) {
    case undefined:
    case "identity":
      return "identity";
    case "gzip":
    case "deflate":
    case "zstd":
      return name;
  }
  return undefined;
}
