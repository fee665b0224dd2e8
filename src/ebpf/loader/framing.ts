import { headerAt } from "../abi.ts";

/** Longer is no record: the longest of bpf/include/events.h has less. */
const maxRecordBytes = 8192;

/** Cuts the loader's output into records, without an object or a copy for each. */
export type Framing = {
  /** Takes a piece of the output. Throws when it cannot be records; then nothing behind it can be trusted. */
  push(chunk: Buffer): void;
};

/** `take` gets each record as a whole at bytes[at]; the bytes may be used again behind the call. */
export function createFraming(take: (bytes: Buffer, at: number) => void): Framing {
  // The record that lies across two pieces.
  const joint = Buffer.allocUnsafe(maxRecordBytes);
  let joined = 0;

  const lengthAt = (bytes: Buffer, at: number): number => {
    const length = bytes.readUInt32LE(at + headerAt.len);
    if (length < headerAt.size || length > maxRecordBytes || length % 8 !== 0)
      throw new Error(`Cannot read the loader's records: a length must be 40 to ${maxRecordBytes}, is ${length}`);
    return length;
  };

  /** Completes the record of the joint; returns how much of the chunk that took. */
  const complete = (chunk: Buffer): number => {
    let at = 0;
    const fill = (until: number): boolean => {
      const taken = chunk.copy(joint, joined, at, at + until - joined);
      at += taken;
      joined += taken;
      return joined === until;
    };
    if (joined < 4 && !fill(4)) return at;
    if (!fill(lengthAt(joint, 0))) return at;
    joined = 0;
    take(joint, 0);
    return at;
  };

  return {
    push(chunk) {
      let at = joined > 0 ? complete(chunk) : 0;
      while (chunk.length - at >= 4) {
        const length = lengthAt(chunk, at);
        if (chunk.length - at < length) break;
        take(chunk, at);
        at += length;
      }
      if (at < chunk.length) joined = chunk.copy(joint, 0, at);
    },
  };
}
