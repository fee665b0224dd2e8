import { equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescField, DescMessage, Message as PbMessage } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe as group, expect, test } from "vitest";
import { jsonToProtobuf } from "../../../src/otlp/json/read.ts";
import { messageOf, requestNames, responseNames } from "../../../src/otlp/json/schema.ts";
import type { Message, MessageName } from "../../../src/otlp/json/schema.ts";
import type { Transcoded } from "../../../src/otlp/json/limits.ts";
import { protobufToJson } from "../../../src/otlp/json/write.ts";
import { anyRequestOf } from "../requests.ts";
import { encode } from "../wire.ts";
import { anyMessage } from "./any-message.ts";
import { describe, isId, otlpJson } from "./library.ts";

const signals = ["traces", "logs", "metrics", "profiles"] as const;
const wholes: readonly (readonly [MessageName, DescMessage])[] = signals.flatMap((signal) => [
  [requestNames[signal], describe(signal, "Request")] as const,
  [responseNames[signal], describe(signal, "Response")] as const,
]);

function done(transcoded: Transcoded): Buffer {
  if (transcoded.status === "ok") return transcoded.bytes;
  throw new Error(transcoded.problem);
}

/** The fields of a message of another library in the words of our table, and so on through all that it holds. */
function flatten(desc: DescMessage, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(desc.typeName)) return seen;
  seen.set(
    desc.typeName,
    desc.fields.map(
      (field) =>
        `${field.number} ${field.jsonName} ${kindOf(field)} ${field.fieldKind === "list"} ${hasPresence(field)} ${field.oneof?.name}`,
    ),
  );
  for (const { message } of desc.fields) if (message !== undefined) flatten(message, seen);
  return seen;
}

const scalarNames = [
  "",
  "double",
  "float",
  "int64",
  "uint64",
  "int32",
  "fixed64",
  "fixed32",
  "bool",
  "string",
  "group",
  "message",
  "bytes",
  "uint32",
  "enum",
  "sfixed32",
  "sfixed64",
  "sint32",
  "sint64",
];

function kindOf(field: DescField): string | undefined {
  if (isId(field)) return field.name.endsWith("span_id") ? "id8" : "id16";
  if (field.message !== undefined) return "message";
  if (field.enum !== undefined) return field.enum.values.map(({ name, number }) => `${name}=${number}`).join();
  return field.fieldKind === "scalar" || field.fieldKind === "list" ? scalarNames[field.scalar ?? 0] : undefined;
}

function hasPresence(field: DescField): boolean {
  return field.fieldKind !== "list" && field.message === undefined && field.proto.proto3Optional
    ? true
    : field.oneof !== undefined;
}

function flattenOurs(message: Message, desc: DescMessage, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(desc.typeName)) return seen;
  seen.set(
    desc.typeName,
    message.fields.map(
      ({ no, name, kind, words, isRepeated, hasPresence: has, oneof }) =>
        `${no} ${name} ${kind === "enum" ? words.map((word, index) => `${word}=${index}`).join() : kind} ${isRepeated} ${has} ${oneof}`,
    ),
  );
  for (const field of message.fields) {
    const inner = desc.fields.find(({ number }) => number === field.no)?.message;
    if (field.message !== undefined && inner !== undefined) flattenOurs(field.message, inner, seen);
  }
  return seen;
}

const sortedByNumber = (fields: Map<string, string[]>) =>
  Object.fromEntries(
    [...fields].map(([name, lines]) => [name, lines.toSorted((a, b) => Number.parseInt(a) - Number.parseInt(b))]),
  );

group.each(wholes)("%s", (name, desc) => {
  test("has in the table what proto/ has", () => {
    expect(sortedByNumber(flattenOurs(messageOf(name), desc))).toEqual(sortedByNumber(flatten(desc)));
  });

  test("becomes the JSON that another library makes of it, but for ids and enums", () => {
    fc.assert(
      fc.property(anyMessage(desc), (message) => {
        const json: unknown = JSON.parse(done(protobufToJson(name, toBinary(desc, message))).toString());
        expect(json).toEqual(otlpJson(desc, message));
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    ["lowerCamelCase", false, undefined],
    ["snake_case and white space", true, "\t\r\n "],
  ] as const)("is read from JSON with %s", (_, isSnake, space) => {
    fc.assert(
      fc.property(anyMessage(desc), (message) => {
        const json = Buffer.from(JSON.stringify(otlpJson(desc, message, isSnake), undefined, space));
        const read: PbMessage = fromBinary(desc, done(jsonToProtobuf(name, json)));
        expect(equals(desc, read, message)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test("comes back as the same bytes from its own JSON", () => {
    fc.assert(
      fc.property(anyMessage(desc), (message) => {
        const bytes = done(jsonToProtobuf(name, done(protobufToJson(name, toBinary(desc, message)))));
        expect(Buffer.from(toBinary(desc, fromBinary(desc, bytes)))).toEqual(Buffer.from(toBinary(desc, message)));
        const again = done(jsonToProtobuf(name, done(protobufToJson(name, bytes))));
        expect(again).toEqual(bytes);
      }),
      { numRuns: 100 },
    );
  });
});

test.each(["traces", "logs"] as const)(
  "%s with fields that come twice, unknown ones and long varints become the JSON of what another library reads",
  (signal) => {
    fc.assert(
      fc.property(anyRequestOf(signal), ({ fields }) => {
        const desc = describe(signal, "Request");
        const bytes = encode(fields);
        const json: unknown = JSON.parse(done(protobufToJson(requestNames[signal], bytes)).toString());
        expect(withoutDefaults(json)).toEqual(withoutDefaults(otlpJson(desc, fromBinary(desc, bytes))));
      }),
      { numRuns: 500 },
    );
  },
);

/** Without what protobuf takes for not set, which we pass on when it is in the bytes. */
function withoutDefaults(json: unknown, isValue = false): unknown {
  if (Array.isArray(json)) return json.map((item) => withoutDefaults(item));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .map(([key, value]) => [key, withoutDefaults(value)])
      .filter(
        ([key, value]) => isValue || String(key).endsWith("Value") || !["", 0, "0", false].includes(value as string),
      ),
  );
}
