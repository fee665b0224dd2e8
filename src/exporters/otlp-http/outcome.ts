import type { PostOutcome } from "../../net/http1/client.ts";
import { decodeStatus } from "../../net/grpc/status-codec.ts";
import { Code, StatusError } from "../../net/status.ts";
import { decodePartialSuccess } from "../../otlp/response.ts";
import type { PartialSuccess } from "../../otlp/response.ts";
import { accepted } from "../../pipeline/contract.ts";
import type { Delivery } from "../../pipeline/contract.ts";
import { readJsonPartialSuccess, readJsonStatusMessage } from "./json-answer.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** What OTLP/HTTP calls retryable; whatever else is not a success is never sent again. */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The Collector's table for handing the answer of an HTTP server on to a gRPC client. */
const codes: ReadonlyMap<number, number> = new Map([
  [400, Code.INVALID_ARGUMENT],
  [401, Code.UNAUTHENTICATED],
  [403, Code.PERMISSION_DENIED],
  [404, Code.UNIMPLEMENTED],
  [429, Code.RESOURCE_EXHAUSTED],
  [502, Code.UNAVAILABLE],
  [503, Code.UNAVAILABLE],
  [504, Code.UNAVAILABLE],
]);

/** An answer that no success is. */
export class HttpStatusError extends StatusError {
  readonly httpStatus: number;

  constructor(httpStatus: number, message: string, retryAfterMs?: number) {
    // Without a time to come back RESOURCE_EXHAUSTED means "never again" to a gRPC client, and 429 does not.
    const code = httpStatus === 429 && retryAfterMs === undefined ? Code.UNAVAILABLE : codes.get(httpStatus);
    super({ code: code ?? Code.UNKNOWN, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    this.httpStatus = httpStatus;
  }
}

/** What an outcome means, by OTLP's rules; `onWarning` is told what a full success has to say. */
export function deliveryOf(outcome: PostOutcome, onWarning: (message: string) => void): Delivery {
  if (outcome.kind === "failed") return unanswered(outcome);
  const { status, headers } = outcome;
  if (isPage(outcome)) {
    const message = `The destination answered HTTP ${status} with a web page: it takes no OTLP there`;
    return { status: "rejected", cause: new HttpStatusError(404, message) };
  }
  if (status >= 200 && status <= 299) return deliveryOfSuccess(partialSuccessOf(outcome), onWarning);
  const message = `The destination answered HTTP ${status}${explained(outcome)}`;
  if (!retryable.has(status)) return { status: "rejected", cause: new HttpStatusError(status, message) };
  const hint = status === 429 || status === 503 ? parseRetryAfter(headers["retry-after"], Date.now()) : undefined;
  const cause = new HttpStatusError(status, message, hint);
  return hint === undefined ? { status: "retry", cause } : { status: "retry", cause, afterMs: hint };
}

/** Whether a refusal may be about one request of a merged batch, and not about the sender or the address. */
export function isWorthSplitting(cause: Error): boolean {
  if (!(cause instanceof HttpStatusError)) return true;
  const { httpStatus } = cause;
  return httpStatus >= 400 && ![401, 403, 404, 405, 407, 415].includes(httpStatus);
}

type Failed = Extract<PostOutcome, { kind: "failed" }>;
type Answered = Extract<PostOutcome, { kind: "answered" }>;

function unanswered({ reason, message }: Failed): Delivery {
  const code = reason === "timeout" ? Code.DEADLINE_EXCEEDED : reason === "aborted" ? Code.CANCELLED : Code.UNAVAILABLE;
  return { status: "retry", cause: new StatusError({ code, message }) };
}

/** Whether a success is none: Jaeger's user interface, say, shows its page at every path, and whoever asks. */
function isPage({ status, headers, body }: Answered): boolean {
  if (status < 200 || status > 299 || !/^text\/html\b/i.test(headers["content-type"] ?? "")) return false;
  // Some frameworks call whatever they answer with HTML.
  return /^\s*(?:<!doctype html|<html)\b/i.test(body.toString("utf8", 0, maxWords));
}

function deliveryOfSuccess(partial: PartialSuccess | undefined, onWarning: (message: string) => void): Delivery {
  if (partial === undefined) return accepted;
  if (partial.rejected > 0) return { status: "rejected", cause: new Error(partial.message), items: partial.rejected };
  onWarning(partial.message);
  return accepted;
}

function partialSuccessOf({ headers, body }: Answered): PartialSuccess | undefined {
  if (isJson(headers)) return readJsonPartialSuccess(body.toString("utf8"));
  return isProtobuf(headers) ? decodePartialSuccess(body) : undefined;
}

/** The words of an answer, short; where a redirect wants to go that is not followed. */
function explained({ status, headers, body }: Answered): string {
  if (status >= 300 && status <= 399)
    return `, a redirect to ${shorten(headers.location ?? "nowhere")}, which is not followed: name the final address in the endpoint`;
  const words = shorten(wordsOf(headers, body));
  return words === "" ? "" : `: ${words}`;
}

function wordsOf(headers: Answered["headers"], body: Buffer): string {
  if (isProtobuf(headers)) return decodeStatus(body)?.message ?? "";
  if (isJson(headers)) return readJsonStatusMessage(body.toString("utf8")) ?? body.toString("utf8");
  const type = headers["content-type"] ?? "";
  // nginx says it in a page, and Go, to who sends HTTP to its TLS, with nothing but the words.
  if (type.startsWith("text/html")) return /<title>([^<]*)<\/title>/i.exec(body.toString("utf8"))?.[1] ?? "";
  return type === "" || type.startsWith("text/plain") ? body.toString("utf8") : "";
}

/** So much of what a destination says goes into a log line. */
const maxWords = 500;

function shorten(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > maxWords ? `${trimmed.slice(0, maxWords)}…` : trimmed;
}

function isJson(headers: Answered["headers"]): boolean {
  return headers["content-type"]?.toLowerCase().startsWith("application/json") === true;
}

function isProtobuf(headers: Answered["headers"]): boolean {
  return headers["content-type"]?.toLowerCase().startsWith("application/x-protobuf") === true;
}
