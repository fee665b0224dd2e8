import { type Change, type Message, removal, replacement } from "./changes.ts";
import { Cursor, Wire } from "../wire/cursor.ts";
import type { KeySet } from "../wire/keys.ts";
import { lengthDelimited } from "../rope/splice.ts";
import type { StringTable } from "../wire/string-table.ts";
import { readVarint } from "../wire/varints.ts";

/** What becomes of a list of attributes: changes to those that are there, in order, and whole attributes to be put behind the last one. */
export type Edits = {
  readonly changes: readonly Change[];
  readonly appended: readonly Uint8Array[];
  /** Bytes that all of it adds, without what it takes away. */
  readonly added: number;
};

/**
 * The wanted attributes of one or more messages, each in a slot: first those of the key set, by its indices, then others that
 * `isWanted` took. A key that stands more than once counts by its first value; once it is changed, the others go.
 */
export type AttributeList = {
  /** Slots in use. */
  readonly size: number;
  keyOf(slot: number): string;
  /** The content of its AnyValue, no bytes when it has none; undefined while the attribute is absent. */
  get(slot: number): Uint8Array | undefined;
  /** Puts another value in, or takes the attribute out. */
  set(slot: number, content: Uint8Array | undefined): void;
  /** What became of them; `encode` makes a whole attribute, tag and length included. */
  edits(encode: (slot: number, content: Uint8Array) => Uint8Array): Edits;
};

type Wanted = {
  /** Field number of the attributes in their message. */
  readonly field: number;
  readonly keys: KeySet;
  /** Further keys that are wanted. */
  readonly isWanted: ((key: string) => boolean) | undefined;
  /** What keys and values may point to, in a profiles request. */
  readonly strings?: (() => StringTable) | undefined;
};

/** Reads the wanted attributes of messages that count as one; undefined when one of them is broken. An attribute that is broken inside is nobody's. */
export function readAttributes(
  bytes: Uint8Array,
  messages: readonly Message[],
  wanted: Wanted,
): AttributeList | undefined {
  const list = new SlottedAttributes(bytes, wanted);
  const cursor = new Cursor(bytes);
  for (const message of messages) {
    cursor.pos = message.start;
    cursor.end = message.stop;
    while (cursor.next()) if (cursor.field === wanted.field && cursor.wire === Wire.LEN) list.add(cursor);
    if (cursor.problem !== "") return undefined;
  }
  return list;
}

const nothing = new Uint8Array();
const none: Edits = { changes: [], appended: [], added: 0 };

/** One attribute where it lies. */
type Occurrence = { readonly slot: number; readonly tag: number; readonly stop: number };

class SlottedAttributes implements AttributeList {
  readonly #bytes: Uint8Array;
  readonly #wanted: Wanted;
  readonly #others: string[] = [];
  #slotOfOther: Map<string, number> | undefined;
  readonly #occurrences: Occurrence[] = [];
  /** For each slot the value as it came, and as it is now; a slot that was not touched has no entry in #now. */
  readonly #came: (Uint8Array | undefined)[] = [];
  readonly #now = new Map<number, Uint8Array | undefined>();

  constructor(bytes: Uint8Array, wanted: Wanted) {
    this.#bytes = bytes;
    this.#wanted = wanted;
  }

  get size(): number {
    return this.#wanted.keys.keys.length + this.#others.length;
  }

  /** Takes the attribute that the cursor's next() found. */
  add(cursor: Cursor): void {
    const { tag, stop } = cursor;
    if (!reader.read(cursor, this.#wanted.strings)) return;
    let slot = this.#wanted.keys.find(this.#bytes, reader.keyStart, reader.keyStop);
    if (slot < 0) slot = this.#otherSlot();
    if (slot < 0) return;
    this.#occurrences.push({ slot, tag, stop });
    this.#came[slot] ??= reader.content(this.#bytes, this.#wanted.strings);
  }

  keyOf(slot: number): string {
    const { keys } = this.#wanted.keys;
    return keys[slot] ?? this.#others[slot - keys.length] ?? "";
  }

  get(slot: number): Uint8Array | undefined {
    return this.#now.has(slot) ? this.#now.get(slot) : this.#came[slot];
  }

  set(slot: number, content: Uint8Array | undefined): void {
    // Deleted and put back, it stands where a new one would.
    if (this.get(slot) === undefined) this.#now.delete(slot);
    this.#now.set(slot, content);
  }

  edits(encode: (slot: number, content: Uint8Array) => Uint8Array): Edits {
    if (this.#now.size === 0) return none;
    const isDone: boolean[] = [];
    const changes: Change[] = [];
    let added = 0;
    for (const { slot, tag, stop } of this.#occurrences) {
      if (!this.#isChanged(slot)) continue;
      const content = isDone[slot] === true ? undefined : this.#now.get(slot);
      isDone[slot] = true;
      if (content === undefined) changes.push(removal(tag, stop));
      else {
        const bytes = encode(slot, content);
        added += Math.max(0, bytes.length - (stop - tag));
        changes.push(replacement(tag, stop, bytes));
      }
    }
    const appended: Uint8Array[] = [];
    for (const [slot, content] of this.#now) {
      if (this.#came[slot] !== undefined || content === undefined) continue;
      const bytes = encode(slot, content);
      added += bytes.length;
      appended.push(bytes);
    }
    return { changes, appended, added };
  }

  #isChanged(slot: number): boolean {
    if (!this.#now.has(slot)) return false;
    const came = this.#came[slot];
    const now = this.#now.get(slot);
    return now === undefined || came === undefined || Buffer.compare(came, now) !== 0;
  }

  /** The slot of a key that is not in the set; -1 when it is not wanted. */
  #otherSlot(): number {
    const { isWanted, keys } = this.#wanted;
    if (isWanted === undefined) return -1;
    const { keyStart, keyStop } = reader;
    const key = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + keyStart, keyStop - keyStart).toString();
    const slots = (this.#slotOfOther ??= new Map());
    const found = slots.get(key);
    if (found !== undefined) return found;
    const slot = isWanted(key) ? keys.keys.length + this.#others.push(key) - 1 : -1;
    slots.set(key, slot);
    return slot;
  }
}

/** Reads one KeyValue in place: 1 key, the last one counts; 2 value, repeated ones are merged; 3 the position of the key, when it is not 0. */
class KeyValueReader {
  keyStart = 0;
  keyStop = 0;
  #valueStart = 0;
  #valueStop = 0;
  #pieces: [start: number, stop: number][] = [];

  /** False when its inside is broken; the cursor goes on behind it either way. */
  read(cursor: Cursor, strings: (() => StringTable) | undefined): boolean {
    const { stop } = cursor;
    const outer = cursor.enter();
    this.keyStart = this.keyStop = this.#valueStart = this.#valueStop = cursor.pos;
    if (this.#pieces.length > 0) this.#pieces = [];
    let values = 0;
    let position = 0;
    while (cursor.next()) {
      if (cursor.wire === Wire.VARINT && cursor.field === 3 && strings !== undefined)
        position = readVarint(cursor.bytes, cursor.start, cursor.stop);
      if (cursor.wire !== Wire.LEN) continue;
      if (cursor.field === 1) {
        this.keyStart = cursor.start;
        this.keyStop = cursor.stop;
      } else if (cursor.field === 2) {
        if (values++ > 0) this.#pieces.push([this.#valueStart, this.#valueStop]);
        this.#valueStart = cursor.start;
        this.#valueStop = cursor.stop;
      }
    }
    const key = position > 0 ? strings?.().at(position) : undefined;
    if (key !== undefined) {
      this.keyStart = key.start;
      this.keyStop = key.stop;
    }
    const isWhole = cursor.problem === "" && (position === 0 || key !== undefined);
    cursor.problem = "";
    cursor.pos = stop;
    cursor.end = outer;
    return isWhole;
  }

  /** The content of its AnyValue; a string that it points to stands in it. */
  content(bytes: Uint8Array, strings: (() => StringTable) | undefined): Uint8Array {
    const last = bytes.subarray(this.#valueStart, this.#valueStop);
    const content =
      this.#pieces.length === 0
        ? last
        : Buffer.concat([...this.#pieces.map(([start, stop]) => bytes.subarray(start, stop)), last]);
    if (content.length === 0) return nothing;
    return strings === undefined ? content : withoutPosition(content, bytes, strings());
  }
}

/** AnyValue: 8 string_value_strindex becomes 1 string_value when it is what counts. */
function withoutPosition(content: Uint8Array, bytes: Uint8Array, strings: StringTable): Uint8Array {
  const cursor = new Cursor(content);
  let position = -1;
  while (cursor.next())
    if (cursor.field <= 8)
      position =
        cursor.field === 8 && cursor.wire === Wire.VARINT ? readVarint(content, cursor.start, cursor.stop) : -1;
  const string = position < 0 ? undefined : strings.at(position);
  if (string === undefined) return content;
  return lengthDelimited(1, bytes.subarray(string.start, string.stop));
}

/** One for all lists: nothing of it is kept between two attributes. */
const reader = new KeyValueReader();
