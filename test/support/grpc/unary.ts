import { type CallOptions, Metadata, type ServiceError } from "@grpc/grpc-js";

type Method<Q, R> = (
  request: Q,
  metadata: Metadata,
  options: Partial<CallOptions>,
  done: (error: ServiceError | null, response: R) => void,
) => unknown;

/** Makes one call of a generated client a promise; `method` is bound to its client. */
export function unary<Q, R>(method: Method<Q, R>, request: Q, timeoutMs = 30_000): Promise<R> {
  return new Promise((resolve, reject) => {
    method(request, new Metadata(), { deadline: Date.now() + timeoutMs }, (error, response) =>
      error === null ? resolve(response) : reject(error),
    );
  });
}
