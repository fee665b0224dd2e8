import { onTestFinished } from "vitest";
import type { Signal } from "../../src/otlp/signals.ts";
import type { Component, Consumer, Exporter, Outlets, Processor, ServiceStatus } from "../../src/pipeline/contract.ts";
import type { ExporterFactory, ProcessorFactory } from "../../src/pipeline/graph/factory.ts";
import { createGate } from "../../src/pipeline/gate.ts";
import type { Gate } from "../../src/pipeline/gate.ts";
import { givenNext, sharingHost } from "../processors/given-next.ts";
import type { Next } from "../processors/given-next.ts";
import type { TestHost } from "../support/agent/host.ts";
import { parse, settingsOf } from "./minimal.ts";
import type { Factory } from "./minimal.ts";

/** A component with what it shares, which the service starts before it and stops after it. */
export type Made = {
  readonly host: TestHost & { readonly gate: Gate };
  readonly component: Component;
  start(): Promise<void>;
  stop(signal?: AbortSignal): Promise<void>;
};

/** A signal that nobody aborts. */
export const never = new AbortController().signal;

/** Makes any component, before its start. */
export function make(factory: Factory, settings: object, next: Consumer): Made {
  const host = { ...sharingHost(factory.type), gate: createGate() };
  const component = create(factory, parse(factory, settings), { host, next });
  const all = () => [...host.shared.values(), component];
  return {
    host,
    component,
    async start() {
      for (const one of all()) await one.start();
    },
    async stop(signal = never) {
      for (const one of all().toReversed()) await one.stop(signal);
    },
  };
}

type Around = { readonly host: TestHost; readonly next: Consumer };

function create(factory: Factory, config: unknown, { host, next }: Around): Component {
  switch (factory.kind) {
    case "receiver": {
      const outlets: { [S in Signal]?: Consumer } = {};
      for (const signal of factory.signals) outlets[signal] = next;
      return factory.create(config, host, outlets satisfies Outlets);
    }
    case "processor":
      return factory.create(config, host, next);
    case "exporter":
      return factory.create(config, host);
    case "extension":
      return factory.create(config, { ...host, status: (): ServiceStatus => ({ phase: "starting" }) });
  }
}

/** A processor that runs, before a next consumer that does as it is told. */
export async function givenProcessor(
  factory: ProcessorFactory<unknown>,
): Promise<{ processor: Processor; next: Next; made: Made }> {
  const next = givenNext();
  const made = make(factory, settingsOf(factory), next);
  await made.start();
  onTestFinished(() => made.stop(AbortSignal.abort()));
  return { processor: made.component as Processor, next, made };
}

/** An exporter that runs. */
export async function givenExporter(
  factory: ExporterFactory<unknown>,
  settings: object,
): Promise<{ exporter: Exporter; made: Made }> {
  const made = make(factory, settings, givenNext());
  await made.start();
  onTestFinished(() => made.stop(AbortSignal.abort()));
  return { exporter: made.component as Exporter, made };
}
