import { describe, expect, test } from "vitest";
import { anything } from "../../../src/config/schema/kinds.ts";
import type { Configured } from "../../../src/config/config.ts";
import { serviceSchema } from "../../../src/config/service.ts";
import type {
  Batch,
  Component,
  Consumer,
  Delivery,
  Host,
  Outlets,
  ServiceStatus,
} from "../../../src/pipeline/contract.ts";
import { accepted } from "../../../src/pipeline/contract.ts";
import type {
  ExporterFactory,
  ExtensionFactory,
  ProcessorFactory,
  ReceiverFactory,
} from "../../../src/pipeline/graph/factory.ts";
import { buildGraph } from "../../../src/pipeline/graph/graph.ts";
import type { PipelineConfig } from "../../../src/pipeline/graph/graph.ts";
import { createLogger } from "../../../src/telemetry/log.ts";
import { createRegistry } from "../../../src/telemetry/registry.ts";
import { testHost } from "../../support/agent/host.ts";

const shared = {
  aliases: [],
  signals: ["traces", "logs"] as const,
  stability: "stable" as const,
  summary: "",
  schema: anything(),
};
const never = new AbortController().signal;
const batch: Batch = { signal: "traces", bytes: new Uint8Array(), items: 3 };

/** Components that write down what happens to them. */
function recorder() {
  const events: string[] = [];
  const outlets = new Map<string, Outlets>();
  const statuses: (() => ServiceStatus)[] = [];
  let isReady = true;
  let faults: Readonly<Record<string, () => Promise<void>>> = {};
  const life = (id: string): Component => ({
    start: async () => {
      events.push(`start ${id}`);
      await faults[`start ${id}`]?.();
    },
    stop: async () => {
      events.push(`stop ${id}`);
      await faults[`stop ${id}`]?.();
    },
  });
  const receiver: ReceiverFactory<unknown> = {
    ...shared,
    kind: "receiver",
    type: "in",
    create: (_, { id }, out) => {
      events.push(`create ${id}`);
      outlets.set(id, out);
      return life(id);
    },
  };
  const processor: ProcessorFactory<unknown> = {
    ...shared,
    kind: "processor",
    type: "pass",
    create: (_, { id, share }: Host, next: Consumer) => {
      share("directory", () => ({ ...life("directory"), isReady: () => isReady }));
      return { ...life(id), consume: (given, signal) => next.consume(given, signal), whenIdle: () => next.whenIdle() };
    },
  };
  const exporter: ExporterFactory<unknown> = {
    ...shared,
    kind: "exporter",
    type: "out",
    create: (_, { id }) => {
      events.push(`create ${id}`);
      return {
        ...life(id),
        whenIdle: () => undefined,
        consume: async (): Promise<Delivery> => {
          events.push(`consume ${id}`);
          return accepted;
        },
      };
    },
  };
  const extension: ExtensionFactory<unknown> = {
    ...shared,
    kind: "extension",
    type: "beside",
    signals: [],
    create: (_, { id, status }) => {
      statuses.push(status);
      return life(id);
    },
  };
  return {
    events,
    outlets,
    statuses,
    receiver,
    processor,
    exporter,
    extension,
    setFaults: (these: typeof faults) => (faults = these),
    setReady: (ready: boolean) => (isReady = ready),
  };
}

type Pipeline = PipelineConfig["pipelines"][number];

function build(record: ReturnType<typeof recorder>, pipelines: readonly Pipeline[]) {
  type Any =
    | ReceiverFactory<unknown>
    | ProcessorFactory<unknown>
    | ExporterFactory<unknown>
    | ExtensionFactory<unknown>;
  const configured = <T extends Any>(ids: readonly string[], type: T): ReadonlyMap<string, Configured<T>> =>
    new Map(ids.map((id) => [id, { id, type, settings: {} }]));
  const config: PipelineConfig = {
    receivers: configured(
      pipelines.flatMap((pipeline) => pipeline.receivers),
      record.receiver,
    ),
    processors: configured(
      pipelines.flatMap((pipeline) => pipeline.processors),
      record.processor,
    ),
    exporters: configured(
      pipelines.flatMap((pipeline) => pipeline.exporters),
      record.exporter,
    ),
    extensions: configured(["beside/1", "beside/2"], record.extension),
    pipelines,
    service: serviceSchema.parse({}),
  };
  const metrics = createRegistry({ level: "detailed", version: "0", resource: {} });
  const lines: string[] = [];
  const log = createLogger({ level: "debug", encoding: "console", write: (line) => lines.push(line) });
  return {
    graph: buildGraph(config, {
      log,
      metrics,
      userAgent: "podstamp/0 (test)",
      environment: {},
      memory: testHost("").memory,
    }),
    metrics,
    lines,
  };
}

const line = (id: string, parts: Partial<Pipeline> = {}): Pipeline => ({
  id,
  signal: id.split("/")[0] ?? "",
  receivers: ["in"],
  processors: ["pass/1", "pass/2"],
  exporters: ["out"],
  ...parts,
});

describe("what is built", () => {
  test("one receiver and one exporter for each id, one processor for each pipeline", async () => {
    const record = recorder();
    const { graph } = build(record, [line("traces"), line("logs")]);
    expect(record.events).toEqual(["create out", "create in"]);
    await graph.start();
    expect(record.events.filter((event) => event === "start pass/1")).toHaveLength(2);
    await graph.stop(never);
  });

  test("a receiver has an outlet for each signal that a pipeline takes from it", () => {
    const record = recorder();
    build(record, [line("traces"), line("logs", { receivers: ["in/logs"] })]);
    expect(Object.keys(record.outlets.get("in") ?? {})).toEqual(["traces"]);
    expect(Object.keys(record.outlets.get("in/logs") ?? {})).toEqual(["logs"]);
  });

  test("data goes to every exporter of every pipeline that takes it", async () => {
    const record = recorder();
    build(record, [
      line("traces", { exporters: ["out/a", "out/b"] }),
      line("traces/2", { exporters: ["out/c"] }),
      line("logs", { exporters: ["out/d"] }),
    ]);
    record.events.length = 0;
    await record.outlets.get("in")?.traces?.consume(batch, never);
    expect(record.events.toSorted()).toEqual(["consume out/a", "consume out/b", "consume out/c"]);
  });

  test("items into and out of each processor are counted", async () => {
    const record = recorder();
    const { metrics } = build(record, [line("traces")]);
    await record.outlets.get("in")?.traces?.consume(batch, never);
    expect(metrics.total("otelcol_processor_incoming_items")).toBe(6);
    expect(metrics.total("otelcol_processor_outgoing_items")).toBe(6);
  });
});

describe("start and stop", () => {
  test("start begins with what others stand on, stop follows the flow", async () => {
    const record = recorder();
    const { graph } = build(record, [line("traces")]);
    record.events.length = 0;
    await graph.start();
    expect(record.events.splice(0)).toEqual([
      "start beside/1",
      "start beside/2",
      "start directory",
      "start out",
      "start pass/2",
      "start pass/1",
      "start in",
    ]);
    await graph.stop(never);
    expect(record.events).toEqual([
      "stop in",
      "stop pass/1",
      "stop pass/2",
      "stop out",
      "stop directory",
      "stop beside/2",
      "stop beside/1",
    ]);
  });

  test("an extension sees the service starting, waiting for what is not ready, running and stopping", async () => {
    const record = recorder();
    const { graph } = build(record, [line("traces")]);
    const [status] = record.statuses;
    record.setReady(false);
    const before = Date.now();
    expect(status?.()).toEqual({ phase: "starting" });
    await graph.start();
    const after = Date.now();
    const isBetween = { asymmetricMatch: (since: unknown) => Number(since) >= before && Number(since) <= after };
    expect(status?.()).toEqual({ phase: "running", since: isBetween, waitingFor: ["directory"] });
    record.setReady(true);
    expect(status?.()).toMatchObject({ phase: "running", waitingFor: [] });
    const stopped = graph.stop(never);
    expect(status?.()).toEqual({ phase: "stopping" });
    await stopped;
  });

  test("a component that cannot start stops the others and is named", async () => {
    const record = recorder();
    const { graph } = build(record, [line("traces")]);
    record.setFaults({
      "start pass/1": async () => {
        throw new Error("Cannot listen on :1: it is taken");
      },
    });
    await expect(graph.start()).rejects.toThrow("Cannot start processors::pass/1: Cannot listen on :1: it is taken");
    expect(record.events).not.toContain("start in");
    expect(record.events.slice(-7)).toEqual([
      "stop in",
      "stop pass/1",
      "stop pass/2",
      "stop out",
      "stop directory",
      "stop beside/2",
      "stop beside/1",
    ]);
  });

  test("stopping twice stops once, and before start it is harmless", async () => {
    const record = recorder();
    const { graph } = build(record, [line("traces")]);
    await Promise.all([graph.stop(never), graph.stop(never)]);
    expect(record.events.filter((event) => event === "stop in")).toHaveLength(1);
  });

  test("a component that fails while it stops does not keep the others from stopping", async () => {
    const record = recorder();
    const { graph, lines } = build(record, [line("traces")]);
    record.setFaults({
      "stop in": async () => {
        throw new Error("broken");
      },
    });
    await graph.start();
    await graph.stop(never);
    expect(record.events.at(-1)).toBe("stop beside/1");
    expect(lines.join("")).toContain("component=receivers::in error=broken");
  });

  test("a component that never stops is left behind once the time is up, and named", async () => {
    const record = recorder();
    const { graph, lines } = build(record, [line("traces")]);
    record.setFaults({ "stop pass/1": () => new Promise(() => {}) });
    await graph.start();
    await graph.stop(AbortSignal.abort());
    expect(record.events.at(-1)).toBe("stop beside/1");
    expect(lines.join("")).toContain("Stopped waiting for a component that does not stop component=processors::pass/1");
  });
});
