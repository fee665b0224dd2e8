import { Client, Channel as GrpcChannel, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { CallError, type CallMetadata, type Channel, maxAnswerBytes } from "./channel.ts";

/** A channel that connects again whenever it must, for whoever stays with a runtime. */
export function openChannel(endpoint: string): Channel {
  const channel = new GrpcChannel(endpoint, credentials.createInsecure(), {
    "grpc.max_receive_message_length": maxAnswerBytes,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.enable_retries": 0,
  });
  const client = new Client(channel.getTarget(), credentials.createInsecure(), { channelOverride: channel });
  return {
    unary: ({ path, requestSerialize, responseDeserialize }, request, { metadata, timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        const onAbort = () => call.cancel();
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadataOf(metadata),
          { deadline: Date.now() + timeoutMs },
          (error, response) => {
            signal.removeEventListener("abort", onAbort);
            if (error !== null) reject(new CallError(error));
            else if (response === undefined) reject(new CallError(noAnswer));
            else resolve(response);
          },
        );
        signal.addEventListener("abort", onAbort, { once: true });
      }),
    stream: ({ path, requestSerialize, responseDeserialize }, request, { metadata, timeoutMs, signal, onMessage }) =>
      new Promise((resolve, reject) => {
        const stream = client.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadataOf(metadata),
          timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
        );
        const onAbort = () => stream.cancel();
        // A broken stream says so first and then that it has ended: the first word counts.
        const end = (error?: unknown) => {
          signal.removeEventListener("abort", onAbort);
          if (error === undefined) resolve();
          else reject(error);
        };
        stream.on("data", (message) => {
          try {
            onMessage(message);
          } catch (error) {
            end(error);
            stream.cancel();
          }
        });
        stream.on("error", (error: ServiceError) => end(new CallError(error)));
        stream.on("end", () => end());
        if (signal.aborted) onAbort();
        else signal.addEventListener("abort", onAbort, { once: true });
      }),
    close: () => channel.close(),
  };
}

const noAnswer = { code: status.INTERNAL, details: "the call ended without an answer" };

function metadataOf(entries: CallMetadata): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of entries) metadata.set(name, value);
  return metadata;
}
