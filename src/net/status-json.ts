import type { Status } from "./status.ts";

const retryInfoUrl = "type.googleapis.com/google.rpc.RetryInfo";

/** Writes a google.rpc.Status as JSON; `retryAfterMs` becomes a RetryInfo in `details`. */
export function statusToJson({ code, message, retryAfterMs }: Status): Buffer {
  const details =
    retryAfterMs === undefined ? {} : { details: [{ "@type": retryInfoUrl, retryDelay: seconds(retryAfterMs) }] };
  return Buffer.from(JSON.stringify({ code, message, ...details }));
}

/** A google.protobuf.Duration as JSON has it: "1.500s". */
function seconds(ms: number): string {
  return `${ms % 1000 === 0 ? ms / 1000 : (ms / 1000).toFixed(Number.isInteger(ms) ? 3 : 9)}s`;
}
