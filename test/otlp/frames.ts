import { create, createFileRegistry, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import type { Signal } from "../../src/otlp/signals.ts";
import { parse, type Raw } from "./wire.ts";

/*
 * Two opinions on the frames of a request, next to that of check(): do all fields down to the records hold together?
 */

/** The fields of a message that are known: b bytes, i integers, a resource, the records, another message, or one of a oneof. */
type Book = { readonly [no: number]: "b" | "i" | "resource" | "records" | Book | { readonly oneof: Book } };

const scopesOf = (content: Book[number]): Book => ({ 1: { 1: "resource", 2: { 1: "b", 2: content, 3: "b" }, 3: "b" } });
const gauge: Book = { 1: "records" };
const histogram: Book = { 1: "records", 2: "i" };
const metric: Book = {
  1: "b",
  2: "b",
  3: "b",
  5: { oneof: gauge },
  7: { oneof: { 1: "records", 2: "i", 3: "i" } },
  9: { oneof: histogram },
  10: { oneof: histogram },
  11: { oneof: gauge },
  12: "b",
};
const books: { readonly [S in Signal]: Book } = {
  traces: scopesOf("records"),
  metrics: scopesOf(metric),
  logs: scopesOf("records"),
  profiles: scopesOf({ 1: "b", 2: "records" }),
};

/** Records in a request by the specification, each known field of its wire type; undefined when a frame is broken. */
export function countByTheBook(signal: Signal, bytes: Uint8Array): number | undefined {
  try {
    return countIn(books[signal], parse(bytes));
  } catch {
    return undefined;
  }
}

function countIn(book: Book, fields: readonly Raw[]): number {
  let count = 0;
  let lastOfOneof = 0;
  for (const { no, wire, value } of fields) {
    const known = book[no];
    if (known === undefined) continue;
    if (wire !== (known === "i" ? 0 : 2)) throw new Error("wire type");
    if (known === "records") count++;
    else if (known === "resource") parse(value);
    else if (typeof known !== "string") {
      const inside = oneofOf(known);
      if (inside !== undefined && no !== lastOfOneof) count = 0;
      if (inside !== undefined) lastOfOneof = no;
      count += countIn(inside ?? (known as Book), parse(value));
    }
  }
  return count;
}

function oneofOf(known: object): Book | undefined {
  return "oneof" in known ? (known.oneof as Book) : undefined;
}

const schemas = Object.fromEntries(Object.entries(books).map(([signal, book]) => [signal, framesSchema(book)]));

/** Records in a request by Protobuf-ES, for which everything that check() does not look into is just bytes; or why it cannot tell. */
export function countByProtobufEs(signal: Signal, bytes: Uint8Array): number | string {
  const schema = schemas[signal];
  if (schema === undefined) throw new Error(`Cannot find a schema of ${signal}`);
  try {
    return recordsIn(fromBinary(schema, bytes));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function recordsIn(message: unknown): number {
  if (message instanceof Uint8Array || typeof message !== "object" || message === null) return 0;
  if (Array.isArray(message)) return message.reduce<number>((sum, each) => sum + recordsIn(each), 0);
  return Object.entries(message)
    .filter(([name]) => !name.startsWith("$"))
    .reduce((sum, [name, value]) => sum + (name === "records" ? (value as unknown[]).length : recordsIn(value)), 0);
}

/** A message type whose fields are as the book has them, with one type for each message in it. */
function framesSchema(book: Book): DescMessage {
  let count = 0;
  const messageType = (name: string, content: Book): object => {
    const nested: object[] = [];
    const field = Object.entries(content).map(([no, known]) => {
      const base = { number: Number(no), label: FieldDescriptorProto_Label.REPEATED };
      if (known === "i")
        return {
          ...base,
          name: `number_${no}`,
          label: FieldDescriptorProto_Label.OPTIONAL,
          type: FieldDescriptorProto_Type.INT64,
        };
      if (typeof known === "string" && known !== "resource")
        return {
          ...base,
          name: known === "records" ? "records" : `bytes_${no}`,
          type: FieldDescriptorProto_Type.BYTES,
        };
      const inner = `M${++count}`;
      const oneof = typeof known === "string" ? undefined : oneofOf(known);
      nested.push(messageType(inner, oneof ?? (known === "resource" ? {} : (known as Book))));
      const type = { name: `message_${no}`, type: FieldDescriptorProto_Type.MESSAGE, typeName: inner };
      return oneof === undefined
        ? { ...base, ...type }
        : { ...base, ...type, label: FieldDescriptorProto_Label.OPTIONAL, oneofIndex: 0 };
    });
    const hasOneof = field.some((each) => "oneofIndex" in each);
    return { name, field, nestedType: nested, oneofDecl: hasOneof ? [{ name: "data" }] : [] };
  };
  const named = qualify(messageType("Request", book), "");
  const file = create(FileDescriptorProtoSchema, { name: "frames.proto", syntax: "proto3", messageType: [named] });
  const found = createFileRegistry(file, () => undefined).getMessage("Request");
  if (found === undefined) throw new Error("Cannot find Request");
  return found;
}

/** The types of fields with the names of the messages that they are declared in. */
function qualify(message: object, outer: string): object {
  const { name, field, nestedType } = message as { name: string; field: { typeName?: string }[]; nestedType: object[] };
  const own = `${outer}.${name}`;
  return {
    ...message,
    field: field.map((each) => (each.typeName === undefined ? each : { ...each, typeName: `${own}.${each.typeName}` })),
    nestedType: nestedType.map((each) => qualify(each, own)),
  };
}
