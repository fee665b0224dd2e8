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
