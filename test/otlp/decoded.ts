import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create, createFileRegistry, type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { AttributeValue } from "../../src/otlp/wire/attribute.ts";
import type { Signal } from "../../src/otlp/signals.ts";

/*
 * Requests as objects, decoded by Protobuf-ES, which does what the specification says where ts-proto's code takes a short cut:
 * a message that stands twice is merged, of a oneof the last one counts. Unknown fields are kept, as `$unknown`.
 */

type Unknown = { readonly no: number; readonly data: Uint8Array };
export type Value = {
  readonly $unknown?: readonly Unknown[];
  readonly value: { readonly case: string | undefined; readonly value?: unknown };
};
export type KeyValue = { readonly key: string; readonly keyStrindex?: number; readonly value?: Value };
export type Resource = { readonly attributes: readonly KeyValue[] };
/** A record with the attributes that it has in itself or by reference, and all else. */
export type Record = { readonly attributes: readonly KeyValue[] };
/** A scope, metric, metric's data or profile: what is around records, or around others of these. */
export type Frame = { readonly frames?: readonly Frame[]; readonly records?: readonly Record[] };
export type Container = { readonly resource?: Resource; readonly frames: readonly Frame[] };
export type Decoded = { readonly containers: readonly Container[]; readonly strings?: readonly string[] };

type Names = { readonly request: string; readonly path: readonly string[] };

/** For each signal what its messages call the list of the next ones on the way to the records. */
const names: { readonly [S in Signal]: Names } = {
  traces: { request: "trace.v1.ExportTraceServiceRequest", path: ["resourceSpans", "scopeSpans", "spans"] },
  metrics: {
    request: "metrics.v1.ExportMetricsServiceRequest",
    path: ["resourceMetrics", "scopeMetrics", "metrics", "data", "dataPoints"],
  },
  logs: { request: "logs.v1.ExportLogsServiceRequest", path: ["resourceLogs", "scopeLogs", "logRecords"] },
  profiles: {
    request: "profiles.v1development.ExportProfilesServiceRequest",
    path: ["resourceProfiles", "scopeProfiles", "profiles", "samples"],
  },
};

const registry = compile();

/** Decodes a request; the lists that are called differently from signal to signal get one name. */
export function decode(signal: Signal, bytes: Uint8Array): Decoded {
  const { request, path } = names[signal];
  const [containers = "", ...inner] = path;
  const message = fromBinary(descriptor(`opentelemetry.proto.collector.${request}`), bytes);
  const dictionary = (Reflect.get(message, "dictionary") ?? {}) as Dictionary;
  const renamed = {
    ...message,
    [containers]: undefined,
    ...(signal === "profiles" ? { strings: dictionary.stringTable ?? [] } : {}),
    containers: list(message, containers).map((container) => rename(container, inner, dictionary)),
  };
  return renamed as unknown as Decoded;
}

type Dictionary = {
  readonly stringTable?: readonly string[];
  readonly attributeTable?: readonly { readonly keyStrindex: number; readonly value?: Value }[];
};

function rename(message: object, path: readonly string[], dictionary: Dictionary): object {
  const [name = "", ...inner] = path;
  const isLast = inner.length === 0;
  const listed = list(message, name);
  const renamed = isLast
    ? listed.map((record) => withAttributes(record, message, dictionary))
    : listed.map((frame) => rename(frame, inner, dictionary));
  return {
    ...message,
    [name]: name === "data" ? Reflect.get(message, name)?.case : undefined,
    [isLast ? "records" : "frames"]: renamed,
  };
}

/** A sample has attributes by their positions, its own before its profile's. */
function withAttributes(
  record: object,
  profile: object,
  { stringTable = [], attributeTable = [] }: Dictionary,
): object {
  const indices = Reflect.get(record, "attributeIndices") as readonly number[] | undefined;
  if (indices === undefined) return record;
  const all = [...indices, ...(Reflect.get(profile, "attributeIndices") as readonly number[])];
  const attributes = all.flatMap((index) => {
    const found = attributeTable[index];
    return found === undefined
      ? []
      : [{ key: found.keyStrindex === 0 ? "" : stringTable[found.keyStrindex], value: found.value }];
  });
  return { ...record, attributes };
}

/** The messages of a list; the one message of a oneof is a list of one. */
function list(message: object, name: string): readonly object[] {
  const value: unknown = Reflect.get(message, name);
  if (Array.isArray(value)) return value as readonly object[];
  const one = (value as { readonly value?: object }).value;
  return one === undefined ? [] : [one];
}

/** A KeyValue as decode() would give it. */
export function keyValue(key: string, value: AttributeValue): KeyValue {
  return create(descriptor("opentelemetry.proto.common.v1.KeyValue"), {
    key,
    value: { value: kindOf(value) },
  }) as Message as unknown as KeyValue;
}

function kindOf(value: AttributeValue): object {
  if (typeof value === "string") return { case: "stringValue", value };
  if (typeof value === "number") return { case: "intValue", value: BigInt(value) };
  return { case: "arrayValue", value: { values: value.map((item) => ({ value: kindOf(item) })) } };
}

/** A Resource with nothing in it. */
export function emptyResource(): Resource {
  return create(descriptor("opentelemetry.proto.resource.v1.Resource")) as Message as unknown as Resource;
}

function descriptor(name: string): DescMessage {
  const found = registry.getMessage(name);
  if (found === undefined) throw new Error(`Cannot find ${name}: proto/ does not have it`);
  return found;
}

function compile() {
  const compiler = join(dirname(createRequire(import.meta.url).resolve("protoc/package.json")), "protoc.cjs");
  const folder = mkdtempSync(join(tmpdir(), "podstamp-"));
  try {
    const services = ["trace/v1/trace", "metrics/v1/metrics", "logs/v1/logs", "profiles/v1development/profiles"].map(
      (file) => `opentelemetry/proto/collector/${file}_service.proto`,
    );
    const out = join(folder, "otlp.bin");
    execFileSync(process.execPath, [
      compiler,
      `-I${join(import.meta.dirname, "../../proto")}`,
      "--include_imports",
      `--descriptor_set_out=${out}`,
      ...services,
    ]);
    return createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(out)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
