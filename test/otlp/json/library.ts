import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createFileRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import type { DescField, DescMessage, JsonObject, JsonValue, Message } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/*
 * What Protobuf-ES makes of OTLP, from the contracts in proto/: an implementation of protobuf and of its JSON that is not ours.
 */

const services = { trace: "v1", logs: "v1", metrics: "v1", profiles: "v1development" };
const titles = { trace: "Trace", logs: "Logs", metrics: "Metrics", profiles: "Profiles" };

const registry = compile();

/** The descriptor of what a signal asks or answers. */
export function describe(
  signal: "traces" | "logs" | "metrics" | "profiles",
  kind: "Request" | "Response",
): DescMessage {
  const name = signal === "traces" ? "trace" : signal;
  const full = `opentelemetry.proto.collector.${name}.${services[name]}.Export${titles[name]}Service${kind}`;
  const found = registry.getMessage(full);
  if (found === undefined) throw new Error(`Cannot find ${full}: proto/ does not have it`);
  return found;
}

/** The message in protobuf's JSON with what OTLP has otherwise: enums are numbers, ids are hex. */
export function otlpJson(desc: DescMessage, message: Message, useProtoFieldName = false): JsonValue {
  const json = toJson(desc, message, { enumAsInteger: true, useProtoFieldName, registry });
  return withHex(desc, json as JsonObject, useProtoFieldName);
}

/** Whether OTLP writes these bytes in hex. */
export function isId(field: DescField): boolean {
  return /^(trace|span|parent_span|profile)_id$/.test(field.name);
}

function withHex(desc: DescMessage, json: JsonObject, useProtoFieldName: boolean): JsonObject {
  const inside = (field: DescField, value: JsonValue): JsonValue => {
    if (isId(field)) return typeof value === "string" ? Buffer.from(value, "base64").toString("hex") : value;
    return field.message === undefined ? value : withHex(field.message, value as JsonObject, useProtoFieldName);
  };
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => {
      const field = desc.fields.find(({ name, jsonName }) => (useProtoFieldName ? name : jsonName) === key);
      if (field === undefined) throw new Error(`Cannot find ${key}: ${desc.typeName} does not have it`);
      return [key, Array.isArray(value) ? value.map((item) => inside(field, item)) : inside(field, value)];
    }),
  );
}

function compile() {
  const compiler = join(dirname(createRequire(import.meta.url).resolve("protoc/package.json")), "protoc.cjs");
  const folder = mkdtempSync(join(tmpdir(), "podstamp-"));
  try {
    const out = join(folder, "otlp.bin");
    const files = Object.entries(services).map(
      ([name, version]) => `opentelemetry/proto/collector/${name}/${version}/${name}_service.proto`,
    );
    const proto = join(import.meta.dirname, "../../../proto");
    execFileSync(process.execPath, [
      compiler,
      `-I${proto}`,
      "--include_imports",
      `--descriptor_set_out=${out}`,
      ...files,
    ]);
    return createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(out)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
