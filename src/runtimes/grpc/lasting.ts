import { createStreamingClient } from "../../net/transport-choice.ts";
import { socketPath } from "../discovery/socket.ts";
import { channelOn } from "./calling.ts";
import { type Channel, maxAnswerBytes } from "./channel.ts";

/** A channel that connects again whenever it must, for whoever stays with a runtime. */
export function openChannel(endpoint: string): Channel {
  const client = createStreamingClient({
    endpoint: { kind: "unix", path: socketPath(endpoint) },
    tls: undefined,
    compression: "none",
    headers: {},
    authority: undefined,
    userAgent: "podstamp",
    maxResponseBytes: maxAnswerBytes,
    keepalive: undefined,
    backoff: { initialMs: 100, maxMs: 1000, multiplier: 1.6, jitter: 0.2 },
  });
  return channelOn(client);
}
