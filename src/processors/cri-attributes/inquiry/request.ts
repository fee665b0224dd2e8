import { jsonToProtobuf } from "../../../otlp/json/read.ts";
import { requestNames } from "../../../otlp/json/schema.ts";
import { protobufToJson } from "../../../otlp/json/write.ts";
import { whole } from "../../../otlp/rope/rope.ts";
import type { Batch } from "../../../pipeline/contract.ts";
import type { Asked, LookupQuestion } from "./question.ts";

/** The value of an attribute as JSON has it. */
export type JsonValue = string | number | boolean | readonly JsonValue[];

/** A request of one span that says of itself what the question says. */
export function requestOf({ resource, record, connection, isFromSdk }: LookupQuestion): Batch {
  const span = { traceId: "1".repeat(32), spanId: "1".repeat(16), name: "lookup", attributes: attributesOf(record) };
  const json = {
    resourceSpans: [{ resource: { attributes: attributesOf(resource) }, scopeSpans: [{ spans: [span] }] }],
  };
  const read = jsonToProtobuf(requestNames.traces, Buffer.from(JSON.stringify(json)));
  if (read.status === "malformed") throw new Error(read.problem);
  const batch = { signal: "traces", bytes: Buffer.from(read.bytes), items: 1, isFromSdk } as const;
  return connection === undefined ? batch : { ...batch, peer: connection };
}

function attributesOf(asked: Asked) {
  return Object.entries(asked).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { intValue: value } : { stringValue: value },
  }));
}

/** The attributes of the resource of the one span in a request, and its own. */
export function attributesIn({ bytes }: Batch): {
  readonly resource: ReadonlyMap<string, JsonValue>;
  readonly record: ReadonlyMap<string, JsonValue>;
} {
  const written = protobufToJson(requestNames.traces, whole(bytes));
  if (written.status === "malformed") throw new Error(written.problem);
  const request = JSON.parse(written.bytes.toString("utf8")) as Request;
  const found = request.resourceSpans?.find(({ scopeSpans }) => (scopeSpans?.[0]?.spans?.length ?? 0) > 0);
  return {
    resource: mapOf(found?.resource?.attributes),
    record: mapOf(found?.scopeSpans?.[0]?.spans?.[0]?.attributes),
  };
}

type Value = {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly arrayValue?: { readonly values?: readonly Value[] };
};
type Attributes = readonly { readonly key: string; readonly value?: Value }[];
type Request = {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: Attributes };
    readonly scopeSpans?: readonly { readonly spans?: readonly { readonly attributes?: Attributes }[] }[];
  }[];
};

function mapOf(attributes: Attributes = []): ReadonlyMap<string, JsonValue> {
  return new Map(attributes.map(({ key, value }) => [key, valueOf(value)]));
}

/** Strings, integers and lists of them are all that is asked about or written. */
function valueOf({ stringValue, intValue, arrayValue }: Value = {}): JsonValue {
  if (arrayValue !== undefined) return (arrayValue.values ?? []).map(valueOf);
  return intValue === undefined ? (stringValue ?? "") : Number(intValue);
}
