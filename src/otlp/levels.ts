import { Wire } from "./wire/cursor.ts";
import type { Signal } from "./signals.ts";

/** A message between the request and its records, by the numbers of the fields that matter on the way. */
export type Level = {
  readonly fields: readonly (LevelField | undefined)[];
  /** The fields with something inside are a oneof: of several kinds the last one counts, and what stands before it is nobody's. */
  readonly isOneof: boolean;
};

/** What is a message around records; inner ones are those inside a scope. */
export type FrameRole = {
  readonly kind: "frame";
  readonly inside: Level;
  readonly isRepeated: boolean;
  readonly isInner: boolean;
};

/** A field that is known, with the wire type that it must have. */
export type LevelField = {
  readonly name: string;
  readonly wire: number;
  readonly role:
    | FrameRole
    /** A record; `attributes` is the number of its `repeated KeyValue`, 0 where it has none. */
    | { readonly kind: "record"; readonly attributes: number }
    | { readonly kind: "resource" }
    | { readonly kind: "other" };
};

/** The names and the outermost message of each signal's export request, after the .proto files under proto/opentelemetry. */
export const requests: Readonly<Record<Signal, { readonly name: string; readonly level: Level }>> = {
  traces: request("ExportTraceServiceRequest", "resource_spans", frame("scope_spans", scope(record("spans", 9)))),
  metrics: request("ExportMetricsServiceRequest", "resource_metrics", frame("scope_metrics", scope(metrics()))),
  logs: request("ExportLogsServiceRequest", "resource_logs", frame("scope_logs", scope(record("log_records", 6)))),
  profiles: request("ExportProfilesServiceRequest", "resource_profiles", frame("scope_profiles", scope(profiles()))),
};

/** The message that a resource of this signal is. */
export function resourceLevel(signal: Signal): Level {
  const role = requests[signal].level.fields[1]?.role;
  if (role?.kind !== "frame") throw new Error(`Cannot find the resources of ${signal}`);
  return role.inside;
}

/** Export…ServiceRequest: 1 resource_…; a profiles request's 2 dictionary is read when it is needed. */
function request(name: string, resources: string, scopes: LevelField) {
  const inside = level({
    1: { name: "resource", wire: Wire.LEN, role: { kind: "resource" } },
    2: scopes,
    3: other("schema_url"),
  });
  return { name, level: level({ 1: frame(resources, inside) }) };
}

/** Scope…: 1 scope, 2 records or what they are in, 3 schema_url. */
function scope(content: LevelField): Level {
  return level({ 1: other("scope"), 2: content, 3: other("schema_url") });
}

/** Metric: 1 name, 2 description, 3 unit, 12 metadata, and a oneof of messages with data_points in them. */
function metrics(): LevelField {
  const data = (name: string, attributes: number, numbers: Readonly<Record<number, LevelField>> = {}): LevelField => ({
    name,
    wire: Wire.LEN,
    role: {
      kind: "frame",
      inside: level({ 1: record("data_points", attributes), ...numbers }),
      isRepeated: false,
      isInner: true,
    },
  });
  const temporality = { 2: other("aggregation_temporality", Wire.VARINT) };
  const fields = {
    1: other("name"),
    2: other("description"),
    3: other("unit"),
    5: data("gauge", 7),
    7: data("sum", 7, { ...temporality, 3: other("is_monotonic", Wire.VARINT) }),
    9: data("histogram", 9, temporality),
    10: data("exponential_histogram", 1, temporality),
    11: data("summary", 7),
    12: other("metadata"),
  };
  return frame("metrics", { ...level(fields), isOneof: true }, true);
}

/** Profile: 1 sample_type, 2 samples; the numbers of what follows differ between the versions that are in use. */
function profiles(): LevelField {
  return frame("profiles", level({ 1: other("sample_type"), 2: record("samples", 0) }), true);
}

function frame(name: string, inside: Level, isInner = false): LevelField {
  return { name, wire: Wire.LEN, role: { kind: "frame", inside, isRepeated: true, isInner } };
}

function record(name: string, attributes: number): LevelField {
  return { name, wire: Wire.LEN, role: { kind: "record", attributes } };
}

function other(name: string, wire: number = Wire.LEN): LevelField {
  return { name, wire, role: { kind: "other" } };
}

function level(fields: Readonly<Record<number, LevelField>>): Level {
  const last = Math.max(...Object.keys(fields).map(Number));
  return { fields: Array.from({ length: last + 1 }, (_, no) => fields[no]), isOneof: false };
}
