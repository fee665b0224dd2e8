/** Flow control as podstamp has it, for the processes beside it: small windows would measure waiting instead of work. */
export const settings = { initialWindowSize: 4 << 20, maxFrameSize: 1 << 20, maxConcurrentStreams: 1000 };

/** Window of a whole connection. */
export const windowBytes = 16 << 20;

/** Headers of an OTLP/gRPC export to a path, see shapes in src/otlp/signals.ts. */
export function exportHeaders(path: string) {
  return { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
}

/** The message with gRPC's five bytes in front. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}
