import type { LetGo } from "../otlp/rope/arena.ts";
import type { Bytes } from "../otlp/rope/rope.ts";
import type { Endpoint } from "./socket/endpoint.ts";
import type { OnFailedHandshake, OnForeign } from "./socket/foreign.ts";
import type { Proxy } from "./socket/proxy.ts";
import type { Resolve } from "./socket/resolve.ts";
import type { Status } from "./status.ts";
import type { ClientTls, ServerTls } from "./socket/tls.ts";
import type { CancelSignal } from "../otlp/cancel.ts";

/**
 * The contract of a transport for gRPC: calls of one message, which one message answers or, by whoever asks for that, a stream. Nothing
 * outside net/ knows which implementation stands behind it.
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
  readonly signal: CancelSignal;
  readonly message: Buffer;
  /**
   * Sends a message ahead of the reply: a method that is answered by a stream has its messages here, and a reply without a body. The
   * request's headers and message are given back with the first. False where it is not sent: the one before has not gone yet, or the call
   * has ended.
   */
  send(message: Uint8Array): boolean;
  /** Whether its connection says goodbye: a call that has no end of its own must be ended then. */
  readonly isLeaving: boolean;
};

export type UnaryReply = {
  readonly status: Status;
  /** The response message; only with status OK, and when none went ahead. */
  readonly body?: Uint8Array;
  /** When nobody looks at the request's message any more, so that its memory may be used again. */
  readonly letGo?: LetGo;
};

/** Answers one call. It should not reject; when it does, the caller gets INTERNAL. */
export type UnaryHandler = (call: UnaryCall) => Promise<UnaryReply>;

/** The methods of a server by their full names; any other is UNIMPLEMENTED before its body is read. */
export type UnaryMethods = ReadonlyMap<string, UnaryHandler>;

/** Bounds of a server. Whoever exceeds one is answered and counted; others do not notice. */
export type ServerLimits = {
  /** Of one message, before and after decompression. */
  readonly maxMessageBytes: number;
  /** Of one connection. */
  readonly maxConcurrentStreams: number;
  readonly maxConnections: number;
  readonly maxHeaderBytes: number;
  readonly maxHeaderFields: number;
  /** Of all messages that have arrived, in part or whole, and are not answered; asked again for each piece. */
  readonly maxBytesInFlight: number;
  /** How long the first byte of a connection and the last of a message may take to come. */
  readonly maxReceiveMs: number;
  /** Of one connection: streams that end by a reset, of whichever side (rapid reset and its made-you-reset twin). */
  readonly resets: Allowance;
  /** Frames that bring nothing: pings, settings, window updates. Work earns them back. */
  readonly idleFrames: Allowance;
  /** Frames with next to no data. */
  readonly tinyFrames: Allowance;
};

/** What a connection may do that costs us and brings nothing: so many at once, and so many each second. */
export type Allowance = { readonly burst: number; readonly perSecond: number };

/** The defaults of a server. */
export const serverLimits: ServerLimits = {
  maxMessageBytes: 4 * 1024 * 1024,
  maxConcurrentStreams: 1000,
  maxConnections: 10_000,
  maxHeaderBytes: 64 * 1024,
  maxHeaderFields: 128,
  maxBytesInFlight: 256 * 1024 * 1024,
  maxReceiveMs: 60_000,
  resets: { burst: 1000, perSecond: 33 },
  idleFrames: { burst: 1000, perSecond: 100 },
  tinyFrames: { burst: 20_000, perSecond: 2000 },
};

const largestStreamWindow = 4 * 1024 * 1024;
const largestConnectionWindow = 16 * 1024 * 1024;
const smallestWindow = 64 * 1024;

/**
 * How much one connection, and one stream of it, may send ahead: so much that a sender's request never waits for a window update, but
 * no more than a sixteenth of what may be in flight, so that in little memory the windows of many connections do not promise more than
 * there is. A refused request still takes what its window let through until it is collected.
 */
export function windowsOf({ maxBytesInFlight }: ServerLimits): {
  readonly connection: number;
  readonly stream: number;
} {
  const connection = Math.max(smallestWindow, Math.min(largestConnectionWindow, Math.floor(maxBytesInFlight / 16)));
  return { connection, stream: Math.min(largestStreamWindow, connection) };
}

/** When a server ends a connection that does nothing, lives too long, or no longer answers; 0 is never. */
export type ServerKeepalive = {
  readonly maxIdleMs: number;
  readonly maxAgeMs: number;
  readonly maxAgeGraceMs: number;
  /** A ping is sent after this time without traffic, … */
  readonly pingMs: number;
  /** … and its answer waited for as long as this. */
  readonly pingTimeoutMs: number;
  /** How often clients may ping; as often as their idle frames allow without it. */
  readonly pingPolicy?: PingPolicy | undefined;
};

/** A client that pings sooner than `minMs` after its last ping, or without calls where that is not permitted, is turned away. */
export type PingPolicy = { readonly minMs: number; readonly permitWithoutStream: boolean };

/** The Collector's defaults. */
export const serverKeepalive: ServerKeepalive = {
  maxIdleMs: 0,
  maxAgeMs: 0,
  maxAgeGraceMs: 0,
  pingMs: 7_200_000,
  pingTimeoutMs: 20_000,
};

/** The age at which one connection is to end: a tenth more or less, as gRPC has it, so that those which began together do not end together. */
export function connectionAge({ maxAgeMs }: ServerKeepalive): number {
  return maxAgeMs * (0.9 + 0.2 * Math.random());
}

/** What a server refused before any handler saw it. */
export type Refusal =
  | "connections"
  | "bytes_in_flight"
  | "message_size"
  | "malformed"
  | "unknown_method"
  | "slow"
  | "wrong_protocol"
  | "tls_handshake"
  /** More calls at a time than a connection may have. */
  | "streams"
  | "header_size"
  /** Answers that the peer does not take. */
  | "stalled"
  /** A connection that sends what costs and brings nothing, or breaks HTTP/2, is ended. */
  | "flood"
  | "protocol_error";

/** Who speaks HTTP/2 for us: our own implementation, or Node's. */
export const transportNames = ["native", "node"] as const;
export type TransportName = (typeof transportNames)[number];

/** What is used when nothing is said. */
export const defaultTransport: TransportName = "native";

export type ServerOptions = {
  readonly transport?: TransportName | undefined;
  readonly endpoint: Endpoint;
  readonly tls: ServerTls | undefined;
  readonly limits: ServerLimits;
  readonly keepalive: ServerKeepalive;
  /** Told of each refusal, to count it. */
  readonly onRefusal: (refusal: Refusal) => void;
  /** Told of each connection that does not speak HTTP/2, with or without TLS as this server does. */
  readonly onForeign?: OnForeign;
  readonly onFailedHandshake?: OnFailedHandshake;
  /** What a client of HTTP/1.1 is told then. */
  readonly foreignAnswer?: string;
};

export type UnaryServer = {
  /** Listens; throws an error with the address in its message when it cannot. Returns "host:port" or the socket's path as bound. */
  start(): Promise<string>;
  /** Takes no new call, lets those in flight end until `signal` is aborted, then cuts. */
  stop(signal: AbortSignal): Promise<void>;
};

export type ClientOptions = {
  readonly transport?: TransportName | undefined;
  readonly endpoint: Endpoint;
  readonly tls: ClientTls | undefined;
  readonly compression: "gzip" | "zstd" | "snappy" | "none";
  /** Sent with every call; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The ":authority", when it is not the endpoint. */
  readonly authority: string | undefined;
  readonly userAgent: string;
  /** Of one response message, before and after decompression. */
  readonly maxResponseBytes: number;
  readonly keepalive: ClientKeepalive | undefined;
  /** Waits between attempts to connect. */
  readonly backoff: ConnectBackoff;
  /** Instead of the system's resolver. */
  readonly resolve?: Resolve | undefined;
  /** Connections go through it with CONNECT; it resolves the name. */
  readonly proxy?: Proxy | undefined;
  /**
   * Of a name with several addresses: the first that can be reached (the next one is tried when it cannot), or a connection to
   * each of them and one after the other for the calls. The first without this, for an address, and through a proxy.
   */
  readonly balancing?: "pick_first" | "round_robin" | undefined;
  /** With pick_first, which of the addresses is tried first, counted round and round; 0 without it. */
  readonly firstAddress?: number;
};

/** Pings of a client: after `timeMs` without traffic, answered within `timeoutMs`, without calls only if permitted. */
export type ClientKeepalive = {
  readonly timeMs: number;
  readonly timeoutMs: number;
  readonly permitWithoutStream: boolean;
};

export type ConnectBackoff = {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  readonly jitter: number;
};

/** gRPC's connection backoff, except that the longest wait is 10 s: a backend that is back should not be waited for longer. */
export const connectBackoff: ConnectBackoff = { initialMs: 1000, maxMs: 10_000, multiplier: 1.6, jitter: 0.2 };

export type UnaryClient = {
  /** Never rejects: what went wrong (no connection, deadline, reset) is a status, as the gRPC specification maps it. */
  call(request: UnaryRequest): Promise<UnaryReply>;
  /** Whether a call would find an open connection now. */
  isReady(): boolean;
  /** Connects when there is no connection and the wait after the last failure is over; whether there is one then. */
  connect(): Promise<boolean>;
  /** Forgets the wait after the last failure: the next call connects at once. */
  hurry(): void;
  close(): Promise<void>;
};

export type UnaryRequest = {
  readonly path: string;
  readonly message: Bytes;
  /** Sent beside the client's, for this call alone; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long this one attempt may take; sent as grpc-timeout unless it is Infinity. */
  readonly timeoutMs: number;
  readonly signal: CancelSignal;
};

/** A call that is answered by any number of messages, none of them compressed. */
export type StreamRequest = UnaryRequest & {
  /** Told of each message as it comes; its bytes are the caller's to keep. Must not throw. */
  readonly onMessage: (message: Buffer) => void;
};

/** A client that also makes calls which are answered by a stream. What comes is read at once: nobody is held up by it. */
export type StreamingClient = UnaryClient & {
  /** Never rejects; resolves with the status that ended the stream. */
  stream(request: StreamRequest): Promise<Status>;
};
