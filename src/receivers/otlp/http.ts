import { createHttpServer } from "../../net/http1-server.ts";
import type {
  BodyProblem,
  HttpDecision,
  HttpHead,
  HttpReply,
  HttpServer,
  HttpServerOptions,
} from "../../net/http1-server.ts";
import { encodeStatus } from "../../net/status-codec.ts";
import { Code, httpOfCode } from "../../net/status.ts";
import type { Status } from "../../net/status.ts";
import { serverTls } from "../../net/tls.ts";
import { shapes, signals } from "../../otlp/signals.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Host, Outlets } from "../../pipeline/contract.ts";
import { createDoor, turnAway } from "./answer.ts";
import type { Answer, Door } from "./answer.ts";
import type { HttpConfig } from "./config.ts";
import { listenAt } from "./listen-at.ts";

const protobuf = "application/x-protobuf";
const json = "application/json";
const defaultBodySize = 20 * 1024 * 1024;

/** The OTLP/HTTP server: one path for each signal that a pipeline takes, POST, protobuf. */
export function createOtlpHttpServer(config: HttpConfig, host: Host, outlets: Outlets): HttpServer {
  const doors = new Map<string, Door>();
  const paths: Readonly<Record<Signal, string>> = {
    traces: config.traces_url_path,
    metrics: config.metrics_url_path,
    logs: config.logs_url_path,
    profiles: shapes.profiles.httpPath,
  };
  for (const signal of signals) {
    const consumer = outlets[signal];
    if (consumer !== undefined)
      doors.set(pathOf(paths[signal]), createDoor(consumer, { host, transport: "http", signal }));
  }
  const onRefusal = turnAway(host, "http");
  return createHttpServer(serverOptions(config, host), (head) => {
    const decision = decide(head, doors);
    if (decision.kind === "reply") onRefusal(decision.reply.status === 404 ? "unknown_method" : "malformed");
    return decision;
  });
}

function pathOf(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

/** What the head alone decides. Every refusal has a google.rpc.Status as its body, in the type that the client speaks. */
function decide(head: HttpHead, doors: ReadonlyMap<string, Door>): HttpDecision {
  const mediaType = head.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  const type = mediaType === json ? json : protobuf;
  const door = doors.get(head.path);
  if (door === undefined)
    return refuse(404, type, {
      code: Code.UNIMPLEMENTED,
      message: `Cannot find ${head.path.slice(0, 200)}: must be one of ${[...doors.keys()].join(", ")}`,
    });
  if (head.method !== "POST")
    return refuse(405, type, {
      code: Code.UNIMPLEMENTED,
      message: `Cannot use the method ${head.method}: must be POST`,
    });
  if (mediaType === json)
    return refuse(415, type, { code: Code.INVALID_ARGUMENT, message: `Cannot read ${json} yet: must be ${protobuf}` });
  if (mediaType !== protobuf)
    return refuse(415, type, {
      code: Code.INVALID_ARGUMENT,
      message: `Cannot read the content type ${mediaType ?? "that is missing"}: must be ${protobuf}`,
    });
  return {
    kind: "read",
    handle: async ({ body, peer, signal }) => replyOf(await door({ bytes: body, peer, deadline: undefined, signal })),
    refuse: (problem) => problemReply(problem, type),
  };
}

function replyOf({ status, body }: Answer): HttpReply {
  return status.code === Code.OK
    ? { status: 200, headers: { "content-type": protobuf }, body }
    : statusReply(httpOfCode(status.code), protobuf, status);
}

function problemReply(problem: BodyProblem, type: string): HttpReply {
  switch (problem.kind) {
    case "too_large":
      return statusReply(413, type, {
        code: Code.RESOURCE_EXHAUSTED,
        message: `Cannot take the body: must be at most ${problem.limit} bytes (max_request_body_size), before and after decompression`,
      });
    case "unknown_encoding":
      return statusReply(400, type, {
        code: Code.INVALID_ARGUMENT,
        message: `Cannot read Content-Encoding "${problem.encoding.slice(0, 50)}": must be one of compression_algorithms`,
      });
    case "broken_encoding":
      return statusReply(400, type, {
        code: Code.INVALID_ARGUMENT,
        message: `Cannot decompress the body: ${problem.problem}`,
      });
    case "busy":
      return statusReply(503, type, {
        code: Code.UNAVAILABLE,
        message: "Cannot take more at this moment: too many bytes are in flight",
      });
  }
}

function refuse(status: number, type: string, body: Status): HttpDecision {
  return { kind: "reply", reply: statusReply(status, type, body) };
}

/** A google.rpc.Status as a body; Retry-After in whole seconds where the status has a hint. */
function statusReply(httpStatus: number, type: string, status: Status): HttpReply {
  const hasHint = status.retryAfterMs !== undefined && (httpStatus === 429 || httpStatus === 503);
  return {
    status: httpStatus,
    headers: {
      "content-type": type,
      ...(httpStatus === 405 ? { allow: "POST" } : {}),
      ...(hasHint ? { "retry-after": String(Math.ceil((status.retryAfterMs ?? 0) / 1000)) } : {}),
    },
    body:
      type === json
        ? Buffer.from(JSON.stringify({ code: status.code, message: status.message }))
        : encodeStatus(status),
  };
}

function serverOptions(config: HttpConfig, host: Host): HttpServerOptions {
  return {
    endpoint: listenAt(config, host),
    tls: config.tls === undefined ? undefined : serverTls(config.tls),
    maxBodyBytes: config.max_request_body_size || defaultBodySize,
    maxConnections: config.max_connections,
    maxBytesInFlight: config.max_bytes_in_flight,
    encodings: new Set(config.compression_algorithms),
    headersTimeoutMs: config.read_header_timeout,
    requestTimeoutMs: config.read_timeout,
    keepAliveTimeoutMs: config.idle_timeout,
    keepAlive: config.keep_alives_enabled,
    onRefusal: turnAway(host, "http"),
  };
}
