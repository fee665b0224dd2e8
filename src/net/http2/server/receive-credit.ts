import type { Link } from "../link.ts";
import type { Numbered } from "../numbered.ts";
import type { ServerShared, ServerStream } from "./stream.ts";

/**
 * Enters bytes that came on a stream into the window of its connection. While there is plenty of room they are given back to the
 * peer at once, else when their call is answered, so that who sends to a slow next hop is held up.
 */
export function account(
  stream: ServerStream,
  length: number,
  { link, shared }: { link: Link; shared: ServerShared },
): void {
  if (shared.bytesInFlight <= shared.limits.maxBytesInFlight / 2) link.credit(length);
  else stream.owed += length;
}

/** Gives back what came of messages that are not complete, when the peer could not end any of them without it. */
export function relieve(streams: Numbered<ServerStream>, link: Link): void {
  if (!link.isStarving) return;
  for (const stream of streams.values()) {
    if (stream.state !== "reading" || stream.owed === 0) continue;
    link.credit(stream.owed);
    stream.owed = 0;
  }
}
