import { Cursor } from "./wire/cursor.ts";
import { type Level, type LevelField, requests, resourceLevel } from "./levels.ts";
import type { Signal } from "./signals.ts";

/** What the door finds: how many records a request holds, or where its frames are broken and how. */
export type Checked =
  | { readonly status: "valid"; readonly items: number }
  | { readonly status: "malformed"; readonly problem: string };

/**
 * Resources and scopes in one request. Each costs a few hundred bytes of memory once it is read but as little as two on
 * the wire, so that without a limit a small request could fill the heap.
 */
const maxParts = 100_000;
/** Metrics, the messages in them that hold the data points, and profiles, for the same reason. */
const maxInnerParts = 200_000;

/**
 * Checks the frames of an Export…ServiceRequest down to its records (spans, data points, log records, samples): lengths,
 * wire types, no overrun. What lies inside a record, a scope or a profiles request's dictionary is not looked at.
 */
export function check(signal: Signal, bytes: Uint8Array): Checked {
  const { name, level } = requests[signal];
  const cursor = new Cursor(bytes);
  const items = count(cursor, level, { parts: 0, innerParts: 0 });
  if (items >= 0) return { status: "valid", items };
  return { status: "malformed", problem: `Cannot read ${name}: ${cursor.problem}` };
}

/** How many records a resource of a checked request holds. */
export function countRecords(
  signal: Signal,
  bytes: Uint8Array,
  resource: { readonly start: number; readonly stop: number },
): number {
  const cursor = new Cursor(bytes, resource.start, resource.stop);
  return Math.max(0, count(cursor, resourceLevel(signal), { parts: 0, innerParts: 0 }));
}

type Walk = { parts: number; innerParts: number };

/** Records in the message that the cursor is in, or -1 with the cursor's problem set. */
function count(cursor: Cursor, level: Level, walk: Walk): number {
  const { fields, isOneof } = level;
  let items = 0;
  let index = 0;
  let lastKind = 0;
  while (cursor.next()) {
    const known = cursor.field < fields.length ? fields[cursor.field] : undefined;
    if (known === undefined) continue;
    if (cursor.wire !== known.wire) return misplaced(cursor, known);
    const { role } = known;
    if (role.kind === "record") items++;
    else if (role.kind === "resource") {
      if (!isFramed(cursor)) return within(cursor, known.name);
    } else if (role.kind === "frame") {
      const isTooMany = role.isInner ? ++walk.innerParts > maxInnerParts : ++walk.parts > maxParts;
      if (isTooMany) return tooMany(cursor, role.isInner);
      if (isOneof && cursor.field !== lastKind) items = 0;
      lastKind = cursor.field;
      const outer = cursor.enter();
      const found = count(cursor, role.inside, walk);
      if (found < 0) return within(cursor, role.isRepeated ? `${known.name}[${index}]` : known.name);
      cursor.leave(outer);
      items += found;
      index++;
    }
  }
  return cursor.problem === "" ? items : -1;
}

/** Whether the fields of the message under the cursor are whole, so that something can be put behind the last of them. */
function isFramed(cursor: Cursor): boolean {
  const outer = cursor.enter();
  while (cursor.next());
  if (cursor.problem !== "") return false;
  cursor.leave(outer);
  return true;
}

const wireNames = ["a varint", "64 bits long", "length-delimited"];

function misplaced(cursor: Cursor, { name, wire }: LevelField): -1 {
  cursor.problem = `${name} must be ${wireNames[wire] ?? wire}, has wire type ${cursor.wire} (byte ${cursor.tag})`;
  return -1;
}

function tooMany(cursor: Cursor, isInner: boolean): -1 {
  const rule = isInner ? `${maxInnerParts} metrics, their data, and profiles` : `${maxParts} resources and scopes`;
  cursor.problem = `must have at most ${rule}, has more (byte ${cursor.tag})`;
  return -1;
}

function within(cursor: Cursor, place: string): -1 {
  cursor.problem = `${place}: ${cursor.problem}`;
  return -1;
}
