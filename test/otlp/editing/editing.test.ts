import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern, type Pattern } from "../../../src/config/fields/pattern.ts";
import { type AttributeAction, createAttributeEditor } from "../../../src/otlp/editing/attribute-actions.ts";
import { editRecords, editResources, filterRecords } from "../../../src/otlp/editing/editing.ts";
import type { Match } from "../../../src/otlp/editing/matching.ts";
import { decode, type Decoded, emptyResource, type Frame, type KeyValue } from "../decoded.ts";
import { acted, changedRecords } from "../editing-model.ts";
import { anyRequestOf, keys } from "../requests.ts";
import { encode, field, recordsOf } from "../wire.ts";

/** Profiles have their records elsewhere: they pass. */
const anyRecords = fc.oneof(anyRequestOf("traces"), anyRequestOf("logs"), anyRequestOf("metrics"));
const anySpansOrLogs = fc.oneof(anyRequestOf("traces"), anyRequestOf("logs"));

const rules = (seed: number) => ({ seed, numRuns: 400 });

function pattern(source: string): Pattern {
  const compiled = compilePattern(source);
  if ("problem" in compiled) throw new Error(compiled.problem);
  return compiled.pattern;
}

const anyKey = fc.constantFrom(...keys, "absent");
const anyKeyPattern = fc.constantFrom(undefined, pattern("^k8s\\."), pattern("id$"), pattern("ß"));
const anySource = fc.oneof(
  fc.record({
    value: fc.oneof(fc.constantFrom("", "a", "new", "ä"), fc.constantFrom(7, 2 ** 40), fc.constant(["x", "y"])),
  }),
  fc.record({ attribute: anyKey }),
);
const anyAction: fc.Arbitrary<AttributeAction> = fc.oneof(
  fc.record({
    action: fc.constantFrom("insert" as const, "update" as const, "upsert" as const),
    key: anyKey,
    source: anySource,
  }),
  fc.record({
    action: fc.constantFrom("delete" as const, "hash" as const),
    key: fc.option(anyKey, { nil: undefined }),
    pattern: anyKeyPattern,
  }),
  fc.record({
    action: fc.constant("extract" as const),
    key: anyKey,
    pattern: fc.constantFrom(pattern("^(?P<first>.)(?P<second>.*)"), pattern("(?P<host>b)")),
  }),
  fc.record({
    action: fc.constant("convert" as const),
    key: anyKey,
    to: fc.constantFrom("string" as const, "int" as const, "double" as const),
  }),
);
const anyActions = fc.array(anyAction, { minLength: 1, maxLength: 4 });

/** Keys that stand more than once count by the first: which of the others are left says nothing. */
function once(attributes: readonly KeyValue[]): readonly KeyValue[] {
  return attributes
    .filter(({ key }, index) => attributes.findIndex((other) => other.key === key) === index)
    .map(({ key, value }) => ({ key, value }) as KeyValue);
}

function plain({ containers, ...rest }: Decoded): unknown {
  const frames = (frame: Frame) =>
    changedRecords(frame, (record) => ({ ...record, attributes: once(record.attributes) }));
  return {
    ...rest,
    containers: containers.map((container) => ({
      ...container,
      ...(container.resource === undefined
        ? {}
        : { resource: { ...container.resource, attributes: once(container.resource.attributes) } }),
      frames: container.frames.map(frames),
    })),
  };
}

function bytesOf(result: Uint8Array | undefined): Uint8Array {
  if (result === undefined) throw new Error("too large");
  return result;
}

describe("editing attributes", () => {
  test("bytes with the actions done to resources decode to the decoded request with the actions done", () => {
    const prove = fc.property(anyRecords, anyActions, ({ signal, fields }, actions) => {
      const bytes = encode(fields);
      const before = decode(signal, bytes);
      const expected = before.containers.map((container) => {
        const attributes = acted(container.resource?.attributes ?? [], actions);
        if (container.resource === undefined && attributes.length === 0) return container;
        return { ...container, resource: { ...(container.resource ?? emptyResource()), attributes } };
      });
      const after = bytesOf(editResources(signal, bytes, createAttributeEditor(actions)));
      expect(plain(decode(signal, after))).toEqual(plain({ ...before, containers: expected }));
    });
    fc.assert(prove, rules(301));
  });

  test("bytes with the actions done to records decode to the decoded request with the actions done", () => {
    const prove = fc.property(anyRecords, anyActions, ({ signal, fields }, actions) => {
      const bytes = encode(fields);
      const before = decode(signal, bytes);
      const after = bytesOf(
        editRecords(signal, bytes, {
          editor: createAttributeEditor(actions),
          selection: { include: undefined, exclude: [] },
        }),
      );
      const containers = before.containers.map((container) => ({
        ...container,
        frames: container.frames.map((frame) =>
          changedRecords(frame, (record) => ({ ...record, attributes: acted(record.attributes, actions) })),
        ),
      }));
      expect(plain(decode(signal, after))).toEqual(plain({ ...before, containers }));
    });
    fc.assert(prove, rules(302));
  });

  test("what the actions do not change leaves as the very same bytes", () => {
    const idle: AttributeAction[] = [
      { action: "update", key: "absent", source: { value: "x" } },
      { action: "upsert", key: "copy", source: { attribute: "absent" } },
      { action: "delete", key: undefined, pattern: pattern("^nobody$") },
      { action: "convert", key: "absent", to: "int" },
    ];
    const editor = createAttributeEditor(idle);
    const prove = fc.property(anyRecords, ({ signal, fields }) => {
      const bytes = encode(fields, 10);
      expect(editResources(signal, bytes, editor)).toBe(bytes);
      expect(editRecords(signal, bytes, { editor, selection: { include: undefined, exclude: [] } })).toBe(bytes);
    });
    fc.assert(prove, rules(303));
  });

  test("done twice, upserts change nothing more", () => {
    const editor = createAttributeEditor([{ action: "upsert", key: "host.name", source: { value: "n" } }]);
    const prove = fc.property(anyRecords, ({ signal, fields }) => {
      const once = bytesOf(
        editRecords(signal, encode(fields, 10), { editor, selection: { include: undefined, exclude: [] } }),
      );
      expect(editRecords(signal, once, { editor, selection: { include: undefined, exclude: [] } })).toBe(once);
    });
    fc.assert(prove, rules(304));
  });

  test("a record that is broken inside stays as it is, and the others are edited", () => {
    const record = (...content: readonly ReturnType<typeof field>[]) => field(2, content);
    const broken = record(field(9, [field(1, "host.name")]), {
      ...field(5, "abc"),
      content: Buffer.from("abc"),
      lengthPad: 0,
    });
    const bytes = encode([field(1, [field(2, [record(field(5, "good")), broken])])]);
    // The broken one's last length says one more than there is.
    const at = bytes.lastIndexOf("abc") - 1;
    bytes[at] = 4;
    const editor = createAttributeEditor([{ action: "upsert", key: "k", source: { value: "v" } }]);
    const after = bytesOf(editRecords("traces", bytes, { editor, selection: { include: undefined, exclude: [] } }));
    const [good, left] = recordsOf("traces", after);
    expect(good?.includes("k")).toBe(true);
    expect(left).toEqual(recordsOf("traces", bytes)[1]);
  });

  test("a request of empty records that would become many times as large is given up on", () => {
    const bytes = encode([
      field(1, [
        field(
          2,
          Array.from({ length: 10_000 }, () => field(2, [])),
        ),
      ]),
    ]);
    const editor = createAttributeEditor([{ action: "upsert", key: "k", source: { value: "v".repeat(4000) } }]);
    expect(editRecords("logs", bytes, { editor, selection: { include: undefined, exclude: [] } })).toBeUndefined();
    const resources = encode(Array.from({ length: 10_000 }, () => field(1, [])));
    expect(
      editResources(
        "traces",
        resources,
        createAttributeEditor([{ action: "insert", key: "k", source: { value: "v".repeat(4000) } }]),
      ),
    ).toBeUndefined();
  });
});

describe("filtering", () => {
  const isA = { key: "host.name", kind: "equal", value: "a" } as const;
  const matches: readonly (readonly [
    string,
    Match,
    (resource: readonly KeyValue[], record: readonly KeyValue[]) => boolean,
  ])[] = [
    ["attributes", { attributes: [isA] }, (_, record) => valueOf(record, "host.name") === "a"],
    ["resources", { resources: [isA] }, (resource) => valueOf(resource, "host.name") === "a"],
    [
      "both",
      { attributes: [{ key: "container.id", kind: "present" }], resources: [isA] },
      (resource, record) => valueOf(resource, "host.name") === "a" && record.some(({ key }) => key === "container.id"),
    ],
  ];

  test.each(matches)("what is left decodes to the decoded request without what went (%s)", (_, match, isMatch) => {
    const prove = fc.property(anySpansOrLogs, fc.boolean(), ({ signal, fields }, isInclude) => {
      const bytes = encode(fields);
      const before = decode(signal, bytes);
      let dropped = 0;
      const containers = before.containers.flatMap((container) => {
        const from = dropped;
        const frames = container.frames.flatMap((frame) => {
          const came = dropped;
          const changed = changedRecords(frame, (record) => {
            const isKept = isMatch(container.resource?.attributes ?? [], record.attributes) === isInclude;
            if (!isKept) dropped++;
            return isKept ? record : undefined;
          });
          return dropped > came && changed.records?.length === 0 ? [] : [changed];
        });
        return dropped > from && frames.every(({ records }) => records?.length === 0) ? [] : [{ ...container, frames }];
      });
      const after = filterRecords(
        signal,
        bytes,
        isInclude ? { include: match, exclude: [] } : { include: undefined, exclude: [match] },
      );
      expect(after.dropped).toBe(dropped);
      expect(decode(signal, after.bytes)).toEqual({ ...before, containers });
      expect(after.bytes === bytes || dropped > 0).toBe(true);
    });
    fc.assert(prove, rules(305));
  });

  function valueOf(attributes: readonly KeyValue[], key: string): unknown {
    return attributes.find((attribute) => attribute.key === key)?.value?.value.value;
  }
});
