import { AttributeReader } from "./attribute.ts";
import { Cursor, Wire } from "./cursor.ts";
import { extend, type Grouping, type Reading, type ResourceReading } from "./reading.ts";
import { shapes } from "./signals.ts";
import { Splice } from "./splice.ts";
import type { Stamp } from "./stamp.ts";

/** How a stamp is put on: existing attributes are kept unless they are empty, or replaced. */
export type Mode = { readonly override: boolean };

/** Appends the resource as it is, or with the stamp on its Resource message. */
export function writeResource(out: Splice, reading: Reading, resource: ResourceReading, stamp: (Stamp & Mode) | undefined): void {
  const content = stamp && stampResource(reading, resource, stamp);
  if (content === undefined) out.copy(resource.tag, resource.stop);
  else out.message(1, content);
}

/** Appends one group of a resource's records as a resource of its own: its fields, the stamp, the scopes that have a record in the group. */
export function writeGroup(out: Splice, reading: Reading, grouping: Grouping, group: { index: number; stamp: (Stamp & Mode) | undefined }): void {
  const { before, after } = besideScopes(reading, grouping.resource);
  const content = new Splice(reading.bytes);
  const head = group.stamp && stampFields(reading, before, group.stamp);
  if (head === undefined) copyRanges(content, before);
  else content.append(head);
  writeScopes(content, reading, grouping, group.index);
  copyRanges(content, after);
  out.message(1, content);
}

/** Appends the resource with each record of a stamped group carrying the stamp in its own attributes. */
export function writeInline(out: Splice, reading: Reading, grouping: Grouping, stampOf: (group: number) => (Stamp & Mode) | undefined): void {
  const field = shapes[reading.signal].recordAttributes;
  const stamps: ((Stamp & Mode) | undefined)[] = [];
  grouping.groups.forEach((records, index) => {
    const stamp = stampOf(index);
    for (const record of records) stamps[record] = stamp;
  });
  const content = new Splice(reading.bytes);
  const { before, after } = besideScopes(reading, grouping.resource);
  copyRanges(content, before);
  let record = 0;
  grouping.scopes.forEach((scope, index) => {
    const inner = new Splice(reading.bytes);
    copyRanges(inner, scope.before);
    for (; grouping.scopeOf[record] === index; record++) {
      const start = grouping.starts[record] ?? 0;
      const stop = grouping.stops[record] ?? 0;
      const stamp = stamps[record];
      const cursor = new Cursor(reading.bytes, start, stop);
      cursor.next();
      const changed = stamp && stampMessages(reading.bytes, [cursor.start, stop], { field, stamp });
      if (changed === undefined) inner.copy(start, stop);
      else inner.message(2, changed);
    }
    copyRanges(inner, scope.after);
    content.message(2, inner);
  });
  copyRanges(content, after);
  out.message(1, content);
}

/** The scopes that have a record in the group, each with its own fields and those records, in order. */
function writeScopes(out: Splice, reading: Reading, grouping: Grouping, group: number): void {
  const records = grouping.groups[group] ?? [];
  for (let i = 0; i < records.length; ) {
    const index = grouping.scopeOf[records[i] ?? 0];
    const scope = grouping.scopes[index ?? 0];
    const inner = new Splice(reading.bytes);
    copyRanges(inner, scope?.before ?? []);
    for (; i < records.length && grouping.scopeOf[records[i] ?? 0] === index; i++) {
      const record = records[i] ?? 0;
      inner.copy(grouping.starts[record] ?? 0, grouping.stops[record] ?? 0);
    }
    copyRanges(inner, scope?.after ?? []);
    out.message(2, inner);
  }
}

/** The fields of a resource that are no scopes, as ranges: those before the first scope, and the rest. */
function besideScopes(reading: Reading, resource: ResourceReading): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const cursor = new Cursor(reading.bytes, resource.start, resource.stop);
  const before: number[] = [];
  const after: number[] = [];
  let seen = false;
  while (cursor.next()) {
    if (cursor.field === 2) seen = true;
    // A Resource message behind the scopes counts like one before them: its fields are merged.
    else extend(seen && cursor.field !== 1 ? after : before, cursor.tag, cursor.stop);
  }
  return { before, after };
}

/** The content of the resource with the stamp on, or undefined when the stamp adds nothing. */
function stampResource(reading: Reading, resource: ResourceReading, stamp: Stamp & Mode): Splice | undefined {
  return stampFields(reading, [resource.start, resource.stop], stamp);
}

/** The fields in `ranges` with the stamp on the Resource message among them; a missing one is made, split ones count as one. */
function stampFields(reading: Reading, ranges: readonly number[], stamp: Stamp & Mode): Splice | undefined {
  const messages: number[] = [];
  const tags: number[] = [];
  forEachField(reading.bytes, ranges, (cursor) => {
    if (cursor.field !== 1) return;
    messages.push(cursor.start, cursor.stop);
    tags.push(cursor.tag);
  });
  const plan = makePlan(reading.bytes, messages, { field: 1, stamp });
  if (plan === undefined) return undefined;
  const out = new Splice(reading.bytes);
  if (messages.length === 0) {
    const resource = new Splice(reading.bytes);
    resource.insert(plan.appended);
    out.message(1, resource);
  }
  let message = 0;
  forEachField(reading.bytes, ranges, (cursor) => {
    if (cursor.field !== 1) return out.copy(cursor.tag, cursor.stop);
    message++;
    const isLast = message === tags.length;
    out.message(1, applyPlan(reading.bytes, [cursor.start, cursor.stop], isLast ? plan : { ...plan, appended: nothing }));
  });
  return out;
}

const nothing = new Uint8Array();

/** One message's content with the stamp among its attributes, or undefined when the stamp adds nothing. */
function stampMessages(bytes: Uint8Array, range: readonly [number, number], what: { field: number; stamp: Stamp & Mode }): Splice | undefined {
  const plan = makePlan(bytes, range, what);
  return plan && applyPlan(bytes, range, plan);
}

/** What happens to a message: existing attributes replaced or cut, the others put behind its last field. */
type Plan = { readonly edits: readonly Edit[]; readonly appended: Uint8Array };
type Edit = { readonly start: number; readonly stop: number; readonly bytes: Uint8Array };
type Occurrence = { readonly key: number; readonly start: number; readonly stop: number; readonly isEmpty: boolean };

/**
 * Decides for each attribute of the stamp over all `messages` (ranges, merged as protobuf does): absent, it is appended;
 * present with something in it, it is kept; present and empty everywhere, or `override`, the first one is replaced and the others go.
 */
function makePlan(bytes: Uint8Array, messages: readonly number[], what: { field: number; stamp: Stamp & Mode }): Plan | undefined {
  const { field, stamp } = what;
  const found = occurrences(bytes, messages, what);
  if (found.length === 0) return stamp.keys.keys.length === 0 ? undefined : { edits: [], appended: stamp.all(field) };
  const kept = new Set<number>();
  if (!stamp.override) for (const { key, isEmpty } of found) if (!isEmpty) kept.add(key);
  const seen = new Set<number>();
  const edits: Edit[] = [];
  for (const { key, start, stop } of found) {
    if (!kept.has(key)) edits.push({ start, stop, bytes: seen.has(key) ? nothing : stamp.one(field, key) });
    seen.add(key);
  }
  const appended = stamp.keys.keys.flatMap((_, key) => (seen.has(key) ? [] : [stamp.one(field, key)]));
  if (edits.length === 0 && appended.length === 0) return undefined;
  return { edits, appended: appended.length === 1 ? (appended[0] ?? nothing) : Buffer.concat(appended) };
}

/** Where the stamp's own keys stand in the messages. */
function occurrences(bytes: Uint8Array, messages: readonly number[], what: { field: number; stamp: Stamp }): Occurrence[] {
  const found: Occurrence[] = [];
  const attribute = new AttributeReader();
  forEachField(bytes, messages, (cursor) => {
    if (cursor.field !== what.field || cursor.wire !== Wire.LEN) return;
    const { tag, stop } = cursor;
    if (!attribute.read(cursor)) return;
    const key = what.stamp.keys.find(bytes, attribute.keyStart, attribute.keyStop);
    if (key >= 0) found.push({ key, start: tag, stop, isEmpty: attribute.kind === "empty" });
  });
  return found;
}

function applyPlan(bytes: Uint8Array, range: readonly [number, number], plan: Plan): Splice {
  const out = new Splice(bytes);
  let at = range[0];
  for (const { start, stop, bytes: replacement } of plan.edits) {
    if (start < range[0] || start >= range[1]) continue;
    out.copy(at, start);
    out.insert(replacement);
    at = stop;
  }
  out.copy(at, range[1]);
  out.insert(plan.appended);
  return out;
}

function forEachField(bytes: Uint8Array, ranges: readonly number[], visit: (cursor: Cursor) => void): void {
  for (let i = 0; i < ranges.length; i += 2) {
    const cursor = new Cursor(bytes, ranges[i], ranges[i + 1]);
    while (cursor.next()) visit(cursor);
  }
}

function copyRanges(out: Splice, ranges: readonly number[]): void {
  for (let i = 0; i < ranges.length; i += 2) out.copy(ranges[i] ?? 0, ranges[i + 1] ?? 0);
}
