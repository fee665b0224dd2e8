import { Wire } from "../wire/cursor.ts";
import { enums, messages } from "./messages.ts";

/** How a value is written on either side. `id16` and `id8` are bytes of that length, or none, which JSON has in hex. */
export type Kind =
  | "string"
  | "bytes"
  | "id16"
  | "id8"
  | "bool"
  | "int32"
  | "uint32"
  | "sint32"
  | "enum"
  | "int64"
  | "uint64"
  | "fixed32"
  | "fixed64"
  | "sfixed64"
  | "double"
  | "message";

/** One field of a message. */
export type Field = {
  readonly no: number;
  /** In lowerCamelCase. */
  readonly name: string;
  readonly kind: Kind;
  readonly isRepeated: boolean;
  /** Whether a default value differs from none. */
  readonly hasPresence: boolean;
  readonly oneof: string | undefined;
  /** Its place in the message's list, which is its bit in a set of fields. */
  readonly index: number;
  /** Its place among the fields of all messages. */
  readonly id: number;
  /** Wire type of one value, outside a packed list. */
  readonly wire: number;
  /** The names of an enum, from zero on. */
  readonly words: readonly string[];
  /** The type of a message. */
  readonly message: Message | undefined;
  /** `"name":` */
  readonly label: Buffer;
};

/** A name by which JSON may call a field. */
export type Name = { readonly bytes: Buffer; readonly field: Field };

/** A type of message. */
export type Message = {
  readonly name: string;
  readonly fields: readonly Field[];
  /** By field number; with holes. */
  readonly byNumber: readonly (Field | undefined)[];
  /** By the hash of the name; the name must be compared still. */
  readonly byHash: ReadonlyMap<number, Name>;
};

/** Names of the messages that there are. */
export type MessageName = keyof typeof messages;

/** The messages that stand alone: what is asked and answered, by signal. */
export const requestNames = {
  traces: "ExportTraceServiceRequest",
  logs: "ExportLogsServiceRequest",
  metrics: "ExportMetricsServiceRequest",
  profiles: "ExportProfilesServiceRequest",
} as const satisfies Record<string, MessageName>;

export const responseNames = {
  traces: "ExportTraceServiceResponse",
  logs: "ExportLogsServiceResponse",
  metrics: "ExportMetricsServiceResponse",
  profiles: "ExportProfilesServiceResponse",
} as const satisfies Record<keyof typeof requestNames, MessageName>;

/** One step of the hash of a name, from 0 on. */
export function hashStep(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const known = compile();

/** How many fields all messages have together: one more than the largest `id`. */
export const fieldCount = [...known.values()].reduce((sum, { fields }) => sum + fields.length, 0);

/** The type of that name. */
export function messageOf(name: MessageName): Message {
  const found = known.get(name);
  if (found === undefined) throw new Error(`Cannot find the message ${name}: must be one of messages.ts`);
  return found;
}

/** Reads the table; types that refer to themselves are linked in a second round. */
function compile(): ReadonlyMap<string, Message> {
  const compiled = new Map<string, Mutable<Message>>();
  const open: { field: Mutable<Field>; type: string }[] = [];
  let count = 0;
  for (const [name, text] of Object.entries(messages)) {
    const fields = text.split(",").map((line, index) => {
      const { field, type } = fieldOf(line.trim(), { index, id: count++ });
      if (field.kind === "message") open.push({ field, type });
      return field;
    });
    const byNumber: (Field | undefined)[] = [];
    for (const field of fields) byNumber[field.no] = field;
    compiled.set(name, { name, fields, byNumber, byHash: byHash(fields) });
  }
  for (const { field, type } of open) {
    field.message = compiled.get(type);
    if (field.message === undefined) throw new Error(`Cannot read messages.ts: ${type} must be a message, is none`);
  }
  return compiled;
}

function fieldOf(line: string, place: { index: number; id: number }): { field: Mutable<Field>; type: string } {
  const [, no = "", name = "", type = "", mark = "", oneof] =
    /^(\d+) (\w+) (\w+)(\[\]|\?)?(?::(\w+))?$/.exec(line) ?? [];
  const words = Object.entries(enums).find(([title]) => title === type)?.[1] ?? [];
  const kind = words.length > 0 ? "enum" : kindOf(type);
  const field = {
    no: Number(no),
    name,
    kind,
    isRepeated: mark === "[]",
    hasPresence: mark === "?",
    oneof,
    ...place,
    wire: wireOf(kind),
    words,
    message: undefined,
    label: Buffer.from(`"${name}":`),
  };
  return { field, type };
}

function kindOf(type: string): Kind {
  switch (type) {
    case "string":
    case "bytes":
    case "id16":
    case "id8":
    case "bool":
    case "int32":
    case "uint32":
    case "sint32":
    case "int64":
    case "uint64":
    case "fixed32":
    case "fixed64":
    case "sfixed64":
    case "double":
      return type;
  }
  return "message";
}

function wireOf(kind: Kind): number {
  switch (kind) {
    case "string":
    case "bytes":
    case "id16":
    case "id8":
    case "message":
      return Wire.LEN;
    case "fixed32":
      return Wire.I32;
    case "fixed64":
    case "sfixed64":
    case "double":
      return Wire.I64;
    case "bool":
    case "int32":
    case "uint32":
    case "sint32":
    case "enum":
    case "int64":
    case "uint64":
      return Wire.VARINT;
  }
}

/** Both spellings of each name: lowerCamelCase, and snake_case as the .proto files have it, which the Collector takes too. */
function byHash(fields: readonly Field[]): ReadonlyMap<number, Name> {
  const names = new Map<number, Name>();
  for (const field of fields) {
    for (const name of new Set([field.name, snakeCase(field.name)])) {
      const bytes = Buffer.from(name);
      const hash = bytes.reduce(hashStep, 0);
      if (names.has(hash)) throw new Error(`Cannot read messages.ts: the hash of ${name} must be its own`);
      names.set(hash, { bytes, field });
    }
  }
  return names;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
