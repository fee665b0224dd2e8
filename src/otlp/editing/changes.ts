import { Splice } from "../rope/splice.ts";

/** Something else in the place of [start, stop) of a request. */
export type Change = { readonly start: number; readonly stop: number; write(out: Splice): void };

/** A message as a field of its parent: offsets of its tag, of its content and behind it. */
export type Message = { readonly tag: number; readonly start: number; readonly stop: number };

/** Nothing in the place of a field. */
export function removal(tag: number, stop: number): Change {
  return { start: tag, stop, write: () => {} };
}

/** The bytes in the place of [start, stop); with start equal to stop, between what stands there. */
export function replacement(start: number, stop: number, bytes: Uint8Array): Change {
  return { start, stop, write: (out) => out.insert(bytes) };
}

/** The change that writes a message, field `no` of its parent, with changes inside, which are in order; none when nothing changes inside. */
export function messageChange(no: number, message: Message, inside: readonly Change[]): readonly Change[] {
  const { tag, start, stop } = message;
  if (inside.length === 0) return [];
  return [{ start: tag, stop, write: (out) => out.message(no, () => writeChanged(out, [start, stop], inside)) }];
}

/** The request with the changes, which are in order; the very same bytes when there are none. */
export function applyChanges(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  if (changes.length === 0) return bytes;
  const out = new Splice(bytes);
  writeChanged(out, [0, bytes.length], changes);
  return out.toBytes();
}

/** Appends ranges of the source, [start, stop, start, stop …], with the changes, which are in order and none in two ranges. */
export function writeChanged(out: Splice, ranges: readonly number[], changes: readonly Change[]): void {
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    let at = ranges[i] ?? 0;
    const end = ranges[i + 1] ?? 0;
    for (let change = changes[next]; change !== undefined && change.stop <= end; change = changes[++next]) {
      out.copy(at, change.start);
      change.write(out);
      at = change.stop;
    }
    out.copy(at, end);
  }
  for (; next < changes.length; next++) changes[next]?.write(out);
}
