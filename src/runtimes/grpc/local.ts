import { createLocalClient } from "../../net/http2/local-client.ts";
import { Code } from "../../net/status.ts";
import type { UnaryClient } from "../../net/transport.ts";
import { socketPath } from "../socket.ts";
import { CallError, type CallMetadata, type Channel, maxAnswerBytes } from "./channel.ts";

/**
 * A channel for a command that asks a few times and ends: it is there at once, where loading grpc-js alone takes longer than the
 * answers. Only who opens a stream loads it.
 */
export function openLocalChannel(endpoint: string): Channel {
  /** Headers are of a connection here: those who send others have another one. */
  const clients = new Map<string, UnaryClient>();
  let streams: Promise<Channel> | undefined;
  const clientFor = (metadata: CallMetadata): UnaryClient => {
    const key = JSON.stringify([...metadata]);
    const known = clients.get(key);
    if (known !== undefined) return known;
    const headers = Object.fromEntries(metadata);
    const made = createLocalClient({
      path: socketPath(endpoint),
      headers,
      userAgent: "podstamp",
      maxResponseBytes: maxAnswerBytes,
    });
    clients.set(key, made);
    return made;
  };
  return {
    async unary({ path, requestSerialize, responseDeserialize }, request, { metadata, timeoutMs, signal }) {
      const message = requestSerialize(request);
      const { status, body } = await clientFor(metadata).call({ path, message, timeoutMs, signal });
      if (status.code !== Code.OK) throw new CallError({ code: status.code, details: status.message });
      try {
        return responseDeserialize(Buffer.from(body ?? []));
      } catch (error) {
        throw new CallError({ code: Code.INTERNAL, details: `the answer cannot be read: ${String(error)}` });
      }
    },
    async stream(method, request, options) {
      streams ??= import("./grpc-js.ts").then(({ openChannel }) => openChannel(endpoint));
      await (await streams).stream(method, request, options);
    },
    close() {
      for (const client of clients.values()) void client.close(); // it closes at once
      void streams?.then((channel) => channel.close()); // what cannot be loaded is told to who wanted it
    },
  };
}
