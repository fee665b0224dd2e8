/** gRPC status codes by the names of the specification. */
export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** google.rpc.Status, with the one detail that OTLP gives a meaning: RetryInfo.retry_delay. */
export type Status = {
  readonly code: number;
  readonly message: string;
  readonly retryAfterMs?: number;
};

/** An outcome that carries a gRPC status from one side of podstamp to the other. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Status, options?: ErrorOptions) {
    super(status.message, options);
    this.name = "StatusError";
    this.status = status;
  }
}

/** The status of a call that went well. */
export const ok: Status = { code: Code.OK, message: "" };

const names = Object.keys(Code);

/** Name of a gRPC status code, as in "UNAVAILABLE"; "CODE 99" for one that the specification does not know. */
export function codeName(code: number): string {
  return names[code] ?? `CODE ${code}`;
}

/** Codes that OTLP/gRPC calls retryable without a hint. RESOURCE_EXHAUSTED needs RetryInfo, see isRetryable. */
const retryable: ReadonlySet<number> = new Set([
  Code.CANCELLED,
  Code.DEADLINE_EXCEEDED,
  Code.ABORTED,
  Code.OUT_OF_RANGE,
  Code.UNAVAILABLE,
  Code.DATA_LOSS,
]);

/** Whether a client may send the same request again, by the table of OTLP's specification. */
export function isRetryable(status: Status): boolean {
  return retryable.has(status.code) || (status.code === Code.RESOURCE_EXHAUSTED && status.retryAfterMs !== undefined);
}

const httpByCode: ReadonlyMap<number, number> = new Map([
  [Code.OK, 200],
  [Code.CANCELLED, 503],
  [Code.INVALID_ARGUMENT, 400],
  [Code.DEADLINE_EXCEEDED, 503],
  [Code.PERMISSION_DENIED, 403],
  [Code.RESOURCE_EXHAUSTED, 429],
  [Code.ABORTED, 503],
  [Code.OUT_OF_RANGE, 503],
  [Code.UNIMPLEMENTED, 404],
  [Code.UNAVAILABLE, 503],
  [Code.DATA_LOSS, 503],
  [Code.UNAUTHENTICATED, 401],
]);

/** The HTTP status that OTLP/HTTP answers for a gRPC status code: retryable stays retryable, permanent stays permanent. */
export function httpOfCode(code: number): number {
  return httpByCode.get(code) ?? 500;
}

const codeByHttp: ReadonlyMap<number, number> = new Map([
  [400, Code.INTERNAL],
  [401, Code.UNAUTHENTICATED],
  [403, Code.PERMISSION_DENIED],
  [404, Code.UNIMPLEMENTED],
  [429, Code.UNAVAILABLE],
  [502, Code.UNAVAILABLE],
  [503, Code.UNAVAILABLE],
  [504, Code.UNAVAILABLE],
]);

/** The gRPC code of a response that has an HTTP status but no grpc-status (a proxy's answer), by gRPC's http-grpc-status-mapping. */
export function codeOfHttp(status: number): number {
  return codeByHttp.get(status) ?? Code.UNKNOWN;
}

const codeByReset: ReadonlyMap<number, number> = new Map([
  [8, Code.CANCELLED],
  [12, Code.PERMISSION_DENIED],
]);

/**
 * The code of a call whose stream ended or was reset (by an HTTP/2 error code, 0 without one) before there was a grpc-status.
 * gRPC's table of HTTP/2 errors makes INTERNAL of most, or RESOURCE_EXHAUSTED, which end a request for good. Yet a server that
 * closes a connection at its age, or a proxy that was overloaded, has said nothing about the data: it is to be sent again.
 */
export function codeOfReset(http2Code: number): number {
  return codeByReset.get(http2Code) ?? Code.UNAVAILABLE;
}
