import { Code } from "../status.ts";
import type { Status } from "../status.ts";
import { encodingOf, grpcEncodings } from "./encoding.ts";
import { parseTimeout } from "./headers.ts";

/*
 * What a caller is told whose call does not come to a good end, in the same words by both transports.
 */

export const tooManyInFlight: Status = {
  code: Code.UNAVAILABLE,
  message: "Cannot take more at this moment: too many bytes are in flight",
};
export const tooSlow: Status = {
  code: Code.DEADLINE_EXCEEDED,
  message: "Cannot wait any longer for the rest of the message",
};
export const tooLate: Status = {
  code: Code.DEADLINE_EXCEEDED,
  message: "Cannot answer within the caller's grpc-timeout",
};
export const noMessage: Status = {
  code: Code.UNIMPLEMENTED,
  message: "Cannot answer a unary call without a message",
};
export const surplus: Status = {
  code: Code.UNIMPLEMENTED,
  message: "Cannot take more than one message in a unary call",
};
export const cutShort: Status = {
  code: Code.INTERNAL,
  message: "Cannot read the message: the stream ended in the middle of it",
};
export const withoutEncoding: Status = {
  code: Code.INTERNAL,
  message: "Cannot read the message: it is marked as compressed without a grpc-encoding",
};

export function badFlag(flag: number): Status {
  return {
    code: Code.INTERNAL,
    message: `Cannot read the message: its compressed flag must be 0 or 1, is ${flag}`,
  };
}

/** What a caller is told whose grpc-encoding or grpc-timeout is none; undefined when both can be followed. */
export function refusalOf(encoding: string | undefined, timeout: string | undefined): Status | undefined {
  if (encodingOf(encoding) === undefined)
    return {
      code: Code.UNIMPLEMENTED,
      message: `Cannot decompress "${encoding?.slice(0, 50)}": must be one of ${grpcEncodings}`,
    };
  if (timeout === undefined || parseTimeout(timeout) !== undefined) return undefined;
  // As gRPC's own servers: to wait without end is not what was asked for.
  return {
    code: Code.INTERNAL,
    message: `Cannot keep to the grpc-timeout: must be at most eight digits and a unit (H, M, S, m, u or n), is "${timeout.slice(0, 50)}"`,
  };
}

export function undecodable(problem: string): Status {
  return { code: Code.INTERNAL, message: `Cannot decompress the message: ${problem}` };
}

/** `actual` in words. */
export function tooLarge(limit: number, actual: string): Status {
  return {
    code: Code.RESOURCE_EXHAUSTED,
    message: `Cannot take the message: must be at most ${limit} bytes, is ${actual}`,
  };
}

/** Of a handler that has thrown or whose promise was rejected, which is a fault of ours. */
export function handlerFailed(error: unknown): Status {
  return { code: Code.INTERNAL, message: error instanceof Error ? error.message : String(error) };
}
