/** A method of a service, as the compiled contracts define it. */
export type Method<Q, R> = {
  readonly path: string;
  readonly requestSerialize: (request: Q) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => R;
};

/** Headers that go with one call, by their lower-case names. */
export type CallMetadata = Map<string, string>;

/** How one call is made. */
export type UnaryOptions = {
  readonly metadata: CallMetadata;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** How a call is made whose answer comes in pieces; an `onMessage` that throws ends it. */
export type StreamOptions<R> = {
  readonly metadata: CallMetadata;
  /** Any time when it is absent. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
  readonly onMessage: (message: R) => void;
};

/** One way to a runtime's socket, on which all its services are called. Every rejection of a call is a CallError, but for what `onMessage` throws. */
export type Channel = {
  unary<Q, R>(method: Method<Q, R>, request: Q, options: UnaryOptions): Promise<R>;
  /** Reads to the end. */
  stream<Q, R>(method: Method<Q, R>, request: Q, options: StreamOptions<R>): Promise<void>;
  close(): void;
};

/** Opens a channel to unix:path; connects with the first call. */
export type OpenChannel = (endpoint: string) => Channel;

/** A call that failed: gRPC's code, and the server's or the system's words. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly code: number;
  readonly details: string;

  constructor({ code, details }: { readonly code: number; readonly details: string }) {
    super(details);
    this.code = code;
    this.details = details;
  }
}

/** An answer larger than this is refused: 20,000 containers with long labels are a quarter of it. */
export const maxAnswerBytes = 128 * 1024 * 1024;

type Definition = Method<never, unknown> & { readonly responseStream: boolean };

type Bound<D> = D extends {
  readonly responseStream: infer S;
  readonly requestSerialize: (request: infer Q) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => infer R;
}
  ? S extends true
    ? (request: Q, options: StreamOptions<R>) => Promise<void>
    : (request: Q, options: UnaryOptions) => Promise<R>
  : never;

/** The methods of a service on a channel. */
export function clientOn<S extends Readonly<Record<string, Definition>>>(
  service: S,
  channel: Channel,
): { readonly [K in keyof S]: Bound<S[K]> } {
  const bound = Object.entries(service).map(([name, method]) => [
    name,
    method.responseStream
      ? (request: never, options: StreamOptions<unknown>) => channel.stream(method, request, options)
      : (request: never, options: UnaryOptions) => channel.unary(method, request, options),
  ]);
  return Object.fromEntries(bound) as { readonly [K in keyof S]: Bound<S[K]> };
}
