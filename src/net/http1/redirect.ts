import type { PostOutcome } from "./client.ts";

/** As many as Go's client sends, the first one counted. */
export const maxRequests = 10;

/**
 * Where an answer sends a request on, if it is followed: only by 307 and 308, which keep the method and the body (a POST that is redirected
 * otherwise becomes a GET, and the data is lost), and only to where the request's headers, which may hold a key, have been sent or are
 * safer: the same origin, or TLS on the same host.
 */
export function redirectOf(outcome: PostOutcome, from: URL): URL | undefined {
  if (outcome.kind !== "answered" || (outcome.status !== 307 && outcome.status !== 308)) return undefined;
  const { location } = outcome.headers;
  const to = location === undefined || !URL.canParse(location, from.href) ? undefined : new URL(location, from);
  if (to === undefined) return undefined;
  const isSafer = from.protocol === "http:" && to.protocol === "https:" && to.hostname === from.hostname;
  return isSafer || to.origin === from.origin ? to : undefined;
}
