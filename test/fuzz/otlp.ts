import { check } from "../../src/otlp/check.ts";
import { beginOf, group, sizeOfGroup } from "../../src/otlp/parting/grouping.ts";
import { mostRepeatedBytes } from "../../src/otlp/parting/repeated.ts";
import type { Grouping } from "../../src/otlp/parting/grouping.ts";
import { jsonToProtobuf } from "../../src/otlp/json/read.ts";
import { requestNames } from "../../src/otlp/json/schema.ts";
import { protobufToJson } from "../../src/otlp/json/write.ts";
import { AttributeReader } from "../../src/otlp/wire/attribute.ts";
import { Cursor, Wire } from "../../src/otlp/wire/cursor.ts";
import { keySet } from "../../src/otlp/wire/keys.ts";
import { read } from "../../src/otlp/reading.ts";
import type { Reading } from "../../src/otlp/reading.ts";
import { copierOf } from "../../src/otlp/rope/rope.ts";
import type { Signal } from "../../src/otlp/signals.ts";
import { Splice } from "../../src/otlp/rope/splice.ts";
import { split } from "../../src/otlp/parting/split.ts";
import { createStamp } from "../../src/otlp/stamping/stamp.ts";
import { groupWriter, recordsOf, writeInline, writeRequest, writeResource } from "../../src/otlp/stamping/stamping.ts";
import { mustBe } from "./promise.ts";

const wanted = keySet(["container.id", "k8s.pod.uid"]);
const stamp = { ...createStamp(new Map([["k8s.pod.name", "web-1"]])), override: false };
/** Beyond this a request is not parted, as in the processor. */
const mostRepeated = 1024 * 1024;
const mostItems = 10_000;

/** What the door lets in everything behind it can take, and makes nothing of it that the door would not let in. */
export function runProtobuf(signal: Signal, bytes: Buffer): void {
  const checked = check(signal, bytes);
  if (checked.status === "malformed") return;
  const { items } = checked;
  const reading = read(signal, bytes, wanted);
  const groupings = reading.resources.map((resource) => group(reading, resource, wanted));
  for (const grouping of groupings) {
    mustBe(isPermutation(grouping.order), "each record is in one group");
    if (reading.strings === undefined) mustHaveItsNames(reading, grouping);
  }
  mustKeep({ signal, items, what: "a stamped request has the same items" }, bytes, (out) =>
    writeRequest(out, reading, (resource) => writeResource(out, reading, resource, stamp)),
  );
  mustKeep({ signal, items, what: "a request whose records are stamped has the same items" }, bytes, (out) =>
    writeRequest(out, reading, (_, index) => {
      const grouping = groupings[index];
      if (grouping !== undefined) writeInline(out, reading, grouping, (number) => (number > 0 ? stamp : undefined));
    }),
  );
  if (items > mostItems) return;
  if (groupings.every((grouping) => mostRepeatedBytes(grouping) < mostRepeated))
    mustKeep({ signal, items, what: "a request that is parted into groups has the same items" }, bytes, (out) =>
      writeRequest(out, reading, (_, index) => {
        const grouping = groupings[index];
        if (grouping === undefined) return;
        const write = groupWriter(out, reading, grouping);
        grouping.ends.forEach((end, number) => {
          if (end > beginOf(grouping, number)) write(recordsOf(grouping, number), number > 0 ? stamp : undefined);
        });
      }),
    );
  const pieces = split(signal, bytes, 2).map((piece) => check(signal, piece.bytes));
  const sum = pieces.reduce((all, piece) => all + (piece.status === "valid" ? piece.items : NaN), 0);
  mustBe(sum === items, "the pieces of a request have its items");
  protobufToJson(requestNames[signal], bytes);
}

export function runJson(signal: Signal, bytes: Buffer): void {
  const made = jsonToProtobuf(requestNames[signal], bytes);
  if (made.status === "malformed") return;
  const checked = check(signal, made.bytes);
  mustBe(checked.status === "valid", "what is made of JSON passes the door");
  const again = protobufToJson(requestNames[signal], made.bytes);
  mustBe(again.status === "ok", "what was made of JSON can be made JSON again");
}

type Kept = { readonly signal: Signal; readonly items: number; readonly what: string };

/** What `write` makes of the request passes the door with as many items, and is the same whether it is made at once or in small pieces. */
function mustKeep({ signal, items, what }: Kept, source: Buffer, write: (out: Splice) => void): void {
  const out = new Splice(source);
  write(out);
  const bytes = out.toBytes();
  const checked = check(signal, bytes);
  mustBe(checked.status === "valid" && checked.items === items, what);
  const copy = Buffer.alloc(bytes.length);
  const copier = copierOf(out.toRope());
  for (let at = 0, size = 1; at < copy.length; at += size, size = 1 + ((size * 7) % 50))
    copier.copy(copy, at, Math.min(size, copy.length - at));
  mustBe(copy.equals(bytes), "a request that is written in pieces is the same as one that is written at once");
}

function isPermutation(order: readonly number[]): boolean {
  const seen = new Uint8Array(order.length);
  for (const record of order) seen[record] = 1;
  return seen.every((count) => count === 1);
}

/** A record is in the group of the names that a careful look finds in it. */
function mustHaveItsNames(reading: Reading, grouping: Grouping): void {
  const attribute = new AttributeReader();
  const cursor = new Cursor(reading.bytes);
  for (let number = 0; number < grouping.groups; number++) {
    const values = wanted.keys.map((_, key) => grouping.value(number, key));
    const end = beginOf(grouping, number) + sizeOfGroup(grouping, number);
    for (let place = beginOf(grouping, number); place < end; place++) {
      const record = grouping.order[place] ?? 0;
      const { attributes = 0 } = grouping.frames[grouping.frameOf[record] ?? -1] ?? {};
      cursor.pos = grouping.starts[record] ?? 0;
      cursor.end = grouping.stops[record] ?? 0;
      const names = cursor.next() ? namesOf(cursor, attribute, attributes) : [];
      mustBe(
        wanted.keys.every((_, key) => names[key] === values[key]),
        "a record is in the group of its names",
      );
    }
  }
}

function namesOf(cursor: Cursor, attribute: AttributeReader, attributes: number): readonly (string | undefined)[] {
  const names: (string | undefined)[] = [];
  cursor.enter();
  while (cursor.next()) {
    if (cursor.field !== attributes || cursor.wire !== Wire.LEN) continue;
    const key = attribute.find(cursor, wanted);
    if (key >= 0 && attribute.kind === "string")
      names[key] ??= Buffer.from(cursor.bytes).toString("utf8", attribute.valueStart, attribute.valueStop);
  }
  cursor.problem = "";
  return names;
}
