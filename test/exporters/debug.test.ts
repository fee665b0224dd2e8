import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { debugExporter } from "../../src/exporters/debug.ts";
import type { Batch, Host } from "../../src/pipeline/contract.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import { ExportMetricsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import { ExportProfilesServiceRequest } from "../../src/proto/opentelemetry/proto/collector/profiles/v1development/profiles_service.ts";
import { ExportLogsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { createLogger } from "../../src/telemetry/log.ts";
import { createRegistry } from "../../src/telemetry/registry.ts";
import { testHost } from "../support/agent/host.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

const never = new AbortController().signal;

const traces: Batch = {
  signal: "traces",
  items: 1,
  bytes: ExportTraceServiceRequest.encode(
    ExportTraceServiceRequest.fromPartial({
      resourceSpans: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
          scopeSpans: [
            {
              scope: { name: "http", version: "1.0" },
              spans: [
                {
                  name: "GET /\u001b[31m",
                  kind: 2,
                  traceId: Buffer.alloc(16, 7),
                  spanId: Buffer.alloc(8, 1),
                  startTimeUnixNano: 1795532400123456789n,
                  endTimeUnixNano: 1795532401000000000n,
                  status: { code: 2, message: "broken" },
                  attributes: [
                    { key: "n", value: { intValue: 5n } },
                    { key: "big", value: { intValue: 9007199254740993n } },
                    { key: "list", value: { arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }] } } },
                  ],
                  events: [{ name: "retry", timeUnixNano: 1795532400500000000n }],
                  links: [{ traceId: Buffer.alloc(16, 9), spanId: Buffer.alloc(8, 2) }],
                },
              ],
            },
          ],
        },
      ],
    }),
  ).finish(),
};

const logs: Batch = {
  signal: "logs",
  items: 1,
  bytes: ExportLogsServiceRequest.encode(
    ExportLogsServiceRequest.fromPartial({
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: [
                {
                  severityNumber: 9,
                  body: { stringValue: "started" },
                  attributes: [{ key: "k", value: { bytesValue: Buffer.of(1, 255) } }],
                },
              ],
            },
          ],
        },
      ],
    }),
  ).finish(),
};

const metrics: Batch = {
  signal: "metrics",
  items: 2,
  bytes: ExportMetricsServiceRequest.encode(
    ExportMetricsServiceRequest.fromPartial({
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  name: "requests",
                  description: "Requests",
                  unit: "1",
                  sum: {
                    isMonotonic: true,
                    aggregationTemporality: 2,
                    dataPoints: [
                      {
                        asInt: 3n,
                        timeUnixNano: 1795532401000000000n,
                        attributes: [{ key: "route", value: { stringValue: "/" } }],
                      },
                    ],
                  },
                },
                {
                  name: "latency",
                  unit: "s",
                  histogram: { aggregationTemporality: 1, dataPoints: [{ count: 2n, sum: 0.5 }] },
                },
              ],
            },
          ],
        },
      ],
    }),
  ).finish(),
};

const profiles: Batch = {
  signal: "profiles",
  items: 1,
  bytes: ExportProfilesServiceRequest.encode(
    ExportProfilesServiceRequest.fromPartial({
      resourceProfiles: [
        {
          resource: { attributes: [{ keyStrindex: 1, value: { stringValueStrindex: 2 } }] },
          scopeProfiles: [
            {
              profiles: [
                {
                  sampleType: { typeStrindex: 1, unitStrindex: 2 },
                  samples: [{ stackIndex: 4, values: [7n], attributeIndices: [1, 9] }],
                },
              ],
            },
          ],
        },
      ],
      dictionary: {
        stringTable: ["", "cpu", "x"],
        attributeTable: [{}, { keyStrindex: 1, value: { stringValue: "main" } }],
      },
    }),
  ).finish(),
};

function create(settings: unknown = {}) {
  let text = "";
  const log = createLogger({ level: "info", encoding: "console", write: (line) => (text += line) });
  const metrics = createRegistry({ level: "basic", version: "0", resource: {} });
  const host: Host = {
    id: "debug",
    log,
    metrics,
    environment: {},
    userAgent: "test",
    memory: testHost("").memory,
    storage: testHost("").storage,
    share: (_, make) => make(),
  };
  const exporter = debugExporter.create(debugExporter.schema.parse(settings), host);
  return { exporter, metrics, text: () => text.replace(/^\S+Z /gm, "") };
}

describe("what is written", () => {
  test("basic is one line with counts, as the Collector's", async () => {
    const { exporter, text } = create();
    expect(await exporter.consume(traces, never)).toEqual(accepted);
    await exporter.consume(logs, never);
    expect(text()).toBe(
      "info Traces otelcol.signal=traces resource spans=1 spans=1\ninfo Logs otelcol.signal=logs resource logs=1 log records=1\n",
    );
  });

  test("normal is one line for each record", async () => {
    const { exporter, text } = create({ verbosity: "normal" });
    await exporter.consume(traces, never);
    await exporter.consume(logs, never);
    expect(text()).toBe(`info Traces otelcol.signal=traces resource spans=1 spans=1
ResourceSpans #0 service.name="shop"
  Scope http@1.0
    GET /\\u{1b}[31m 07070707070707070707070707070707 0101010101010101 n=5 big="9007199254740993" list=[true,1.5]
info Logs otelcol.signal=logs resource logs=1 log records=1
ResourceLogs #0
  Scope (without a name)
    info "started" k="0x01ff"
`);
  });

  test("detailed is everything", async () => {
    const { exporter, text } = create({ verbosity: "detailed" });
    await exporter.consume(traces, never);
    expect(text()).toBe(`info Traces otelcol.signal=traces resource spans=1 spans=1
ResourceSpans #0
  -> service.name: "shop"
  Scope http@1.0
    Span GET /\\u{1b}[31m
      Trace ID     : 07070707070707070707070707070707
      Parent ID    : none
      ID           : 0101010101010101
      Kind         : server
      Start        : 2026-11-24T15:00:00.123456789Z
      End          : 2026-11-24T15:00:01.000000000Z
      Status       : error broken
      -> n: 5
      -> big: "9007199254740993"
      -> list: [true,1.5]
      Event retry at 2026-11-24T15:00:00.500000000Z
      Link 09090909090909090909090909090909 0202020202020202
`);
  });

  test("metrics have a line for each data point, or all of each", async () => {
    const short = create({ verbosity: "normal" });
    await short.exporter.consume(metrics, never);
    expect(short.text()).toBe(`info Metrics otelcol.signal=metrics resource metrics=1 data points=2
ResourceMetrics #0
  Scope (without a name)
    requests 3 route="/"
    latency count=2 sum=0.5
`);
    const long = create({ verbosity: "detailed" });
    await long.exporter.consume(metrics, never);
    expect(long.text()).toBe(`info Metrics otelcol.signal=metrics resource metrics=1 data points=2
ResourceMetrics #0
  Scope (without a name)
    Metric requests
      Kind         : monotonic sum, cumulative
      Unit         : 1
      Description  : Requests
      Data point
        Start      : 0
        Time       : 2026-11-24T15:00:01.000000000Z
        Value      : 3
        -> route: "/"
    Metric latency
      Kind         : histogram, delta
      Unit         : s
      Description  :${" "}
      Data point
        Start      : 0
        Time       : 0
        Value      : count=2 sum=0.5
`);
    expect(long.metrics.total("otelcol_exporter_sent_metric_points")).toBe(2);
  });

  test("profiles are shown with their keys and values out of the dictionary", async () => {
    const short = create({ verbosity: "normal" });
    await short.exporter.consume(profiles, never);
    expect(short.text()).toBe(`info Profiles otelcol.signal=profiles resource profiles=1 samples=1
ResourceProfiles #0 cpu="x"
  Scope (without a name)
    Profile cpu/x 1 samples
`);
    const long = create({ verbosity: "detailed" });
    await long.exporter.consume(profiles, never);
    expect(long.text()).toBe(`info Profiles otelcol.signal=profiles resource profiles=1 samples=1
ResourceProfiles #0
  -> cpu: "x"
  Scope (without a name)
    Profile cpu/x
      ID           : none
      Time         : 0
      Duration     : 0 ns
      Sample of stack 4: 7
        -> cpu: "main"
        -> (attribute 9): (empty)
`);
  });

  test("a batch whose records are broken is said, and accepted", async () => {
    const { exporter, text } = create({ verbosity: "detailed" });
    expect(await exporter.consume({ ...traces, bytes: Uint8Array.of(10, 3, 18, 5, 1) }, never)).toEqual(accepted);
    expect(text()).toMatch(/^info Traces otelcol\.signal=traces spans=1 error="cannot be decoded: /);
  });

  test("a huge batch is cut, with the number of lines left out", async () => {
    const { exporter, text } = create({ verbosity: "normal" });
    const bytes = Buffer.concat(Array.from({ length: 1000 }, () => whole(traces.bytes)));
    await exporter.consume({ ...traces, bytes, items: 1000 }, never);
    expect(text().split("\n")).toHaveLength(2003);
    expect(text()).toMatch(/… and 1000 lines more\n$/);
  });

  test.each([
    ["normal", "… and 2 lines and 98000 spans more"],
    ["detailed", "… and 3002 lines and 99500 spans more"],
  ])("of a huge resource (%s) only as much is decoded as is shown, whatever it holds", async (verbosity, more) => {
    const span = { name: "GET /", attributes: [{ key: "n", value: { stringValue: "x" } }], events: [{ name: "e" }] };
    const bytes = ExportTraceServiceRequest.encode(
      ExportTraceServiceRequest.fromPartial({
        resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: 100_000 }, () => span) }] }],
      }),
    ).finish();
    const { exporter, text } = create({ verbosity });
    await exporter.consume({ ...traces, bytes, items: 100_000 }, never);
    expect(text()).toMatch(/^info Traces otelcol\.signal=traces resource spans=1 spans=100000\n/);
    expect(text().trimEnd().split("\n")).toHaveLength(2002);
    expect(text().trimEnd().split("\n").at(-1)).toBe(more);
  });

  test("basic counts, and decodes nothing", async () => {
    const { exporter, text } = create();
    // A scope that says it is longer than its resource.
    const broken = Buffer.of(10, 3, 18, 5, 1);
    await exporter.consume({ ...traces, bytes: Buffer.concat([whole(traces.bytes), broken]), items: 2 }, never);
    expect(text()).toBe("info Traces otelcol.signal=traces resource spans=2 spans=2\n");
  });
});

describe("sampling", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  async function written(settings: unknown, count: number): Promise<number> {
    const { exporter, text, metrics } = create(settings);
    for (let n = 0; n < count; n++) await exporter.consume(traces, never);
    expect(metrics.total("otelcol_exporter_sent_spans")).toBe(count);
    return text().split("\n").length - 1;
  }

  test.each([
    [{}, 10, 10],
    [{ sampling_initial: 3, sampling_thereafter: 0 }, 10, 3],
    [{ sampling_initial: 2, sampling_thereafter: 4 }, 10, 4],
    [{ sampling_initial: 0, sampling_thereafter: 5 }, 10, 2],
  ])("%j writes of %d batches %d, and all are counted", async (settings, count, expected) => {
    expect(await written(settings, count)).toBe(expected);
  });

  test("a new second begins anew", async () => {
    const { exporter, text } = create({ sampling_initial: 1, sampling_thereafter: 0 });
    await exporter.consume(traces, never);
    await exporter.consume(traces, never);
    vi.advanceTimersByTime(1000);
    await exporter.consume(traces, never);
    expect(text().split("\n")).toHaveLength(3);
  });
});
