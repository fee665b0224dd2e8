import { describe, expect, test } from "vitest";
import { attributesProcessor } from "../../src/processors/attributes.ts";
import type { Batch } from "../../src/pipeline/contract.ts";
import { ExportLogsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportMetricsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { plainAttributes, wireAttributes } from "../support/otlp/plain.ts";
import { givenNext, sharingHost } from "./given-next.ts";
import { item, logs, resourcesOf, traces } from "./telemetry.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

const signal = new AbortController().signal;
const mark = [{ key: "marked", value: true, action: "insert" }];

async function pass(batch: Batch, settings: object): Promise<Batch | undefined> {
  const next = givenNext();
  const processor = attributesProcessor.create(
    attributesProcessor.schema.parse(settings),
    sharingHost("attributes"),
    next,
  );
  await processor.consume(batch, signal);
  return next.taken[0]?.batch;
}

/** Two scopes of two spans in a resource of svc-a, one span in one without a service. */
const spans = ExportTraceServiceRequest.fromPartial({
  resourceSpans: [
    {
      resource: { attributes: wireAttributes({ "service.name": "svc-a", zone: 3 }) },
      scopeSpans: [
        {
          scope: { name: "lib", version: "1.2" },
          spans: [
            { name: "GET /a", kind: 2, attributes: wireAttributes({ status: 200, ok: true, ratio: 0.5 }) },
            { name: "GET /b", kind: 3, attributes: wireAttributes({ status: "200" }) },
          ],
        },
        { scope: { name: "other" }, spans: [{ name: "poll", attributes: wireAttributes({ list: ["x"] }) }] },
      ],
    },
    { scopeSpans: [{ spans: [{ name: "lost" }] }] },
  ],
});

/** The names of the spans that the processor changed. */
async function marked(selection: object): Promise<readonly string[]> {
  const bytes = Buffer.from(ExportTraceServiceRequest.encode(spans).finish());
  const after = await pass({ signal: "traces", bytes, items: 4 }, { ...selection, actions: mark });
  return ExportTraceServiceRequest.decode(whole(after?.bytes ?? new Uint8Array()))
    .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
    .filter(({ attributes }) => attributes.some(({ key }) => key === "marked"))
    .map(({ name }) => name);
}

const all = ["GET /a", "GET /b", "poll", "lost"];

describe("include and exclude of attributes", () => {
  test.each<[string, object, readonly string[]]>([
    ["nothing means all", {}, all],
    ["services", { match_type: "strict", services: ["svc-a", "svc-b"] }, ["GET /a", "GET /b", "poll"]],
    ["services by pattern", { match_type: "regexp", services: ["^svc"] }, ["GET /a", "GET /b", "poll"]],
    [
      "a resource without a service, as the Collector calls it",
      { match_type: "strict", services: ["<nil-service-name>"] },
      ["lost"],
    ],
    ["span names", { match_type: "strict", span_names: ["poll", "GET /a"] }, ["GET /a", "poll"]],
    [
      "span names by pattern, which matches any part",
      { match_type: "regexp", span_names: ["/[ab]"] },
      ["GET /a", "GET /b"],
    ],
    ["span kinds", { match_type: "strict", span_kinds: ["SPAN_KIND_CLIENT"] }, ["GET /b"]],
    ["span kinds by pattern", { match_type: "regexp", span_kinds: ["UNSPECIFIED"] }, ["poll", "lost"]],
    ["libraries", { match_type: "strict", libraries: [{ name: "lib" }] }, ["GET /a", "GET /b"]],
    ["libraries by version", { match_type: "strict", libraries: [{ name: "lib", version: "1.3" }] }, []],
    ["libraries by an empty version", { match_type: "strict", libraries: [{ name: "other", version: "" }] }, ["poll"]],
    [
      "libraries by pattern",
      { match_type: "regexp", libraries: [{ name: "^l", version: "^1\\." }] },
      ["GET /a", "GET /b"],
    ],
    ["an attribute that is there", { match_type: "strict", attributes: [{ key: "status" }] }, ["GET /a", "GET /b"]],
    [
      "an attribute's value and type",
      { match_type: "strict", attributes: [{ key: "status", value: 200 }] },
      ["GET /a"],
    ],
    [
      "an attribute's text is another type",
      { match_type: "strict", attributes: [{ key: "status", value: "200" }] },
      ["GET /b"],
    ],
    ["a list as a value", { match_type: "strict", attributes: [{ key: "list", value: ["x"] }] }, ["poll"]],
    [
      "a pattern takes numbers and booleans as text",
      {
        match_type: "regexp",
        attributes: [
          { key: "status", value: "^2" },
          { key: "ok", value: "true" },
          { key: "ratio", value: "0\\.5" },
        ],
      },
      ["GET /a"],
    ],
    ["a pattern takes no list", { match_type: "regexp", attributes: [{ key: "list", value: "x" }] }, []],
    ["all attributes must match", { match_type: "strict", attributes: [{ key: "status" }, { key: "list" }] }, []],
    ["resources", { match_type: "strict", resources: [{ key: "zone", value: 3 }] }, ["GET /a", "GET /b", "poll"]],
    [
      "all that is named must match",
      { match_type: "strict", services: ["svc-a"], span_names: ["lost", "poll"] },
      ["poll"],
    ],
    ["what only other signals have is on no span", { match_type: "strict", log_bodies: ["poll"] }, []],
  ])("%s", async (_, match, expected) => {
    const isAll = Object.keys(match).length === 0;
    expect(await marked(isAll ? {} : { include: match })).toEqual(expected);
    expect(await marked(isAll ? {} : { exclude: match })).toEqual(
      isAll ? all : all.filter((name) => !expected.includes(name)),
    );
  });

  test("exclude takes out of what include let in", async () => {
    const include = { match_type: "strict", services: ["svc-a"] };
    expect(await marked({ include, exclude: { match_type: "regexp", span_names: ["b$"] } })).toEqual([
      "GET /a",
      "poll",
    ]);
  });

  test.each<[string, object, readonly number[]]>([
    ["bodies", { match_type: "regexp", log_bodies: ["^fail"] }, [0]],
    ["bodies that are no text", { match_type: "strict", log_bodies: ["7"] }, [1]],
    ["severity texts", { match_type: "strict", log_severity_texts: ["WARN"] }, [0]],
    ["severity numbers by name", { match_type: "strict", log_severity_number: { min: "warn" } }, [0]],
    [
      "severity numbers, and records without one",
      { match_type: "strict", log_severity_number: { min: 9, match_undefined: true } },
      [0, 1, 2],
    ],
    ["severity numbers by name and step", { match_type: "strict", log_severity_number: { min: "WARN2" } }, []],
  ])("log records by %s", async (_, include, expected) => {
    const request = ExportLogsServiceRequest.fromPartial({
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: [
                { body: { stringValue: "failed" }, severityNumber: 13, severityText: "WARN" },
                { body: { intValue: 7n }, severityNumber: 9 },
                {},
              ],
            },
          ],
        },
      ],
    });
    const bytes = Buffer.from(ExportLogsServiceRequest.encode(request).finish());
    const after = await pass({ signal: "logs", bytes, items: 3 }, { include, actions: mark });
    const records = ExportLogsServiceRequest.decode(whole(after?.bytes ?? new Uint8Array())).resourceLogs.flatMap(
      ({ scopeLogs }) => scopeLogs.flatMap((scope) => scope.logRecords),
    );
    expect(records.flatMap(({ attributes }, index) => (attributes.length > 0 ? [index] : []))).toEqual(expected);
  });
});

describe("attributes of metrics", () => {
  const attributes = wireAttributes({ kind: "old" });
  const metrics = ExportMetricsServiceRequest.fromPartial({
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: "gauge", gauge: { dataPoints: [{ attributes, asDouble: 1.5 }, { asInt: 3n }] } },
              { name: "sum", sum: { dataPoints: [{ attributes }], isMonotonic: true, aggregationTemporality: 2 } },
              {
                name: "histogram",
                histogram: {
                  dataPoints: [{ attributes, count: 4n, bucketCounts: [1n, 3n], explicitBounds: [2.5] }],
                  aggregationTemporality: 1,
                },
              },
              {
                name: "exponential",
                exponentialHistogram: {
                  dataPoints: [{ attributes, scale: -2, positive: { offset: 3, bucketCounts: [1n] } }],
                },
              },
              {
                name: "summary",
                summary: { dataPoints: [{ attributes, count: 2n, quantileValues: [{ quantile: 0.5, value: 7 }] }] },
              },
              { name: "empty" },
            ],
          },
        ],
      },
    ],
  });
  const bytes = Buffer.from(ExportMetricsServiceRequest.encode(metrics).finish());
  const batch: Batch = { signal: "metrics", bytes, items: 6 };

  type Metric = ExportMetricsServiceRequest["resourceMetrics"][number]["scopeMetrics"][number]["metrics"][number];
  const pointsOf = ({ gauge, sum, histogram, exponentialHistogram, summary }: Metric) =>
    gauge?.dataPoints ??
    sum?.dataPoints ??
    histogram?.dataPoints ??
    exponentialHistogram?.dataPoints ??
    summary?.dataPoints ??
    [];
  const decoded = (after: Batch | undefined) =>
    ExportMetricsServiceRequest.decode(whole(after?.bytes ?? new Uint8Array())).resourceMetrics.flatMap(
      ({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics),
    );

  test("are those of the points, of all five kinds; all else stays", async () => {
    const after = decoded(await pass(batch, { actions: [{ key: "kind", value: "new", action: "upsert" }] }));
    expect(after.map((metric) => pointsOf(metric).map((point) => plainAttributes(point.attributes)))).toEqual([
      [{ kind: "new" }, { kind: "new" }],
      [{ kind: "new" }],
      [{ kind: "new" }],
      [{ kind: "new" }],
      [{ kind: "new" }],
      [],
    ]);
    const bare = (list: readonly Metric[]) =>
      JSON.stringify(list, (key, value: unknown) =>
        key === "attributes" || key === "_unknownFields" ? undefined : typeof value === "bigint" ? `${value}n` : value,
      );
    expect(bare(after)).toBe(bare(decoded(batch)));
  });

  test("are selected by the metric's name and the point's attributes", async () => {
    const include = {
      match_type: "regexp",
      metric_names: ["^(gauge|sum)$"],
      attributes: [{ key: "kind", value: "old" }],
    };
    const after = decoded(await pass(batch, { include, actions: mark }));
    expect(
      after.map((metric) => pointsOf(metric).map((point) => "marked" in plainAttributes(point.attributes))),
    ).toEqual([[true, false], [true], [false], [false], [false], []]);
  });

  test("that nothing changes leave as the very same bytes", async () => {
    expect((await pass(batch, { actions: [{ key: "absent", action: "delete" }] }))?.bytes).toBe(bytes);
  });
});

test("a merged batch keeps its parts, each with its own end", async () => {
  const [one, two] = [
    traces({ attributes: {}, items: [item("a"), item("b")] }),
    traces({ attributes: {}, items: [item("c")] }),
  ];
  const end = one.bytes.length + two.bytes.length;
  const merged: Batch = {
    signal: "traces",
    bytes: Buffer.concat([whole(one.bytes), whole(two.bytes)]),
    items: 3,
    parts: [
      { end: one.bytes.length, items: 2 },
      { end, items: 1 },
    ],
  };
  const after = await pass(merged, { actions: mark });
  const [first, second] = after?.parts ?? [];
  expect(
    resourcesOf({ ...one, bytes: whole(after?.bytes ?? one.bytes).subarray(0, first?.end) })[0]?.items.map(
      ({ name }) => name,
    ),
  ).toEqual(["a", "b"]);
  expect(resourcesOf({ ...two, bytes: whole(after?.bytes ?? two.bytes).subarray(first?.end) })[0]?.items).toEqual([
    { name: "c", attributes: { marked: true } },
  ]);
  expect([second?.end, after?.items]).toEqual([after?.bytes.length, 3]);
});

test("a request that would become many times as large is refused for good, with the reason", async () => {
  const processor = attributesProcessor.create(
    attributesProcessor.schema.parse({ actions: [{ key: "k", value: "v".repeat(4000), action: "insert" }] }),
    sharingHost("attributes"),
    givenNext(),
  );
  const delivery = await processor.consume(
    logs({ attributes: {}, items: Array.from({ length: 10_000 }, () => item("")) }),
    signal,
  );
  expect(delivery).toMatchObject({
    status: "rejected",
    cause: { message: expect.stringContaining("many times as large") },
  });
});

test("a selection that no record of a signal can match is said, once for each", async () => {
  const host = sharingHost("attributes");
  const settings = { include: { match_type: "strict", span_names: ["a"] }, actions: mark };
  const processor = attributesProcessor.create(attributesProcessor.schema.parse(settings), host, givenNext());
  const batches = [traces, logs].map((make) => make({ attributes: {}, items: [item("a")] }));
  for (const batch of [...batches, ...batches]) await processor.consume(batch, signal);
  expect(host.logged).toEqual([
    {
      level: "warn",
      message: "Nothing of this signal matches: what is asked for is of another one",
      fields: { "otelcol.signal": "logs", section: "include" },
    },
  ]);
});
