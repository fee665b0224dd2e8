import { createHash } from "node:crypto";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import type { KeyValue } from "../../src/proto/opentelemetry/proto/common/v1/common.ts";

/** The containers that records of one request name in turn. */
export const containersInRequest = 20;

export type RequestShape = {
  readonly spans: number;
  /** Where container.id stands, or that it is nowhere. */
  readonly ids: "resource" | "records" | "none";
  readonly containerIds: readonly string[];
};

/** An export request of spans of some 490 bytes: eight attributes, one resource; with IDs on records the containers take turns. */
export function makeRequest({ spans, ids, containerIds }: RequestShape): Buffer {
  const idOf = (index: number) => attribute("container.id", containerIds[index % containerIds.length] ?? "");
  const request = ExportTraceServiceRequest.fromPartial({
    resourceSpans: [
      {
        resource: {
          attributes: [
            attribute("service.name", "checkout"),
            attribute("host.name", "node-1"),
            ...(ids === "resource" ? [idOf(0)] : []),
          ],
        },
        scopeSpans: [
          {
            scope: { name: "bench" },
            spans: Array.from({ length: spans }, (_, index) => ({
              traceId: digest(`trace ${index}`, 16),
              spanId: digest(`span ${index}`, 8),
              parentSpanId: digest(`parent ${index}`, 8),
              name: `GET /api/item/${index}`,
              kind: 2 as const,
              startTimeUnixNano: 1_700_000_000_000_000_000n,
              endTimeUnixNano: 1_700_000_000_001_000_000n,
              attributes: [
                ...Array.from({ length: 8 }, (_, n) =>
                  attribute(`load_generator.attribute_${n}`, digest(`value ${index} ${n}`, 8).toString("hex")),
                ),
                ...(ids === "records" ? [idOf(index)] : []),
              ],
            })),
          },
        ],
      },
    ],
  });
  return Buffer.from(ExportTraceServiceRequest.encode(request).finish());
}

function attribute(key: string, stringValue: string): KeyValue {
  return { key, value: { stringValue }, keyStrindex: 0 } as KeyValue;
}

function digest(text: string, length: number): Buffer {
  return createHash("sha256").update(text).digest().subarray(0, length);
}
