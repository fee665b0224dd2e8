import { expect, test } from "vitest";
import { components } from "../../src/components.ts";
import type { ComponentType } from "../../src/config/component-type.ts";
import type { Configured } from "../../src/config/config.ts";
import { serviceSchema } from "../../src/config/service.ts";
import type { Component } from "../../src/pipeline/contract.ts";
import type { Factories } from "../../src/pipeline/graph/factory.ts";
import { buildGraph } from "../../src/pipeline/graph/graph.ts";
import { createLogger } from "../../src/telemetry/log.ts";
import { createRegistry } from "../../src/telemetry/registry.ts";
import { testHost } from "../support/agent/host.ts";
import { never } from "./given.ts";
import { everything, parse, settingsOf } from "./minimal.ts";

/** Every component that there is, which writes down when it is started and stopped. */
function watched(events: string[]): Factories {
  const noted = <C extends Component>(component: C, name: string): C => ({
    ...component,
    start: async () => {
      events.push(`start ${name}`);
      await component.start();
    },
    stop: async (signal: AbortSignal) => {
      events.push(`stop ${name}`);
      await component.stop(signal);
    },
  });
  const { receivers, processors, exporters, extensions } = components;
  return {
    receivers: receivers.map((type) => ({
      ...type,
      create: (config, host, outlets) => noted(type.create(config, host, outlets), `receiver ${host.id}`),
    })),
    processors: processors.map((type) => ({
      ...type,
      create: (config, host, next) => noted(type.create(config, host, next), `processor ${host.id}`),
    })),
    exporters: exporters.map((type) => ({
      ...type,
      create: (config, host) => noted(type.create(config, host), `exporter ${host.id}`),
    })),
    extensions: extensions.map((type) => ({
      ...type,
      create: (config, host) => noted(type.create(config, host), `extension ${host.id}`),
    })),
  };
}

function configured<T extends ComponentType>(types: readonly T[]): ReadonlyMap<string, Configured<T>> {
  return new Map(
    types.map((type) => {
      const factory = everything.find((one) => one.kind === type.kind && one.type === type.type);
      if (factory === undefined) throw new Error(`Cannot find ${type.type}: it must be in the table of components`);
      return [type.type, { id: type.type, type, settings: parse(factory, settingsOf(factory)) }];
    }),
  );
}

test("extensions, exporters, processors, receivers start in this order and stop in the other, all that there are", async () => {
  const events: string[] = [];
  const all = watched(events);
  const inTraces = (types: readonly ComponentType[]) =>
    types.filter(({ signals }) => signals.includes("traces")).map(({ type }) => type);
  const pipeline = {
    id: "traces",
    signal: "traces",
    receivers: inTraces(all.receivers),
    processors: inTraces(all.processors),
    exporters: inTraces(all.exporters),
  };
  const graph = buildGraph(
    {
      receivers: configured(all.receivers),
      processors: configured(all.processors),
      exporters: configured(all.exporters),
      extensions: configured(all.extensions),
      pipelines: [pipeline],
      service: serviceSchema.parse({}),
    },
    {
      log: createLogger({ level: "error", encoding: "json", write: () => {} }),
      metrics: createRegistry({ level: "detailed", version: "0", resource: {} }),
      userAgent: "podstamp/0 (test)",
      environment: {},
      memory: testHost("").memory,
    },
  );
  await graph.start();
  await graph.stop(never);

  const extensions = all.extensions.map(({ type }) => `extension ${type}`);
  const exporters = all.exporters.map(({ type }) => `exporter ${type}`);
  const processors = pipeline.processors.map((type) => `processor ${type}`);
  const receivers = all.receivers.map(({ type }) => `receiver ${type}`);
  expect(events.filter((event) => event.startsWith("start "))).toEqual(
    [...extensions, ...exporters, ...processors.toReversed(), ...receivers].map((name) => `start ${name}`),
  );
  expect(events.filter((event) => event.startsWith("stop "))).toEqual(
    [...receivers, ...processors, ...exporters, ...extensions.toReversed()].map((name) => `stop ${name}`),
  );
});
