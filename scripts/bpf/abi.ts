import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";

/** A type of `bpftool btf dump -j`, as far as records use it. */
type BtfType = {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly encoding?: string;
  readonly type_id?: number;
  readonly nr_elems?: number;
  readonly members?: readonly { readonly name: string; readonly type_id: number; readonly bits_offset: number }[];
  readonly values?: readonly { readonly name: string; readonly val: number }[];
};

type Field = { readonly name: string; readonly offset: number; readonly size: number; readonly type: string };
type RecordType = { readonly name: string; readonly size: number; readonly fields: readonly Field[] };
type EnumType = { readonly name: string; readonly values: readonly { readonly name: string; readonly val: number }[] };

/** What is known of the records: the module's text and the hash of the layout, which the loader is compiled with. */
export type Abi = { readonly source: string; readonly layoutHash: number };

/** Reads the records' layout from the BTF of an object compiled of bpf/abi.c; throws when a record has a hole. */
export function readAbi(object: string, env: NodeJS.ProcessEnv): Abi {
  const dump = execFileSync("bpftool", ["btf", "dump", "file", object, "-j"], {
    env,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const { types } = JSON.parse(dump) as { types: readonly BtfType[] };
  const byId = new Map(types.map((type) => [type.id, type]));
  const enums = types.filter((type) => type.kind === "ENUM").map(enumOf);
  const records = types.filter((type) => type.kind === "STRUCT").map((type) => recordOf(type, byId));
  const layoutHash = createHash("sha256").update(JSON.stringify({ enums, records })).digest().readUInt32LE(0);
  return { source: sourceOf(enums, records, layoutHash), layoutHash };
}

function enumOf(type: BtfType): EnumType {
  return { name: type.name, values: type.values ?? [] };
}

function recordOf(type: BtfType, byId: ReadonlyMap<number, BtfType>): RecordType {
  const fields = (type.members ?? []).map((member) => ({
    name: member.name,
    offset: member.bits_offset / 8,
    ...shapeOf(member.type_id, byId),
  }));
  let end = 0;
  for (const field of fields) {
    if (field.offset !== end)
      throw new Error(`Cannot use ${type.name}.${field.name}: must begin where the field before ends, at ${end}`);
    end += field.size;
  }
  if (end !== type.size) throw new Error(`Cannot use ${type.name}: must end with its last field, at ${end}`);
  return { name: type.name, size: end, fields };
}

function shapeOf(id: number, byId: ReadonlyMap<number, BtfType>): { readonly size: number; readonly type: string } {
  const type = byId.get(id);
  if (type === undefined) throw new Error(`Cannot read BTF: type ${id} must be there`);
  switch (type.kind) {
    case "TYPEDEF":
      return shapeOf(type.type_id ?? 0, byId);
    case "ARRAY": {
      const element = shapeOf(type.type_id ?? 0, byId);
      const count = type.nr_elems ?? 0;
      return { size: element.size * count, type: `${element.type}[${count}]` };
    }
    case "INT":
      return { size: type.size ?? 0, type: type.name === "char" ? "char" : intName(type) };
    case "STRUCT":
      return { size: type.size ?? 0, type: type.name };
    default:
      throw new Error(`Cannot use a ${type.kind} in a record: must be an integer, an array or a struct`);
  }
}

function intName(type: BtfType): string {
  return `${type.encoding === "SIGNED" ? "i" : "u"}${(type.size ?? 0) * 8}`;
}

/** The module's text: constants only, so that reading a record makes no object. */
function sourceOf(enums: readonly EnumType[], records: readonly RecordType[], layoutHash: number): string {
  const parts = [
    "// Made from bpf/include/events.h by `npm run build:bpf`: do not edit.",
    `/** What a loader of this layout says in its EV_HELLO. */\nexport const layoutHash = 0x${layoutHash.toString(16).padStart(8, "0")};`,
    ...enums.map(enumSource),
    ...records.map(recordSource),
  ];
  return `${parts.join("\n\n")}\n`;
}

function enumSource({ name, values }: EnumType): string {
  const prefix = commonPrefix(values.map((value) => value.name));
  const lines = values.map((value) => `  ${camel(value.name.slice(prefix.length))}: ${value.val},`);
  return `/** enum ${name} */\nexport const ${camel(name.replace(/^ev_/, ""))} = {\n${lines.join("\n")}\n} as const;`;
}

function recordSource({ name, size, fields }: RecordType): string {
  const lines = fields
    .filter((field) => field.type !== "ev_header" && !field.name.startsWith("reserved"))
    .map((field) => `  /** ${field.type} */\n  ${camel(field.name)}: ${field.offset},`);
  const own = `  /** Bytes of the whole record, its last field at its longest. */\n  size: ${size},`;
  return `/** struct ${name}: offsets in bytes */\nexport const ${camel(name.replace(/^ev_/, ""))}At = {\n${own}\n${lines.join("\n")}\n} as const;`;
}

/** The part up to an underscore that all names begin with. */
function commonPrefix(names: readonly string[]): string {
  const first = names[0] ?? "";
  let prefix = first.slice(0, first.lastIndexOf("_") + 1);
  while (prefix !== "" && !names.every((name) => name.startsWith(prefix)))
    prefix = prefix.slice(0, prefix.lastIndexOf("_", prefix.length - 2) + 1);
  return prefix;
}

function camel(name: string): string {
  return name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
