import { AttributeReader } from "../wire/attribute.ts";
import { type Change, type Message, messageChange } from "../editing/changes.ts";
import { Cursor, Wire } from "../wire/cursor.ts";
import type { Entity } from "./entity-refs.ts";
import { keyValueIndirection, type Reading } from "../reading.ts";
import type { Present, Stamp } from "./stamp.ts";

/** How a stamp is put on: existing attributes are kept unless they are empty, or replaced; those of `stays`, by index, are kept also empty. */
export type Mode = {
  readonly override: boolean;
  readonly stays?: ReadonlySet<number> | undefined;
  /** Entities that a resource is of from then on, unless it has one of the type. */
  readonly entities?: readonly Entity[] | undefined;
};

/** What is stamped: messages that are field `no` of their parent and have their attributes in `field`. */
export type Stamping = {
  readonly no: number;
  readonly field: number;
  readonly stamp: Stamp & Mode;
  /** Other fields that go behind the last message's. */
  readonly more?: readonly Uint8Array[];
};

/**
 * The changes that put the stamp on messages that count as one, merged as protobuf does. For each attribute: absent, it is put
 * behind the last message's fields; present with something in it, it is kept; present and empty everywhere, or `override`,
 * the first one is replaced and the others go. None when that adds nothing, or when a message is broken: it stays as it is.
 */
export function stampMessages(reading: Reading, messages: readonly Message[], stamping: Stamping): readonly Change[] {
  const found = occurrences(reading, messages, stamping);
  return found === undefined ? [] : stampAt(found, messages, stamping);
}

/** The same, where it is known what the messages have of the stamp. */
export function stampAt(
  found: readonly Occurrence[],
  messages: readonly Message[],
  stamping: Stamping,
): readonly Change[] {
  const changes = editAttributes(found, stamping);
  const end = messages.at(-1)?.stop ?? 0;
  const appended = [...stamping.stamp.missing(stamping.field, found), ...(stamping.more ?? [])];
  if (appended.length > 0)
    changes.push({ start: end, stop: end, write: (out) => appended.forEach((each) => out.insert(each)) });
  let next = 0;
  return messages.flatMap((message) => {
    const from = next;
    while ((changes[next]?.stop ?? Infinity) <= message.stop) next++;
    return messageChange(stamping.no, message, changes.slice(from, next));
  });
}

/** An attribute that is there, and where it stands. */
export type Occurrence = Present & {
  readonly start: number;
  readonly stop: number;
  readonly isEmpty: boolean;
};

/** Where the stamp's own keys stand in the messages; undefined when a message is broken. */
export function occurrences(
  { bytes, strings }: Reading,
  messages: readonly Message[],
  { field, stamp }: Pick<Stamping, "field" | "stamp">,
): Occurrence[] | undefined {
  const found: Occurrence[] = [];
  const attribute = new AttributeReader(keyValueIndirection(strings));
  const cursor = new Cursor(bytes);
  for (const message of messages) {
    cursor.pos = message.start;
    cursor.end = message.stop;
    while (cursor.next()) {
      if (cursor.field !== field || cursor.wire !== Wire.LEN) continue;
      const { tag, stop } = cursor;
      const key = attribute.find(cursor, stamp.keys);
      if (key >= 0) found.push({ key, start: tag, stop, isEmpty: attribute.kind === "empty" });
    }
    if (cursor.problem !== "") return undefined;
  }
  return found;
}

const nothing = new Uint8Array();

/** Whether all of them stay as they are: the stamp then only adds what is missing. */
export function areKept(found: readonly Occurrence[], { override, stays }: Mode): boolean {
  if (found.length === 0) return true;
  return !override && found.every(({ key, isEmpty }) => !isEmpty || stays?.has(key) === true);
}

/** What becomes of the attributes that were found. */
function editAttributes(found: readonly Occurrence[], { field, stamp }: Stamping): Change[] {
  const count = stamp.keys.keys.length;
  const isKept = new Uint8Array(count);
  if (!stamp.override)
    for (const { key, isEmpty } of found) if (!isEmpty || stamp.stays?.has(key) === true) isKept[key] = 1;
  const isPresent = new Uint8Array(count);
  const changes: Change[] = [];
  for (const { key, start, stop } of found) {
    const bytes = isPresent[key] === 1 ? nothing : stamp.slice(field, key, key + 1);
    isPresent[key] = 1;
    if (isKept[key] !== 1) changes.push({ start, stop, write: (out) => out.insert(bytes) });
  }
  return changes;
}
