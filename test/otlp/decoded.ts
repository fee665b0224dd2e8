import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create, createFileRegistry, type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { AttributeValue } from "../../src/otlp/attribute.ts";
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
export type KeyValue = { readonly key: string; readonly value?: Value };
export type Resource = { readonly attributes: readonly KeyValue[] };
export type Record = { readonly attributes: readonly KeyValue[] };
export type Scope = { readonly records: readonly Record[] };
export type Container = { readonly resource?: Resource; readonly scopes: readonly Scope[] };
export type Decoded = { readonly containers: readonly Container[] };

type Names = {
  readonly request: string;
  readonly containers: string;
  readonly scopes: string;
  readonly records: string;
};

const names: { readonly [S in Signal]: Names } = {
  traces: {
    request: "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest",
    containers: "resourceSpans",
    scopes: "scopeSpans",
    records: "spans",
  },
  logs: {
    request: "opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest",
    containers: "resourceLogs",
    scopes: "scopeLogs",
    records: "logRecords",
  },
};

const registry = compile();

/** Decodes a request; the fields that are called differently from signal to signal get one name. */
export function decode(signal: Signal, bytes: Uint8Array): Decoded {
  const { request, containers, scopes, records } = names[signal];
  const list = (message: object, name: string): readonly object[] => Reflect.get(message, name) as readonly object[];
  const message = fromBinary(descriptor(request), bytes);
  const renamed = {
    ...message,
    [containers]: undefined,
    containers: list(message, containers).map((container) => ({
      ...container,
      [scopes]: undefined,
      scopes: list(container, scopes).map((scope) => ({
        ...scope,
        [records]: undefined,
        records: list(scope, records),
      })),
    })),
  };
  return renamed as unknown as Decoded;
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
    const services = ["trace/v1/trace_service.proto", "logs/v1/logs_service.proto"].map(
      (file) => `opentelemetry/proto/collector/${file}`,
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
