import { ErrorCode, Flag, Type } from "./protocol.ts";

/** What ends a connection. */
export type FrameProblem = { readonly code: ErrorCode; readonly reason: string };

/** Settings in one frame; there are six that mean something. */
const maxSettings = 64;
/** What is kept of a GOAWAY's debug data. */
const maxDebugBytes = 256;

export const wrongLength: FrameProblem = {
  code: ErrorCode.FRAME_SIZE_ERROR,
  reason: "a frame must have the length of its type",
};

/** What is wrong with the stream of a frame that comes seldom: PRIORITY, SETTINGS, PUSH_PROMISE, PING or GOAWAY. */
export function misplaced(type: number, stream: number): FrameProblem | undefined {
  switch (type) {
    case Type.PRIORITY:
      return stream === 0 ? protocolError("PRIORITY must be on a stream") : undefined;
    case Type.SETTINGS:
      return stream === 0 ? undefined : protocolError("SETTINGS must not be on a stream");
    case Type.PUSH_PROMISE:
      return protocolError("nothing may be pushed");
    case Type.PING:
      return stream === 0 ? undefined : protocolError("PING must not be on a stream");
    case Type.GOAWAY:
      return stream === 0 ? undefined : protocolError("GOAWAY must not be on a stream");
  }
  return undefined;
}

/** What is wrong with its length. */
export function missized(type: number, flags: number, length: number): FrameProblem | undefined {
  switch (type) {
    case Type.SETTINGS:
      if ((flags & Flag.ACK) !== 0 ? length !== 0 : length % 6 !== 0) return wrongLength;
      if (length <= maxSettings * 6) return undefined;
      return { code: ErrorCode.ENHANCE_YOUR_CALM, reason: `SETTINGS must have at most ${maxSettings} entries` };
    case Type.PING:
      return length === 8 ? undefined : wrongLength;
    case Type.GOAWAY:
      return length < 8 ? wrongLength : undefined;
  }
  return undefined;
}

/** How many bytes of its payload are wanted. What else comes is passed over, as are frames of types that nobody knows. */
export function wantedOf(type: number, length: number): number {
  switch (type) {
    case Type.PRIORITY:
      // Of a wrong length it is an error of its stream alone, told when all of it has come.
      return length === 5 ? length : 0;
    case Type.GOAWAY:
      return Math.min(length, 8 + maxDebugBytes);
    case Type.SETTINGS:
    case Type.PING:
      return length;
  }
  return 0;
}

function protocolError(reason: string): FrameProblem {
  return { code: ErrorCode.PROTOCOL_ERROR, reason };
}
