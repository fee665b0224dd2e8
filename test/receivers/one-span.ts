import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";

/** The headers of a request in JSON. */
export const json = { "content-type": "application/json" };
/** A request with one span of a container: in JSON, and in protobuf. */
export const trace = Buffer.from(
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: "container.id", value: { stringValue: "84ced0016286" } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: "5B8EFFF798038103D269B633813FC60C",
                spanId: "EEE19B7EC3C1B174",
                name: "GET /",
                kind: "SPAN_KIND_SERVER",
                startTimeUnixNano: "1544712660000000001",
                not_yet_known: [{}],
              },
            ],
          },
        ],
      },
    ],
  }),
);
export const protobuf = Buffer.from(
  ExportTraceServiceRequest.encode(
    ExportTraceServiceRequest.fromPartial({
      resourceSpans: [
        {
          resource: { attributes: [{ key: "container.id", value: { stringValue: "84ced0016286" } }] },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: Buffer.from("5b8efff798038103d269b633813fc60c", "hex"),
                  spanId: Buffer.from("eee19b7ec3c1b174", "hex"),
                  name: "GET /",
                  kind: 2,
                  startTimeUnixNano: 1_544_712_660_000_000_001n,
                },
              ],
            },
          ],
        },
      ],
    }),
  ).finish(),
);
