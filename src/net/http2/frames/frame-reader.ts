import { append, uint32 } from "./bytes.ts";
import { misplaced, missized, wantedOf, wrongLength } from "./control-frames.ts";
import type { FrameLimits, FrameSink, Span } from "./frame-sink.ts";
import { ErrorCode, Flag, frameHeaderLength, Type } from "./protocol.ts";

/** What "HTT" is as the length of a first frame. */
const http1 = 0x48_54_54;
/** A buffer for what is split over chunks gives its memory back above this. */
const keptBytes = 4096;

/**
 * Takes the bytes of a connection in whatever pieces they arrive and tells its frames, without an object for any of them.
 * Every check of RFC 9113 that needs no more than the frame and the one before it is made here; DATA is never held.
 */
export class FrameReader {
  /** Counts frames, those of one header block as one. */
  frames = 0;
  readonly #sink: FrameSink;
  readonly #limits: FrameLimits;
  readonly #span: Span = { bytes: Buffer.alloc(0), start: 0, end: 0, arrived: 0 };
  /** The header of the current frame while it is not complete. */
  readonly #head = Buffer.alloc(frameHeaderLength);
  #headLength = 0;
  #isInside = false;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Bytes of the payload that have not come. */
  #left = 0;
  /** Bytes of padding among them; -1 while its length has not come. */
  #padding = 0;
  /** A payload that is wanted whole and has come in part, and how much of it is wanted. */
  #partial: Buffer = Buffer.alloc(0);
  #partialLength = 0;
  #wanted = 0;
  /** The header block that is not complete, its stream (0 for none), and the frames so far. */
  #block: Buffer = Buffer.alloc(0);
  #blockLength = 0;
  #blockStream = 0;
  #blockFrames = 0;
  #blockEndsStream = false;
  #chunkEnd = 0;
  #isGreeted = false;
  #isStopped = false;

  constructor(sink: FrameSink, limits: FrameLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Bytes that are held of frames that are not complete. */
  get held(): number {
    return this.#partial.length + this.#block.length;
  }

  /** Whether something has begun that is not complete: a frame, its header, a header block. */
  get isWaiting(): boolean {
    return this.#isInside || this.#headLength > 0 || this.#blockStream !== 0;
  }

  /** Tells nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Takes chunk[at, end). */
  push(chunk: Buffer, at: number, end: number): void {
    this.#chunkEnd = end;
    for (;;) {
      if (this.#isStopped) return;
      if (!this.#isInside) {
        if (end - at >= frameHeaderLength && this.#headLength === 0) {
          this.#begin(chunk, at);
          at += frameHeaderLength;
        } else {
          at = this.#gatherHead(chunk, at, end);
          if (!this.#isInside) return;
        }
        if (this.#isStopped) return;
      }
      const stop = end - at > this.#left ? at + this.#left : end;
      if (stop === at && this.#left > 0) return;
      if (this.#type === Type.DATA) this.#takeData(chunk, at, stop);
      else this.#take(chunk, at, stop);
      at = stop;
    }
  }

  #gatherHead(chunk: Buffer, at: number, end: number): number {
    while (this.#headLength < frameHeaderLength && at < end) this.#head[this.#headLength++] = chunk[at++] ?? 0;
    if (this.#headLength === frameHeaderLength) {
      this.#headLength = 0;
      this.#begin(this.#head, 0);
    }
    return at;
  }

  /** Reads a frame's header and checks it. */
  #begin(bytes: Buffer, at: number): void {
    const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const stream =
      (((bytes[at + 5] ?? 0) & 0x7f) << 24) |
      ((bytes[at + 6] ?? 0) << 16) |
      ((bytes[at + 7] ?? 0) << 8) |
      (bytes[at + 8] ?? 0);
    this.#type = bytes[at + 3] ?? 0;
    this.#flags = bytes[at + 4] ?? 0;
    this.#stream = stream;
    this.#left = length;
    this.#wanted = length;
    if (this.#blockStream === 0) this.frames++;
    this.#padding = 0;
    this.#partialLength = 0;
    this.#isInside = true;
    if (length > this.#limits.maxFrameBytes)
      return this.#fail(
        ErrorCode.FRAME_SIZE_ERROR,
        !this.#isGreeted && length === http1
          ? "it speaks HTTP/1.1"
          : `a frame must have at most ${this.#limits.maxFrameBytes} bytes, has ${length}`,
      );
    if (!this.#isGreeted) {
      if (this.#type !== Type.SETTINGS || (this.#flags & Flag.ACK) !== 0)
        return this.#fail(ErrorCode.PROTOCOL_ERROR, "the first frame must be SETTINGS");
      this.#isGreeted = true;
    }
    if (this.#blockStream !== 0 && (this.#type !== Type.CONTINUATION || stream !== this.#blockStream))
      return this.#fail(ErrorCode.PROTOCOL_ERROR, "a header block must not be interrupted");
    this.#check(length);
  }

  /** What each type of frame asks of its header. */
  #check(length: number): void {
    const stream = this.#stream;
    switch (this.#type) {
      case Type.DATA:
        if (stream === 0) return this.#fail(ErrorCode.PROTOCOL_ERROR, "DATA must be on a stream");
        if ((this.#flags & Flag.PADDED) !== 0) {
          if (length === 0) return this.#tooShort();
          this.#padding = -1;
        }
        return this.#sink.onDataBegin(stream, length);
      case Type.HEADERS:
        if (stream === 0) return this.#fail(ErrorCode.PROTOCOL_ERROR, "HEADERS must be on a stream");
        return this.#checkBlock(length);
      case Type.CONTINUATION:
        if (this.#blockStream === 0)
          return this.#fail(ErrorCode.PROTOCOL_ERROR, "CONTINUATION must follow a header block that is not complete");
        return this.#checkBlock(length);
      case Type.RST_STREAM:
      case Type.WINDOW_UPDATE:
        if (length !== 4) return this.#tooShort();
        if (stream === 0 && this.#type === Type.RST_STREAM)
          return this.#fail(ErrorCode.PROTOCOL_ERROR, "RST_STREAM must be on a stream");
        return;
    }
    const problem = misplaced(this.#type, stream) ?? missized(this.#type, this.#flags, length);
    if (problem !== undefined) return this.#fail(problem.code, problem.reason);
    this.#wanted = wantedOf(this.#type, length);
  }

  #checkBlock(length: number): void {
    this.#blockFrames = this.#type === Type.HEADERS ? 1 : this.#blockFrames + 1;
    if (this.#blockLength + length > this.#limits.maxBlockBytes)
      return this.#fail(
        ErrorCode.ENHANCE_YOUR_CALM,
        `a header block must have at most ${this.#limits.maxBlockBytes} bytes`,
      );
    if (this.#blockFrames > this.#limits.maxBlockFrames)
      return this.#fail(
        ErrorCode.ENHANCE_YOUR_CALM,
        `a header block must come in at most ${this.#limits.maxBlockFrames} frames`,
      );
  }

  /** Passes data on as it comes. The length of the padding stands before it. */
  #takeData(chunk: Buffer, at: number, stop: number): void {
    if (this.#padding < 0 && stop > at) {
      this.#padding = chunk[at++] ?? 0;
      this.#left--;
      if (this.#padding > this.#left)
        return this.#fail(ErrorCode.PROTOCOL_ERROR, "padding must be shorter than its frame");
    }
    const dataEnd = Math.min(stop, at + this.#left - Math.max(0, this.#padding));
    if (dataEnd > at) this.#sink.onData(this.#spanOf(chunk, at, dataEnd));
    this.#left -= stop - at;
    if (this.#left > 0 || this.#isStopped) return;
    this.#isInside = false;
    this.#sink.onDataEnd((this.#flags & Flag.END_STREAM) !== 0);
  }

  /** Waits for the whole payload, or for as much of it as is wanted. */
  #take(chunk: Buffer, at: number, stop: number): void {
    const isWhole = this.#partialLength === 0 && stop - at === this.#left && this.#wanted > 0;
    if (!isWhole && this.#partialLength < this.#wanted) {
      const until = Math.min(stop, at + this.#wanted - this.#partialLength);
      this.#partial = append(this.#partial, this.#partialLength, chunk.subarray(at, until));
      this.#partialLength += until - at;
    }
    this.#left -= stop - at;
    if (this.#left > 0) return;
    this.#isInside = false;
    if (isWhole) this.#complete(this.#spanOf(chunk, at, at + this.#wanted));
    else this.#complete(this.#spanOf(this.#partial, 0, this.#partialLength));
    if (this.#partial.length > keptBytes) this.#partial = Buffer.alloc(0);
  }

  #complete(payload: Span): void {
    const { bytes, start } = payload;
    switch (this.#type) {
      case Type.HEADERS:
        return this.#headers(payload);
      case Type.CONTINUATION:
        return this.#fragment(payload);
      case Type.PRIORITY:
        if (this.#wanted === 0)
          return this.#sink.onStreamError(this.#stream, ErrorCode.FRAME_SIZE_ERROR, "PRIORITY must have 5 bytes");
        if ((uint32(bytes, start) & 0x7fffffff) === this.#stream)
          return this.#sink.onStreamError(this.#stream, ErrorCode.PROTOCOL_ERROR, "a stream must not depend on itself");
        return this.#sink.onIdleFrame();
      case Type.RST_STREAM:
        return this.#sink.onReset(this.#stream, uint32(bytes, start));
      case Type.SETTINGS:
        return (this.#flags & Flag.ACK) !== 0 ? this.#sink.onSettingsAck() : this.#sink.onSettings(payload);
      case Type.PING:
        return this.#sink.onPing((this.#flags & Flag.ACK) !== 0, payload);
      case Type.GOAWAY:
        return this.#sink.onGoaway(
          uint32(bytes, start) & 0x7fffffff,
          uint32(bytes, start + 4),
          bytes.toString("latin1", start + 8, payload.end),
        );
      case Type.WINDOW_UPDATE:
        return this.#windowUpdate(uint32(bytes, start) & 0x7fffffff);
    }
    this.#sink.onIdleFrame();
  }

  #windowUpdate(increment: number): void {
    if (increment > 0) return this.#sink.onWindowUpdate(this.#stream, increment);
    const reason = "a window must grow by at least 1";
    if (this.#stream === 0) this.#fail(ErrorCode.PROTOCOL_ERROR, reason);
    else this.#sink.onStreamError(this.#stream, ErrorCode.PROTOCOL_ERROR, reason);
  }

  /** Cuts off padding and priority. */
  #headers(payload: Span): void {
    const { bytes } = payload;
    const flags = this.#flags;
    if ((flags & Flag.PADDED) !== 0) {
      if (payload.start === payload.end) return this.#tooShort();
      payload.end -= bytes[payload.start++] ?? 0;
    }
    let dependsOn = -1;
    if ((flags & Flag.PRIORITY) !== 0) {
      if (this.#wanted < ((flags & Flag.PADDED) !== 0 ? 6 : 5)) return this.#tooShort();
      dependsOn = uint32(bytes, payload.start) & 0x7fffffff;
      payload.start += 5;
    }
    if (payload.start > payload.end)
      return this.#fail(ErrorCode.PROTOCOL_ERROR, "padding and priority must leave room for the header block");
    this.#blockEndsStream = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.END_HEADERS) !== 0) {
      this.#sink.onHeaders(this.#stream, this.#blockEndsStream, payload);
      if (dependsOn === this.#stream)
        this.#sink.onStreamError(this.#stream, ErrorCode.PROTOCOL_ERROR, "a stream must not depend on itself");
      return;
    }
    if (dependsOn === this.#stream) return this.#fail(ErrorCode.PROTOCOL_ERROR, "a stream must not depend on itself");
    this.#blockStream = this.#stream;
    this.#addToBlock(payload);
  }

  #fragment(payload: Span): void {
    this.#addToBlock(payload);
    if ((this.#flags & Flag.END_HEADERS) === 0) return;
    const stream = this.#blockStream;
    const block = this.#block;
    const length = this.#blockLength;
    this.#blockStream = 0;
    this.#blockLength = 0;
    if (block.length > keptBytes) this.#block = Buffer.alloc(0);
    this.#sink.onHeaders(stream, this.#blockEndsStream, this.#spanOf(block, 0, length));
  }

  #addToBlock({ bytes, start, end }: Span): void {
    this.#block = append(this.#block, this.#blockLength, bytes.subarray(start, end));
    this.#blockLength += end - start;
  }

  #spanOf(bytes: Buffer, start: number, end: number): Span {
    const span = this.#span;
    span.bytes = bytes;
    span.start = start;
    span.end = end;
    span.arrived = this.#chunkEnd - start;
    return span;
  }

  #tooShort(): void {
    this.#fail(wrongLength.code, wrongLength.reason);
  }

  #fail(code: ErrorCode, reason: string): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#sink.onConnectionError(code, reason);
  }
}
