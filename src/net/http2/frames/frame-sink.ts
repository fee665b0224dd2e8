import type { ErrorCode } from "./protocol.ts";

/** bytes[start, end), good until the call that gives it returns. */
export type Span = {
  bytes: Buffer;
  start: number;
  end: number;
  /** Bytes that have arrived from `start` on: these and what stands behind them. */
  arrived: number;
};

/** Who is told of the frames of a connection, in their order. What breaks the protocol is told as an error instead. */
export type FrameSink = {
  /** A DATA frame begins; `length` counts against the windows, padding included (section 6.9.1). */
  onDataBegin(stream: number, length: number): void;
  /** A piece of its data, as it arrives. */
  onData(span: Span): void;
  onDataEnd(endsStream: boolean): void;
  /** A whole header block, put together of its frames. */
  onHeaders(stream: number, endsStream: boolean, block: Span): void;
  onReset(stream: number, code: number): void;
  /** Pairs of identifier (2 bytes) and value (4 bytes). */
  onSettings(entries: Span): void;
  onSettingsAck(): void;
  /** The eight bytes that a ping carries. */
  onPing(isAck: boolean, payload: Span): void;
  onGoaway(lastStream: number, code: number, debug: string): void;
  /** Of one stream, or of the connection when `stream` is 0. */
  onWindowUpdate(stream: number, increment: number): void;
  /** A frame that changes nothing: one of an unknown type, or PRIORITY. */
  onIdleFrame(): void;
  onStreamError(stream: number, code: ErrorCode, reason: string): void;
  /** Nothing more is told after it. */
  onConnectionError(code: ErrorCode, reason: string): void;
};

export type FrameLimits = {
  /** Of one frame's payload, as we announce it. */
  readonly maxFrameBytes: number;
  /** Of one header block as it is sent, and the frames that it may come in. */
  readonly maxBlockBytes: number;
  readonly maxBlockFrames: number;
};
