import { ExportLogsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import type { Batch } from "../../src/pipeline/contract.ts";
import { plainAttributes, wireAttributes } from "../support/otlp/plain.ts";
import type { Attributes } from "../support/otlp/plain.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

/** A span or log record by its name or body, with its attributes. */
export type Item = { readonly name: string; readonly attributes: Attributes };

/** A resource with its records, each in one scope. */
export type Resource = { readonly attributes: Attributes; readonly items: readonly Item[] };

/** A record without attributes, or of a container. */
export function item(name: string, containerId?: string): Item {
  return { name, attributes: containerId === undefined ? {} : { "container.id": containerId } };
}

/** A request of spans. */
export function traces(...resources: readonly Resource[]): Batch {
  const resourceSpans = resources.map(({ attributes, items }) => ({
    resource: { attributes: wireAttributes(attributes) },
    scopeSpans: [{ spans: items.map((each) => ({ name: each.name, attributes: wireAttributes(each.attributes) })) }],
  }));
  const bytes = ExportTraceServiceRequest.encode(ExportTraceServiceRequest.fromPartial({ resourceSpans })).finish();
  return { signal: "traces", bytes: Buffer.from(bytes), items: countOf(resources) };
}

/** A request of log records. */
export function logs(...resources: readonly Resource[]): Batch {
  const resourceLogs = resources.map(({ attributes, items }) => ({
    resource: { attributes: wireAttributes(attributes) },
    scopeLogs: [
      {
        logRecords: items.map((each) => ({
          body: { stringValue: each.name },
          attributes: wireAttributes(each.attributes),
        })),
      },
    ],
  }));
  const bytes = ExportLogsServiceRequest.encode(ExportLogsServiceRequest.fromPartial({ resourceLogs })).finish();
  return { signal: "logs", bytes: Buffer.from(bytes), items: countOf(resources) };
}

/** What a request says. */
export function resourcesOf(batch: Batch | undefined): readonly Resource[] {
  if (batch === undefined) return [];
  const bytes = Buffer.from(whole(batch.bytes));
  if (batch.signal === "logs") {
    return ExportLogsServiceRequest.decode(bytes).resourceLogs.map(({ resource, scopeLogs }) => ({
      attributes: plainAttributes(resource?.attributes ?? []),
      items: scopeLogs.flatMap(({ logRecords }) =>
        logRecords.map(({ body, attributes }) => ({
          name: body?.stringValue ?? "",
          attributes: plainAttributes(attributes),
        })),
      ),
    }));
  }
  return ExportTraceServiceRequest.decode(bytes).resourceSpans.map(({ resource, scopeSpans }) => ({
    attributes: plainAttributes(resource?.attributes ?? []),
    items: scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, attributes }) => ({ name, attributes: plainAttributes(attributes) })),
    ),
  }));
}

function countOf(resources: readonly Resource[]): number {
  return resources.reduce((sum, { items }) => sum + items.length, 0);
}
