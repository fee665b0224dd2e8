import { describe, expect, test } from "vitest";
import { filterProcessor } from "../../src/processors/filter.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch } from "../../src/pipeline/contract.ts";
import { ExportMetricsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import { wireAttributes } from "../support/otlp/plain.ts";
import { givenNext, sharingHost } from "./given-next.ts";
import { item, logs, resourcesOf, traces } from "./telemetry.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

const signal = new AbortController().signal;

async function filtered(batch: Batch, settings: object) {
  const next = givenNext();
  const host = sharingHost("filter/mine");
  const processor = filterProcessor.create(filterProcessor.schema.parse(settings), host, next);
  const delivery = await processor.consume(batch, signal);
  return { delivery, batch: next.taken[0]?.batch, calls: next.taken.length, host };
}

const records = [
  { attributes: { host: "a" }, items: [item("one"), item("two", "c-1")] },
  { attributes: { host: "b" }, items: [item("three")] },
];

function left(batch: Batch | undefined): readonly string[] {
  return resourcesOf(batch).map(
    ({ attributes, items }) => `${JSON.stringify(attributes["host"])}: ${items.map(({ name }) => name).join(", ")}`,
  );
}

describe("filter", () => {
  test.each(["ignore", "propagate", "Silent"])(
    "takes error_mode: %s beside include and exclude, which have no errors",
    async (mode) => {
      const exclude = { match_type: "strict", span_names: ["two"] };
      const { batch } = await filtered(traces(...records), { error_mode: mode, spans: { exclude } });
      expect(left(batch)).toEqual([`"a": one`, `"b": three`]);
    },
  );

  test.each<[string, object, readonly string[]]>([
    [
      "keeps the spans of include",
      { include: { match_type: "strict", span_names: ["two", "three"] } },
      [`"a": two`, `"b": three`],
    ],
    ["drops the spans of exclude", { exclude: { match_type: "regexp", span_names: ["^t"] } }, [`"a": one`]],
    [
      "looks at resources",
      { exclude: { match_type: "strict", resources: [{ key: "host", value: "a" }] } },
      [`"b": three`],
    ],
    [
      "looks at attributes",
      { include: { match_type: "regexp", attributes: [{ key: "container.id", value: "^c-" }] } },
      [`"a": two`],
    ],
    [
      "drops out of what include keeps",
      {
        include: { match_type: "strict", resources: [{ key: "host", value: "a" }] },
        exclude: { match_type: "strict", span_names: ["one"] },
      },
      [`"a": two`],
    ],
  ])("%s", async (_, spans, expected) => {
    const { batch, host } = await filtered(traces(...records), { spans });
    expect(left(batch)).toEqual(expected);
    const kept = resourcesOf(batch).flatMap(({ items }) => items).length;
    expect(batch?.items).toBe(kept);
    expect(host.metric("otelcol_processor_filter_spans_filtered", { filter: "filter/mine" })).toBe(3 - kept);
  });

  test.each<[string, object, readonly string[]]>([
    ["bodies", { exclude: { match_type: "strict", bodies: ["one", "three"] } }, [`"a": two`]],
    ["bodies by pattern", { include: { match_type: "regexp", bodies: ["o$"] } }, [`"a": two`]],
    [
      "resource attributes",
      { include: { match_type: "strict", resource_attributes: [{ key: "host", value: "b" }] } },
      [`"b": three`],
    ],
    [
      "record attributes",
      { exclude: { match_type: "strict", record_attributes: [{ key: "container.id" }] } },
      [`"a": one`, `"b": three`],
    ],
    [
      "severity, where none has one",
      { exclude: { match_type: "strict", severity_number: { min: "INFO" } } },
      [`"a": one, two`, `"b": three`],
    ],
    [
      "an include that asks nothing, as the Collector",
      { include: { match_type: "strict" } },
      [`"a": one, two`, `"b": three`],
    ],
  ])("looks at log records by %s", async (_, settings, expected) => {
    expect(left((await filtered(logs(...records), { logs: settings })).batch)).toEqual(expected);
  });

  test("accepts a request of which nothing is left, without asking the next one", async () => {
    const { delivery, calls, host } = await filtered(logs(...records), {
      logs: { exclude: { match_type: "regexp", bodies: ["."] } },
    });
    expect([delivery, calls]).toEqual([accepted, 0]);
    expect(host.metric("otelcol_processor_filter_logs_filtered", { filter: "filter/mine" })).toBe(3);
  });

  test("passes what it does not filter as it came: other signals, and what matches nothing", async () => {
    const spans = { exclude: { match_type: "strict", span_names: ["nobody"] } };
    const [sent, logged] = [traces(...records), logs(...records)];
    expect((await filtered(sent, { spans })).batch).toBe(sent);
    expect((await filtered(logged, { spans })).batch).toBe(logged);
  });

  test("keeps the parts of a merged batch, also one that has nothing left", async () => {
    const [one, two] = [
      traces({ attributes: { host: "a" }, items: [item("one")] }),
      traces({ attributes: { host: "b" }, items: [item("two")] }),
    ];
    const end = one.bytes.length + two.bytes.length;
    const merged: Batch = {
      signal: "traces",
      bytes: Buffer.concat([whole(one.bytes), whole(two.bytes)]),
      items: 2,
      parts: [
        { end: one.bytes.length, items: 1 },
        { end, items: 1 },
      ],
    };
    const { batch } = await filtered(merged, { spans: { exclude: { match_type: "strict", span_names: ["one"] } } });
    expect(batch?.parts).toEqual([
      { end: 0, items: 0 },
      { end: two.bytes.length, items: 1 },
    ]);
    expect(batch?.bytes).toEqual(two.bytes);
  });
});

describe("filter on metrics", () => {
  const metric = (name: string, points: number) => ({
    name,
    gauge: { dataPoints: Array.from({ length: points }, () => ({ asInt: 1n })) },
  });
  const metrics = ExportMetricsServiceRequest.fromPartial({
    resourceMetrics: [
      {
        resource: { attributes: wireAttributes({ host: "a" }) },
        scopeMetrics: [{ metrics: [metric("cpu.time", 2), metric("disk.io", 3)] }],
      },
      { resource: { attributes: wireAttributes({ host: "b" }) }, scopeMetrics: [{ metrics: [metric("cpu.time", 1)] }] },
    ],
  });
  const batch: Batch = {
    signal: "metrics",
    bytes: Buffer.from(ExportMetricsServiceRequest.encode(metrics).finish()),
    items: 6,
  };
  const names = (after: Batch | undefined) =>
    ExportMetricsServiceRequest.decode(whole(after?.bytes ?? new Uint8Array())).resourceMetrics.map(
      ({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics.map(({ name }) => name)).join(", "),
    );

  test.each<[string, object, readonly string[], number]>([
    ["include by name", { include: { match_type: "strict", metric_names: ["disk.io"] } }, ["disk.io"], 3],
    ["include by pattern", { include: { match_type: "regexp", metric_names: ["^cpu"] } }, ["cpu.time", "cpu.time"], 3],
    ["exclude by name", { exclude: { match_type: "strict", metric_names: ["cpu.time"] } }, ["disk.io"], 3],
    [
      "include by resource",
      { include: { match_type: "strict", resource_attributes: [{ key: "host", value: "b" }] } },
      ["cpu.time"],
      1,
    ],
    [
      "include by both: both must match",
      {
        include: {
          match_type: "strict",
          metric_names: ["cpu.time"],
          resource_attributes: [{ key: "host", value: "a" }],
        },
      },
      ["cpu.time"],
      2,
    ],
    // As the Collector does it: what either names is dropped.
    [
      "exclude by both: one is enough",
      {
        exclude: {
          match_type: "strict",
          metric_names: ["disk.io"],
          resource_attributes: [{ key: "host", value: "b" }],
        },
      },
      ["cpu.time"],
      2,
    ],
  ])("%s", async (_, settings, expected, items) => {
    const result = await filtered(batch, { metrics: settings });
    expect(names(result.batch)).toEqual(expected);
    expect(result.batch?.items).toBe(items);
    expect(result.host.metric("otelcol_processor_filter_datapoints_filtered", { filter: "filter/mine" })).toBe(
      6 - items,
    );
  });
});
