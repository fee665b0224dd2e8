import { createLocalClient } from "../../net/http2/client/local-client.ts";
import { socketPath } from "../discovery/socket.ts";
import { channelOn } from "./calling.ts";
import { type Channel, maxAnswerBytes } from "./channel.ts";

/** A channel for a command that asks a few times and ends: it is there at once, and does not connect again. */
export function openLocalChannel(endpoint: string): Channel {
  const path = socketPath(endpoint);
  return channelOn(createLocalClient({ path, userAgent: "podstamp", maxResponseBytes: maxAnswerBytes }));
}
