import type { Link } from "./link.ts";
import type { ServerShared, ServerStream } from "./server-stream.ts";

type Account = {
  readonly link: Link;
  readonly shared: ServerShared;
  readonly streams: ReadonlyMap<number, ServerStream>;
};

/**
 * Enters bytes that came on a stream into the window of its connection. While there is plenty of room they are given back to the
 * peer at once; else when their call is answered, so that who sends to a slow next hop is held up, or when the peer could not end
 * any message without them.
 */
export function account(stream: ServerStream, length: number, { link, shared, streams }: Account): void {
  if (shared.bytesInFlight <= shared.limits.maxBytesInFlight / 2) return link.credit(length);
  stream.owed += length;
  if (!link.isStarving) return;
  for (const each of streams.values()) {
    if (each.state !== "reading" || each.owed === 0) continue;
    link.credit(each.owed);
    each.owed = 0;
  }
}
