import { areSame, lookOf } from "./stretches.ts";

/** A power of two; texts of up to so many bytes are remembered. */
const lateTexts = 1024;
const longestLate = 64;

/**
 * Texts that were read lately: IDs and names come again and again, and the engine has to make a string of each and to hash it. What
 * stands here is only a guess that is compared byte for byte.
 */
const late = Array.from<string | undefined>({ length: lateTexts }).fill(undefined);
/** The bytes of each, since those of a string are dear to look at. */
const lateBytes = new DataView(new ArrayBuffer(lateTexts * longestLate));

/** The UTF-8 text that stands at [start, stop). */
export function text(view: DataView, start: number, stop: number): string {
  const length = stop - start;
  if (length > longestLate || length === 0) return decoded(view, start, length);
  // Each has two slots, the second one being the first one of others.
  const first = lookOf(view, start, length) & (lateTexts - 1);
  const second = first ^ 1;
  if (isAt(first, view, start, length)) return late[first] ?? "";
  if (isAt(second, view, start, length)) return late[second] ?? "";
  const slot = late[first] === undefined || late[second] !== undefined ? first : second;
  const made = decoded(view, start, length);
  // The length of a text that is kept is to be that of its bytes, as it is of ASCII.
  if (made.length === length) {
    late[slot] = made;
    for (let i = 0; i < length; i++) lateBytes.setUint8(slot * longestLate + i, view.getUint8(start + i));
  }
  return made;
}

// oxlint-disable-next-line max-params -- a stretch without an object for it
function isAt(slot: number, view: DataView, start: number, length: number): boolean {
  return late[slot]?.length === length && areSame(view, start, lateBytes, slot * longestLate, length);
}

function decoded(view: DataView, start: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + start, length).toString();
}
