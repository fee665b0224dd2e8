import { describe, expect, test } from "vitest";
import { anything } from "../../src/config/schema/kinds.ts";
import { serviceSchema } from "../../src/config/service.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch, Component, Consumer, Delivery, Outlets } from "../../src/pipeline/contract.ts";
import type {
  ExporterFactory,
  ExtensionFactory,
  ProcessorFactory,
  ReceiverFactory,
} from "../../src/pipeline/graph/factory.ts";
import { buildGraph } from "../../src/pipeline/graph/graph.ts";
import type { PipelineConfig } from "../../src/pipeline/graph/graph.ts";
import { createLogger } from "../../src/telemetry/log.ts";
import { createRegistry } from "../../src/telemetry/registry.ts";
import { whole } from "../../src/otlp/rope/rope.ts";
import { eventually } from "../support/eventually.ts";
import { testHost } from "../support/agent/host.ts";

const never = new AbortController().signal;
const batchOf = (text: string): Batch => ({ signal: "traces", bytes: Buffer.from(text), items: 1 });
const shared = {
  aliases: [],
  signals: ["traces", "logs"] as const,
  stability: "stable" as const,
  summary: "",
  schema: anything(),
};

/** Components that write down what happens to them; each instance has a number. */
function given() {
  const events: string[] = [];
  const outlets: Outlets[] = [];
  const fails = new Set<string>();
  let held: readonly Batch[] = [];
  let blocked: Promise<void> | undefined;
  let full: Delivery | undefined;
  let instances = 0;
  const life = (id: string): Component & { readonly name: string } => {
    const name = `${id}#${++instances}`;
    return {
      name,
      async start() {
        events.push(`start ${name}`);
        if (fails.has(id)) throw new Error(`${id} cannot`);
      },
      async stop() {
        events.push(`stop ${name}`);
      },
    };
  };
  const receiver: ReceiverFactory<unknown> = {
    ...shared,
    kind: "receiver",
    type: "in",
    create: (_, { id }, out) => {
      outlets.push(out);
      return { ...life(id), ...(id.startsWith("door") ? { listens: true } : {}) };
    },
  };
  const processor: ProcessorFactory<unknown> = {
    ...shared,
    kind: "processor",
    type: "pass",
    create: (_, { id, share }, next: Consumer) => {
      share("directory", () => life("directory"));
      return { ...life(id), consume: (batch, signal) => next.consume(batch, signal), whenIdle: () => next.whenIdle() };
    },
  };
  const exporter: ExporterFactory<unknown> = {
    ...shared,
    kind: "exporter",
    type: "out",
    create: (_, { id }) => {
      if (fails.has(`make ${id}`)) throw new Error(`${id} cannot be made`);
      const own = life(id);
      return {
        ...own,
        whenIdle: () => undefined,
        async consume(batch): Promise<Delivery> {
          await blocked;
          if (full !== undefined) return full;
          events.push(`${own.name} takes ${String(whole(batch.bytes))}`);
          return accepted;
        },
        async release() {
          events.push(`release ${own.name}`);
          return held;
        },
      };
    },
  };
  const extension: ExtensionFactory<unknown> = {
    ...shared,
    kind: "extension",
    type: "beside",
    create: (_, { id }) => life(id),
  };
  /** A file with one pipeline; what stands behind a colon makes a block another one. */
  const config = (receivers: string[], exporters: string[], signal = "traces"): PipelineConfig => {
    const configured = <T>(ids: string[], type: T) =>
      new Map(
        ids.map((written) => {
          const [id = "", version = ""] = written.split(":");
          return [id, { id, type, settings: {}, fingerprint: `${id}${version}` }];
        }),
      );
    const ids = (list: string[]) => list.map((written) => written.split(":")[0] ?? "");
    return {
      receivers: configured(receivers, receiver),
      processors: configured(["pass"], processor),
      exporters: configured(exporters, exporter),
      extensions: configured(["beside"], extension),
      pipelines: [{ id: signal, signal, receivers: ids(receivers), processors: ["pass"], exporters: ids(exporters) }],
      service: serviceSchema.parse({}),
    };
  };
  const metrics = createRegistry({ level: "detailed", version: "0", resource: {} });
  const graph = buildGraph(config(["in"], ["out"]), {
    log: createLogger({ level: "error", encoding: "console", write: () => {} }),
    metrics,
    userAgent: "",
    environment: {},
    memory: testHost("").memory,
  });
  return {
    graph,
    config,
    events,
    outlets,
    fails,
    metrics,
    hold: (batches: readonly Batch[]) => (held = batches),
    block: (until: Promise<void> | undefined) => (blocked = until),
    fill: (answer: Delivery | undefined) => (full = answer),
    async started() {
      await graph.start();
      events.length = 0;
    },
  };
}

describe("reload", () => {
  test("with the same blocks makes only the pipelines anew; what is shared goes on", async () => {
    const { graph, config, events, outlets, started } = given();
    await started();
    expect(await graph.reload(config(["in"], ["out"]))).toEqual({ status: "replaced" });
    expect(events).toEqual(["stop pass#4", "start pass#6"]);
    await outlets[0]?.traces?.consume(batchOf("x"), never);
    expect(events.at(-1)).toBe("out#2 takes x");
    expect(outlets).toHaveLength(1);
    await graph.stop(never);
  });

  test("gives the new exporter what the old one of the same id held, and nothing to the old one any more", async () => {
    const { graph, config, events, outlets, hold, started } = given();
    await started();
    hold([batchOf("a"), batchOf("b")]);
    expect(await graph.reload(config(["in"], ["out:other"]))).toEqual({ status: "replaced" });
    await eventually(() => events.some((event) => event.endsWith("takes b")), { what: "the second batch" });
    await outlets[0]?.traces?.consume(batchOf("c"), never);
    expect(events.filter((event) => !event.includes("pass"))).toEqual([
      "release out#2",
      "start out#6",
      "out#6 takes a",
      "out#6 takes b",
      "out#6 takes c",
    ]);
    await graph.stop(never);
  });

  test("loses nothing that the new exporter had no room for yet when it is replaced, too", async () => {
    const { graph, config, events, hold, fill, metrics, started } = given();
    await started();
    hold([batchOf("a"), batchOf("b")]);
    fill({ status: "retry", cause: new Error("no room") });
    expect(await graph.reload(config(["in"], ["out:small"]))).toEqual({ status: "replaced" });
    hold([]);
    fill(undefined);
    expect(await graph.reload(config(["in"], ["out:large"]))).toEqual({ status: "replaced" });
    await eventually(() => events.some((event) => event.endsWith("takes b")), { what: "the second batch" });
    await graph.stop(never);
    expect(events.filter((event) => event.includes("takes"))).toEqual(["out#8 takes a", "out#8 takes b"]);
    expect(metrics.total("podstamp_dropped_items")).toBe(0);
  });

  test("lets what comes in between wait for the new pipelines, and what is on its way be answered by the old ones", async () => {
    const { graph, config, events, outlets, block, started } = given();
    await started();
    const gate = Promise.withResolvers<void>();
    void block(gate.promise);
    const before = outlets[0]?.traces?.consume(batchOf("before"), never);
    const reloaded = graph.reload(config(["in"], ["out:other"]));
    await eventually(() => outlets[0]?.traces?.whenIdle() !== undefined, { what: "the hold" });
    const during = outlets[0]?.traces?.consume(batchOf("during"), never);
    gate.resolve();
    expect(await Promise.all([before, reloaded, during])).toEqual([accepted, { status: "replaced" }, accepted]);
    expect(events.filter((event) => event.includes("takes"))).toEqual(["out#2 takes before", "out#6 takes during"]);
    await graph.stop(never);
  });

  test("stops a receiver whose block changed or whose signals did, and starts the new one", async () => {
    const { graph, config, events, started } = given();
    await started();
    await graph.reload(config(["in:other"], ["out"]));
    expect(events.filter((event) => event.includes("in#"))).toEqual(["stop in#5", "start in#7"]);
    events.length = 0;
    await graph.reload(config(["in:other"], ["out"], "logs"));
    expect(events.filter((event) => event.includes("in#"))).toEqual(["stop in#7", "start in#9"]);
    await graph.stop(never);
  });

  test("keeps a receiver that listens until its successor takes its place; what waits there goes the new way", async () => {
    const { graph, config, events, outlets, block, started } = given();
    await started();
    await graph.reload(config(["door"], ["out"]));
    events.length = 0;
    const gate = Promise.withResolvers<void>();
    void block(gate.promise);
    const old = outlets[1]?.traces;
    const before = old?.consume(batchOf("before"), never);
    const reloaded = graph.reload(config(["door:other"], ["out:other"]));
    await eventually(() => old?.whenIdle() !== undefined, { what: "the hold" });
    const during = old?.consume(batchOf("during"), never);
    expect(events).toEqual([]);
    gate.resolve();
    expect(await Promise.all([before, reloaded, during])).toEqual([accepted, { status: "replaced" }, accepted]);
    const order = events.map((event) => event.replace(/#\d+/, ""));
    expect(order.filter((event) => /takes|door/.test(event))).toEqual([
      "out takes before",
      "stop door",
      "start door",
      "out takes during",
    ]);
    await graph.stop(never);
  });

  test("tells who sends a signal that the successor does not take to send it again", async () => {
    const { graph, config, outlets, block, started } = given();
    await started();
    await graph.reload(config(["door"], ["out"]));
    const gate = Promise.withResolvers<void>();
    void block(gate.promise);
    const old = outlets[1]?.traces;
    const before = old?.consume(batchOf("before"), never);
    const reloaded = graph.reload(config(["door"], ["out"], "logs"));
    await eventually(() => old?.whenIdle() !== undefined, { what: "the hold" });
    const during = old?.consume(batchOf("during"), never);
    gate.resolve();
    expect(await Promise.all([before, reloaded])).toEqual([accepted, { status: "replaced" }]);
    expect(await during).toMatchObject({ status: "retry" });
    await graph.stop(never);
  });

  test("stops exporters that are not named any more", async () => {
    const { graph, config, events, started } = given();
    await started();
    await graph.reload(config(["in"], ["out/new"]));
    await eventually(() => events.includes("stop out#2"), { what: "the end of the old exporter" });
    expect(events).toContain("start out/new#6");
    await graph.stop(never);
  });

  test("that cannot start puts back what ran, with what the old exporter held", async () => {
    const { graph, config, events, outlets, fails, hold, started } = given();
    await started();
    hold([batchOf("held")]);
    fails.add("in/new");
    expect(await graph.reload(config(["in", "in/new"], ["out:other"]))).toEqual({
      status: "refused",
      problem: "Cannot start receivers::in/new: in/new cannot",
    });
    hold([]);
    await outlets[0]?.traces?.consume(batchOf("x"), never);
    await eventually(() => events.some((event) => event.endsWith("takes held")), { what: "what was held" });
    const last = events.findLast((event) => event.endsWith("takes x"));
    expect(events).toContain(`start ${last?.split(" ")[0]}`);
    expect(events).not.toContain("stop in#5");
    expect(graph.status()).toMatchObject({ phase: "running" });
    await graph.stop(never);
  });

  test.each([
    ["one that goes on", "in", "in"],
    ["one that is replaced", "door", "door:other"],
  ])(
    "that leaves nothing to run ends its receivers (%s) and tells who waits there to send it again",
    async (_, id, wanted) => {
      const { graph, config, events, outlets, fails, block, started } = given();
      await started();
      await graph.reload(config([id], ["out"]));
      const gate = Promise.withResolvers<void>();
      void block(gate.promise);
      const door = outlets.at(-1)?.traces;
      const before = door?.consume(batchOf("before"), never);
      for (const name of ["out", "other"]) fails.add(name);
      const reloaded = graph.reload(config([wanted], ["other"]));
      await eventually(() => door?.whenIdle() !== undefined, { what: "the hold" });
      const during = door?.consume(batchOf("during"), never);
      gate.resolve();
      await expect(reloaded).rejects.toThrow("out cannot");
      expect(await before).toEqual(accepted);
      expect(await during).toMatchObject({ status: "retry" });
      expect(events.filter((event) => event.startsWith(`stop ${id}#`))).toHaveLength(1);
      await graph.stop(never);
    },
  );

  test("that cannot make the old exporter any more stops what it had begun of the new one", async () => {
    const { graph, config, events, outlets, fails, started } = given();
    await started();
    await graph.reload(config(["door"], ["out"]));
    const door = outlets.at(-1)?.traces;
    for (const name of ["door", "make out"]) fails.add(name);
    await expect(graph.reload(config(["door:other"], ["other"]))).rejects.toThrow("out cannot be made");
    expect(await door?.consume(batchOf("late"), never)).toMatchObject({ status: "retry" });
    events.length = 0;
    await graph.stop(never);
    expect(events.filter((event) => event.startsWith("stop other"))).toHaveLength(1);
  });

  test("runs one after the other, and is refused once the end has begun", async () => {
    const { graph, config, started } = given();
    await started();
    const both = Promise.all([graph.reload(config(["in"], ["out:1"])), graph.reload(config(["in"], ["out:2"]))]);
    expect(await both).toEqual([{ status: "replaced" }, { status: "replaced" }]);
    await graph.stop(never);
    expect(await graph.reload(config(["in"], ["out"]))).toEqual({ status: "refused", problem: "podstamp is stopping" });
  });
});
