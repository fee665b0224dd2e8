import type { Socket } from "node:net";
import { allocateFrames } from "../../../otlp/rope/moving.ts";
import { Flag, frameHeaderLength, Type } from "./protocol.ts";
import type { ErrorCode } from "./protocol.ts";

/** Frames are put together in buffers of this size, which all connections share: a fresh one for each write costs a collection. */
const bufferBytes = 128 * 1024;
/** The first buffers are used for ever; what is wanted beside them is left to the collector. */
const maxKept = 32;
const kept = new Set<Buffer>();
const spare: Buffer[] = [];

function take(): Buffer {
  const known = spare.pop();
  if (known !== undefined) return known;
  const buffer = kept.size < maxKept ? allocateFrames(bufferBytes) : Buffer.allocUnsafeSlow(bufferBytes);
  if (kept.size < maxKept) kept.add(buffer);
  return buffer;
}

function giveBack(buffer: Buffer): void {
  if (kept.has(buffer)) spare.push(buffer);
}

/** Outboxes with something in them, to be written at the end of this turn of the event loop. */
let dirty: Outbox[] = [];

function flushAll(): void {
  const outboxes = dirty;
  dirty = [];
  for (const outbox of outboxes) outbox.flush();
}

/** What a connection has to say, written in one piece for each turn of the event loop. */
export class Outbox {
  /** Frames go to buffer[at …] after `room`; who writes them moves `at`. */
  buffer: Buffer = nothing;
  at = 0;
  readonly #socket: Socket;
  readonly #onWritten: () => void;
  /** Buffers that the socket has, in their order. */
  readonly #written: Buffer[] = [];
  #isDirty = false;
  #isClosed = false;

  /** `onWritten` is told each time when the socket has passed something on. */
  constructor(socket: Socket, onWritten: () => void) {
    this.#socket = socket;
    this.#onWritten = onWritten;
  }

  /** Bytes that wait for the other side to read. */
  get pending(): number {
    return this.#socket.writableLength + this.at;
  }

  /** Bytes that fit without another buffer. */
  get left(): number {
    return this.buffer.length - this.at;
  }

  /** Makes room for `length` bytes, at most a few thousand more than a frame. */
  room(length: number): Buffer {
    if (!this.#isDirty) {
      this.#isDirty = true;
      if (dirty.push(this) === 1) setImmediate(flushAll);
    }
    if (this.at + length > this.buffer.length) {
      this.#write();
      this.buffer = take();
    }
    return this.buffer;
  }

  /** Hands over what is there. */
  flush(): void {
    this.#isDirty = false;
    this.#write();
  }

  /** Takes and writes nothing more. */
  close(): void {
    this.#isClosed = true;
    if (this.buffer !== nothing) giveBack(this.buffer);
    this.buffer = nothing;
    this.at = 0;
  }

  #write(): void {
    const buffer = this.buffer;
    const length = this.at;
    if (buffer === nothing) return;
    this.buffer = nothing;
    this.at = 0;
    // A socket that is gone would make an error of it, with its stack, which nobody reads.
    if (length === 0 || this.#isClosed || this.#socket.destroyed) return giveBack(buffer);
    this.#written.push(buffer);
    this.#socket.write(buffer.subarray(0, length), this.#onDone);
  }

  /** With an error or without one: the socket has let go of the memory, which could be collected by now. */
  readonly #onDone = (): void => {
    const buffer = this.#written.shift();
    if (buffer === undefined) return;
    giveBack(buffer);
    if (!this.#isClosed) this.#onWritten();
  };
}

const nothing = Buffer.alloc(0);

/** Writes a frame's header at `at` and returns the place of its payload. */
// oxlint-disable-next-line max-params -- the fields of a frame's header, written once for each frame
export function putHeader(
  target: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): number {
  target[at] = length >>> 16;
  target[at + 1] = length >>> 8;
  target[at + 2] = length;
  target[at + 3] = type;
  target[at + 4] = flags;
  return putUint32(target, at + 5, stream);
}

/** Writes four bytes, big-endian, and returns the place behind them. */
export function putUint32(target: Buffer, at: number, value: number): number {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
  return at + 4;
}

// oxlint-disable-next-line max-params -- the fields of a frame
function addNumber(out: Outbox, type: number, stream: number, value: number): void {
  const target = out.room(frameHeaderLength + 4);
  out.at = putUint32(target, putHeader(target, out.at, 4, type, 0, stream), value);
}

/** Adds RST_STREAM. */
export function addReset(out: Outbox, stream: number, code: ErrorCode): void {
  addNumber(out, Type.RST_STREAM, stream, code);
}

/** Adds WINDOW_UPDATE; of the connection when `stream` is 0. */
export function addWindowUpdate(out: Outbox, stream: number, increment: number): void {
  addNumber(out, Type.WINDOW_UPDATE, stream, increment);
}

/** Adds SETTINGS with pairs of identifier and value. */
export function addSettings(out: Outbox, settings: readonly (readonly [number, number])[]): void {
  const length = settings.length * 6;
  const target = out.room(frameHeaderLength + length);
  let at = putHeader(target, out.at, length, Type.SETTINGS, 0, 0);
  for (const [id, value] of settings) {
    target[at++] = id >>> 8;
    target[at++] = id;
    at = putUint32(target, at, value);
  }
  out.at = at;
}

/** Adds the answer to the peer's SETTINGS. */
export function addSettingsAck(out: Outbox): void {
  const target = out.room(frameHeaderLength);
  out.at = putHeader(target, out.at, 0, Type.SETTINGS, Flag.ACK, 0);
}

/** Adds PING with the eight bytes at payload[start]. */
// oxlint-disable-next-line max-params -- a stretch of bytes without an object for it
export function addPing(out: Outbox, isAck: boolean, payload: Uint8Array, start: number): void {
  const target = out.room(frameHeaderLength + 8);
  let at = putHeader(target, out.at, 8, Type.PING, isAck ? Flag.ACK : 0, 0);
  for (let i = 0; i < 8; i++) target[at++] = payload[start + i] ?? 0;
  out.at = at;
}

/** Adds GOAWAY; `reason` is for whoever looks for a fault, and cut. */
// oxlint-disable-next-line max-params -- the fields of a frame
export function addGoaway(out: Outbox, lastStream: number, code: ErrorCode, reason: string): void {
  const text = reason.slice(0, 200);
  const target = out.room(frameHeaderLength + 8 + text.length);
  let at = putHeader(target, out.at, 8 + text.length, Type.GOAWAY, 0, 0);
  at = putUint32(target, putUint32(target, at, lastStream), code);
  out.at = at + target.write(text, at, "latin1");
}

/** Adds a header block: HEADERS, and CONTINUATION where it does not fit into one frame. */
// oxlint-disable-next-line max-params -- the fields of a frame
export function addHeaders(out: Outbox, stream: number, block: Block, flags: number): void {
  const { bytes, length, maxFrame } = block;
  const limit = Math.min(maxFrame, bufferBytes / 4);
  let from = 0;
  do {
    const size = Math.min(limit, length - from);
    const isLast = from + size === length;
    const target = out.room(frameHeaderLength + size);
    const type = from === 0 ? Type.HEADERS : Type.CONTINUATION;
    const own = (from === 0 ? flags : 0) | (isLast ? Flag.END_HEADERS : 0);
    const at = putHeader(target, out.at, size, type, own, stream);
    bytes.copy(target, at, from, from + size);
    out.at = at + size;
    from += size;
  } while (from < length);
}

/** The first `length` bytes, and what one frame may hold. */
export type Block = { readonly bytes: Buffer; readonly length: number; readonly maxFrame: number };
