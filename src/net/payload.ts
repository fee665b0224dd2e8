import { type Bytes, whole } from "../otlp/rope/rope.ts";
import { compress } from "./compress.ts";
import { Code } from "./status.ts";
import type { ClientOptions, UnaryReply, UnaryRequest } from "./transport.ts";

/** A message as it goes over the wire. */
export type Payload = { readonly bytes: Bytes; readonly isCompressed: boolean };

type Send = (request: UnaryRequest, payload: Payload) => Promise<UnaryReply>;

/** Sends requests compressed as the options say; the time that takes is taken off the call's. Never rejects. */
export function compressing(
  compression: ClientOptions["compression"],
  send: Send,
): (request: UnaryRequest) => Promise<UnaryReply> {
  const sendLater = async (request: UnaryRequest, compressed: Promise<Buffer>): Promise<UnaryReply> => {
    const begun = performance.now();
    try {
      const bytes = await compressed;
      const timeoutMs = request.timeoutMs - (performance.now() - begun);
      return await send({ ...request, timeoutMs }, { bytes, isCompressed: true });
    } catch (cause) {
      const message = `Cannot compress the message: ${cause instanceof Error ? cause.message : String(cause)}`;
      return { status: { code: Code.INTERNAL, message } };
    }
  };
  return (request) => {
    if (compression === "none") return send(request, { bytes: request.message, isCompressed: false });
    // gRPC's snappy is the stream.
    const compressed = compress(compression === "snappy" ? "x-snappy-framed" : compression, whole(request.message));
    return compressed instanceof Promise
      ? sendLater(request, compressed)
      : send(request, { bytes: compressed, isCompressed: true });
  };
}
