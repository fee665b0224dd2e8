import type { Socket } from "node:net";
import type { ServerLimits } from "../transport.ts";
import { uint32 } from "./frames/bytes.ts";
import { FrameReader } from "./frames/frame-reader.ts";
import type { FrameSink, Span } from "./frames/frame-sink.ts";
import { createHpackDecoder } from "./hpack/decoder.ts";
import type { HpackDecoder } from "./hpack/decoder.ts";
import { createHpackEncoder } from "./hpack/encoder.ts";
import type { HpackEncoder } from "./hpack/encoder.ts";
import {
  addGoaway,
  addHeaders,
  addPing,
  addSettings,
  addSettingsAck,
  addWindowUpdate,
  Outbox,
} from "./frames/outbox.ts";
import { Patience } from "./patience.ts";
import {
  defaultFrameSize,
  defaultTableSize,
  defaultWindow,
  ErrorCode,
  largestFrameSize,
  largestWindow,
  preface,
  Setting,
} from "./frames/protocol.ts";

/** What one side of a connection does with what is not the connection's own. */
export type LinkOwner = Pick<
  FrameSink,
  "onDataBegin" | "onData" | "onDataEnd" | "onHeaders" | "onReset" | "onStreamError"
> & {
  onStreamWindow(stream: number, increment: number): void;
  /** The peer's settings came; `windowChange` is to be added to the windows of all streams. */
  onSettings(windowChange: number): void;
  onGoaway(lastStream: number, code: number, debug: string): void;
  /** The peer asks whether we are there; whether it is told. */
  onPing(): boolean;
  /** More can be sent than before. */
  onWritable(): void;
  /** The connection broke the protocol, or was too much; GOAWAY is on its way. */
  onFailure(code: ErrorCode, reason: string): void;
};

export type LinkOptions = {
  readonly socket: Socket;
  readonly owner: LinkOwner;
  /** A client says the preface. */
  readonly isClient: boolean;
  readonly settings: readonly (readonly [number, number])[];
  /** Of the connection; it is announced at once. */
  readonly window: number;
  /** What is held of headers that are not complete counts against it. */
  readonly budget?: ByteBudget;
  readonly limits: Pick<ServerLimits, "maxHeaderBytes" | "maxHeaderFields" | "idleFrames" | "tinyFrames">;
};

/** Bytes that are held of all connections of a server, and how many may be. */
export type ByteBudget = { bytesInFlight: number; readonly limits: Pick<ServerLimits, "maxBytesInFlight"> };

const tinyBytes = 64;
/** What is held of a frame or header block is not counted up to here: most connections hold next to nothing. */
const smallHeld = 8192;
const maxBlockFrames = 64;
/** So many times what is taken of it may a header block be: whoever sends too much is told so, without losing all its other calls. */
const blockSlack = 4;
/** How much may wait for a peer that does not read, beside what waits for its windows. */
const maxPending = 4 * 1024 * 1024;
/** How long a peer may take to read why it was cut off, and so many times that long for answers that are on their way. */
const farewellMs = 1000;
const maxFarewells = 10;

/** One end of an HTTP/2 connection: its frames, settings, pings and its own window. What the streams do is the owner's. */
export class Link implements FrameSink {
  readonly socket: Socket;
  readonly out: Outbox;
  readonly encoder: HpackEncoder = createHpackEncoder();
  readonly decoder: HpackDecoder;
  /** What the peer allows: bytes in one frame, on a new stream, on the connection, and streams at a time. */
  maxFrame = defaultFrameSize;
  initialWindow = defaultWindow;
  sendWindow = defaultWindow;
  maxStreams = Number.POSITIVE_INFINITY;
  /** Whether the peer's first SETTINGS came. */
  isGreeted = false;
  isClosed = false;
  readonly #owner: LinkOwner;
  readonly #options: LinkOptions;
  readonly #reader: FrameReader;
  readonly #idle: Patience;
  readonly #tiny: Patience;
  /** What the peer may still send, and what it is to be given back. */
  #receiveWindow: number;
  #credit = 0;
  #held = 0;
  #onPong: (() => void) | undefined;
  #farewell: NodeJS.Timeout | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.socket = options.socket;
    this.#owner = options.owner;
    this.#receiveWindow = options.window;
    this.#idle = new Patience(options.limits.idleFrames);
    this.#tiny = new Patience(options.limits.tinyFrames);
    this.decoder = createHpackDecoder({
      maxTableBytes: defaultTableSize,
      maxListBytes: options.limits.maxHeaderBytes,
      maxFields: options.limits.maxHeaderFields,
    });
    this.#reader = new FrameReader(this, {
      maxFrameBytes: defaultFrameSize,
      maxBlockBytes: blockSlack * options.limits.maxHeaderBytes,
      maxBlockFrames,
    });
    this.out = new Outbox(options.socket, () => this.#owner.onWritable());
    options.socket.once("close", () => this.#end());
  }

  /** Says who we are: the preface of a client, our settings, the window of the connection. */
  greet(): void {
    const { isClient, settings, window } = this.#options;
    if (isClient) {
      const target = this.out.room(preface.length);
      this.out.at += preface.copy(target, this.out.at);
    }
    addSettings(this.out, settings);
    if (window > defaultWindow) addWindowUpdate(this.out, 0, window - defaultWindow);
    else this.#receiveWindow = defaultWindow;
  }

  /** Takes bytes of the other side. */
  push(chunk: Buffer, start: number, end: number): void {
    this.#reader.push(chunk, start, end);
    this.#hold(this.#reader.held);
    if (this.out.pending > maxPending) this.fail(ErrorCode.ENHANCE_YOUR_CALM, "answers must be read");
    else if (this.#credit > 0 && this.#credit >= this.#options.window >> 2) this.#giveCredit();
  }

  /** What the peer sent has been consumed, and it may send as much again. */
  credit(bytes: number): void {
    this.#credit += bytes;
    const { window } = this.#options;
    // Who has little left is not kept waiting for the rest.
    const isLow = this.#receiveWindow <= window >> 2 && this.#credit >= defaultFrameSize;
    if (isLow || this.#credit >= window >> 1) this.#giveCredit();
  }

  /** Whether the peer is about to have nothing left of its window. */
  get isStarving(): boolean {
    return this.#receiveWindow + this.#credit < this.#options.window >> 2;
  }

  /** The number of the frame, or header block, that has begun and is not complete; undefined between two. */
  get unfinished(): number | undefined {
    return this.#reader.isWaiting ? this.#reader.frames : undefined;
  }

  /** Asks whether the peer is there; the next answer is one to all who have asked. */
  ping(onPong: () => void): void {
    const before = this.#onPong;
    this.#onPong = () => {
      before?.();
      onPong();
    };
    addPing(this.out, false, pingPayload, 0);
  }

  /** Takes note of a frame that brings nothing; false when it was one too many and has ended the connection. */
  takeIdleFrame(): boolean {
    if (this.#idle.take()) return true;
    this.fail(ErrorCode.ENHANCE_YOUR_CALM, "too many frames that bring nothing");
    return false;
  }

  /** Work was done for the peer, which makes up for so many frames that bring nothing. */
  earn(frames: number): void {
    this.#idle.earn(frames);
    // A whole call may be one small frame.
    this.#tiny.earn(1);
  }

  /** Sends the block that the encoder holds. */
  sendHeaders(stream: number, flags: number): void {
    const { bytes, length } = this.encoder;
    addHeaders(this.out, stream, { bytes, length, maxFrame: this.maxFrame }, flags);
  }

  /** Ends the connection for a reason that the peer is told. */
  fail(code: ErrorCode, reason: string): void {
    if (this.isClosed) return;
    this.#owner.onFailure(code, reason);
    this.finish(1);
  }

  /** Ends the connection once what has been said is read, or when the peer takes too long for it. */
  finish(farewells = maxFarewells): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#reader.stop();
    this.out.flush();
    this.out.close();
    this.socket.end();
    let left = farewells;
    this.#farewell = setInterval(() => {
      if (--left <= 0 || this.socket.writableLength === 0) this.socket.destroy();
    }, farewellMs);
  }

  goaway(lastStream: number, code: ErrorCode, reason: string): void {
    addGoaway(this.out, lastStream, code, reason);
  }

  onDataBegin(stream: number, length: number): void {
    this.#receiveWindow -= length;
    if (this.#receiveWindow < 0)
      return this.fail(ErrorCode.FLOW_CONTROL_ERROR, "more was sent than the window of the connection lets through");
    if (length < tinyBytes && !this.#tiny.take())
      return this.fail(ErrorCode.ENHANCE_YOUR_CALM, "too many frames with next to no data");
    this.#owner.onDataBegin(stream, length);
  }

  onData(span: Span): void {
    this.#owner.onData(span);
  }

  onDataEnd(endsStream: boolean): void {
    this.#owner.onDataEnd(endsStream);
  }

  onHeaders(stream: number, endsStream: boolean, block: Span): void {
    this.#owner.onHeaders(stream, endsStream, block);
  }

  onReset(stream: number, code: number): void {
    if (this.takeIdleFrame()) this.#owner.onReset(stream, code);
  }

  onSettings({ bytes, start, end }: Span): void {
    if (!this.takeIdleFrame()) return;
    const before = this.initialWindow;
    for (let at = start; at < end; at += 6) {
      const problem = this.#set(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0), uint32(bytes, at + 2));
      if (problem !== undefined) return this.fail(...problem);
    }
    this.isGreeted = true;
    addSettingsAck(this.out);
    this.#owner.onSettings(this.initialWindow - before);
  }

  onSettingsAck(): void {
    this.takeIdleFrame();
  }

  onPing(isAck: boolean, { bytes, start }: Span): void {
    if (!this.takeIdleFrame()) return;
    if (!isAck) return this.#owner.onPing() ? addPing(this.out, true, bytes, start) : undefined;
    const onPong = this.#onPong;
    this.#onPong = undefined;
    onPong?.();
  }

  onGoaway(lastStream: number, code: number, debug: string): void {
    if (this.takeIdleFrame()) this.#owner.onGoaway(lastStream, code, debug);
  }

  onWindowUpdate(stream: number, increment: number): void {
    if (!this.takeIdleFrame()) return;
    if (stream !== 0) return this.#owner.onStreamWindow(stream, increment);
    this.sendWindow += increment;
    if (this.sendWindow > largestWindow)
      return this.fail(ErrorCode.FLOW_CONTROL_ERROR, "the window of the connection must not pass 2^31-1");
    this.#owner.onWritable();
  }

  onIdleFrame(): void {
    this.takeIdleFrame();
  }

  onStreamError(stream: number, code: ErrorCode, reason: string): void {
    if (this.takeIdleFrame()) this.#owner.onStreamError(stream, code, reason);
  }

  onConnectionError(code: ErrorCode, reason: string): void {
    this.fail(code, reason);
  }

  /** Applies one setting of the peer; an unknown one means nothing (section 6.5.2). */
  #set(id: number, value: number): readonly [ErrorCode, string] | undefined {
    switch (id) {
      case Setting.HEADER_TABLE_SIZE:
        this.encoder.setPeerTableSize(value);
        return undefined;
      case Setting.ENABLE_PUSH:
        return value > 1 || (value === 1 && this.#options.isClient)
          ? [ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH must be 0 or 1, and a server's 0"]
          : undefined;
      case Setting.MAX_CONCURRENT_STREAMS:
        this.maxStreams = value;
        return undefined;
      case Setting.INITIAL_WINDOW_SIZE:
        if (value > largestWindow) return [ErrorCode.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE must be at most 2^31-1"];
        this.initialWindow = value;
        return undefined;
      case Setting.MAX_FRAME_SIZE:
        if (value < defaultFrameSize || value > largestFrameSize)
          return [ErrorCode.PROTOCOL_ERROR, "MAX_FRAME_SIZE must be from 2^14 to 2^24-1"];
        this.maxFrame = value;
        return undefined;
    }
    return undefined;
  }

  /** Notes what is held of a frame or header block that is not complete. */
  #hold(held: number): void {
    const { budget } = this.#options;
    const bytes = held > smallHeld ? held : 0;
    if (budget === undefined || bytes === this.#held) return;
    budget.bytesInFlight += bytes - this.#held;
    this.#held = bytes;
    // Calls are refused before: this ends all that its connection has.
    if (bytes > 0 && budget.bytesInFlight > 1.25 * budget.limits.maxBytesInFlight)
      this.fail(ErrorCode.ENHANCE_YOUR_CALM, "too many bytes are in flight");
  }

  #giveCredit(): void {
    if (this.isClosed) return;
    this.#receiveWindow += this.#credit;
    addWindowUpdate(this.out, 0, this.#credit);
    this.#credit = 0;
  }

  #end(): void {
    this.isClosed = true;
    this.#reader.stop();
    this.#hold(0);
    clearInterval(this.#farewell);
    this.out.close();
  }
}

const pingPayload = Buffer.from("podstamp", "latin1");
