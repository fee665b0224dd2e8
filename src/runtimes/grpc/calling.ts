import { Code, type Status } from "../../net/status.ts";
import type { LocalClient } from "../../net/http2/client/local-client.ts";
import { CallError, type Channel } from "./channel.ts";

const nothing = Buffer.alloc(0);

/** The calls of a channel, made with a client of our own. */
export function channelOn(client: LocalClient): Channel {
  return {
    async unary({ path, requestSerialize, responseDeserialize }, request, { metadata, timeoutMs, signal }) {
      const headers = Object.fromEntries(metadata);
      const { status, body } = await client.call({
        path,
        message: requestSerialize(request),
        headers,
        timeoutMs,
        signal,
      });
      if (status.code !== Code.OK) throw failure(status);
      return decoded(
        responseDeserialize,
        body === undefined ? nothing : Buffer.from(body.buffer, body.byteOffset, body.length),
      );
    },
    async stream({ path, requestSerialize, responseDeserialize }, request, options) {
      const { metadata, timeoutMs = Infinity, signal, onMessage } = options;
      // A reader that throws ends the call as whoever gives up does.
      const ending = new AbortController();
      const end = () => ending.abort();
      let refusal: { readonly cause: unknown } | undefined;
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
      const status = await client.stream({
        path,
        message: requestSerialize(request),
        headers: Object.fromEntries(metadata),
        timeoutMs,
        signal: ending.signal,
        onMessage(bytes) {
          if (ending.signal.aborted) return;
          try {
            onMessage(decoded(responseDeserialize, bytes));
          } catch (cause) {
            refusal = { cause };
            end();
          }
        },
      });
      signal.removeEventListener("abort", end);
      if (refusal !== undefined) throw refusal.cause;
      if (status.code !== Code.OK) throw failure(status);
    },
    close: () => void client.close(), // it closes at once
  };
}

function failure({ code, message }: Status): CallError {
  return new CallError({ code, details: message });
}

function decoded<R>(decode: (bytes: Buffer) => R, bytes: Buffer): R {
  try {
    return decode(bytes);
  } catch (error) {
    throw new CallError({ code: Code.INTERNAL, details: `the answer cannot be read: ${String(error)}` });
  }
}
