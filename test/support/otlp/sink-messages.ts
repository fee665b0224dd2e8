import type { Attributes } from "./plain.ts";

/** One span or log record as it reached the sink, with the resource it came under. */
export type Received = {
  readonly signal: "traces" | "logs";
  /** A span's name or a log record's body. */
  readonly name: string;
  readonly resource: Attributes;
  readonly attributes: Attributes;
  readonly scope: string;
  readonly traceId: string;
  /** Of a span; absent of a log record. */
  readonly span?: {
    readonly id: string;
    /** Empty for the first of a trace. */
    readonly parent: string;
    /** SpanKind: 2 server, 3 client. */
    readonly kind: number;
    /** ns since 1970. */
    readonly start: bigint;
    readonly end: bigint;
    /** StatusCode; 0 when none was set. */
    readonly status: number;
  };
  /** Which request of the sink brought it: one request, one number. */
  readonly request: number;
};

/** How the sink fails, until it is told otherwise. */
export type SinkFault = {
  /** A gRPC status code. */
  readonly code: number;
  /** RetryInfo in the status' details. */
  readonly retryAfterMs?: number;
  /** Only requests that hold a span or log record of this name. */
  readonly onlyName?: string;
  /** Only this many requests. */
  readonly times?: number;
};

/** What a sink says to the process that started it. */
export type FromSink =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "received"; readonly records: readonly Received[]; readonly userAgent: string }
  | { readonly kind: "refused"; readonly code: number }
  | { readonly kind: "done" };

/** What it is told; each is answered with "done". */
export type ToSink =
  | { readonly kind: "fail"; readonly fault: SinkFault }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "heal" };
