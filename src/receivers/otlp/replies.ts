import { tooManyInFlight } from "../../net/grpc/refusals.ts";
import type { BodyProblem } from "../../net/http1/body.ts";
import type { HttpReply } from "../../net/http1/server.ts";
import { Code, httpOfCode } from "../../net/status.ts";
import type { Status } from "../../net/status.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Answer } from "./answer.ts";
import type { Codec } from "./codec.ts";

/** What the pipeline answered, in the encoding of the request. */
export function replyOf({ status, body }: Answer, codec: Codec, signal: Signal): HttpReply {
  return status.code === Code.OK
    ? { status: 200, headers: { "content-type": codec.mediaType }, body: codec.response(signal, body) }
    : statusReply(httpOfCode(status.code), codec, status);
}

/** The answer to a body that was not read. */
export function problemReply(problem: BodyProblem, codec: Codec, encodings: ReadonlySet<string>): HttpReply {
  switch (problem.kind) {
    case "too_large":
      return statusReply(413, codec, {
        code: Code.RESOURCE_EXHAUSTED,
        message: `Cannot take the body: must be at most ${problem.limit} bytes (max_request_body_size), before and after decompression`,
      });
    case "unknown_encoding":
      return statusReply(400, codec, {
        code: Code.INVALID_ARGUMENT,
        message: `Cannot read the body: unsupported Content-Encoding: ${problem.encoding.slice(0, 50)}; must be ${inWords(encodings)}`,
      });
    case "unknown_transfer":
      return statusReply(501, codec, {
        code: Code.UNIMPLEMENTED,
        message: `Cannot read the body: its Transfer-Encoding must be chunked, is ${JSON.stringify(problem.encoding.slice(0, 50))}`,
      });
    case "broken_encoding":
      return statusReply(400, codec, {
        code: Code.INVALID_ARGUMENT,
        message: `Cannot decompress the body: ${problem.problem}`,
      });
    case "busy":
      return statusReply(503, codec, tooManyInFlight);
  }
}

/** A google.rpc.Status as a body; Retry-After in whole seconds where the status has a hint. */
export function statusReply(httpStatus: number, codec: Codec, status: Status): HttpReply {
  const hasHint = status.retryAfterMs !== undefined && (httpStatus === 429 || httpStatus === 503);
  return {
    status: httpStatus,
    headers: {
      "content-type": codec.mediaType,
      ...(httpStatus === 405 ? { allow: "POST" } : {}),
      ...(hasHint ? { "retry-after": String(Math.ceil((status.retryAfterMs ?? 0) / 1000)) } : {}),
    },
    body: codec.status(status),
  };
}

function inWords(encodings: ReadonlySet<string>): string {
  const names = [...encodings].filter((name) => name !== "");
  const none = encodings.has("") ? ["none"] : [];
  return names.length + none.length === 0 ? "one of compression_algorithms" : [...names, ...none].join(" or ");
}
