import type { Status } from "./status.ts";

/**
 * The contract of a transport for unary gRPC. Nothing outside net/ knows which implementation stands behind it.
 * Messages are bytes: one length-prefixed message each way, decompressed, without its five-byte prefix.
 */
export type UnaryCall = {
  /** Full method name, "/package.Service/Method". */
  readonly path: string;
  /** A request header by its lower-case name. */
  metadata(name: string): string | undefined;
  /** Address of the other side without a port; undefined on a unix socket. */
  readonly peer: string | undefined;
  /** From grpc-timeout, in ms since the epoch. */
  readonly deadline: number | undefined;
  /** Aborted when the caller hung up, its deadline passed, or the server stops for good. */
  readonly signal: AbortSignal;
  readonly message: Buffer;
};

export type UnaryReply = {
  readonly status: Status;
  /** The response message; only with status OK. */
  readonly body?: Uint8Array;
};

export type UnaryServer = {
  /** Listens; throws an error with the address in its message when it cannot. Returns "host:port" or the socket's path as bound. */
  start(): Promise<string>;
  /** Takes no new call, lets those in flight end until `signal` is aborted, then cuts. */
  stop(signal: AbortSignal): Promise<void>;
};

export type UnaryClient = {
  /** Never rejects: what went wrong (no connection, deadline, reset) is a status, as the gRPC specification maps it. */
  call(request: UnaryRequest): Promise<UnaryReply>;
  close(): Promise<void>;
};

export type UnaryRequest = {
  readonly path: string;
  readonly message: Uint8Array;
  /** How long this one attempt may take; sent as grpc-timeout. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};
