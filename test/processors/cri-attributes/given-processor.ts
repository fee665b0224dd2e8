import { expect, onTestFinished } from "vitest";
import { accepted, type Batch, type Processor } from "../../../src/pipeline/contract.ts";
import {
  criAttributesProcessor,
  k8sAttributesProcessor,
} from "../../../src/processors/cri-attributes/cri-attributes.ts";
import type { ModelPod } from "../../support/cri/answers.ts";
import type { CriStore } from "../../support/cri/store.ts";
import type { CriServer } from "../../support/cri/server.ts";
import { eventually } from "../../support/eventually.ts";
import type { TestHost } from "../../support/agent/host.ts";
import { lendRuntime } from "../../support/lend.ts";
import type { Attributes } from "../../support/otlp/plain.ts";
import { givenNext, type Next, sharingHost } from "../given-next.ts";
import { item, resourcesOf, traces } from "../telemetry.ts";

const never = new AbortController().signal;

/** A processor over a runtime of ours. */
export type GivenProcessor = {
  readonly server: CriServer;
  readonly host: ReturnType<typeof sharingHost>;
  /** The attributes of each resource that leaves for a batch, in order. */
  through(batch: Batch): Promise<readonly Attributes[]>;
  /** The attributes with which a resource with these leaves, sent from an address, perhaps by an SDK. */
  stamped(attributes: Attributes, peer?: string, isFromSdk?: boolean): Promise<Attributes>;
  metric: TestHost["metric"];
  /** What it answers to an order: its items; rejects when it refuses. */
  answers(order: string, question: object): Promise<readonly unknown[]>;
  readonly processor: Processor;
  /** Who is behind it. */
  readonly next: Next;
};

export type ProcessorOptions = {
  readonly type?: "cri_attributes" | "k8s_attributes";
  readonly settings?: object;
  readonly pods?: readonly ModelPod[];
  readonly isListening?: boolean;
  /** As which the runtime introduces itself: one that nobody knows has no events. */
  readonly runtimeName?: string;
  /** What the runtime has beside the pods. */
  readonly store?: CriStore;
  /** Another processor, whose runtime and host it shares. */
  readonly beside?: GivenProcessor;
};

/** Starts a processor that knows all of the pods. */
export async function givenProcessor(options: ProcessorOptions = {}): Promise<GivenProcessor> {
  const { type = "k8s_attributes", settings = {}, pods = [], isListening = true } = options;
  const { store, beside, runtimeName } = options;
  const version = runtimeName === undefined ? {} : { version: { runtimeName } };
  const server = beside?.server ?? (await lendRuntime({ pods, isListening, ...version, ...(store && { store }) }));
  const host = beside?.host ?? sharingHost(type);
  const next = givenNext();
  const factory = type === "k8s_attributes" ? k8sAttributesProcessor : criAttributesProcessor;
  const raw = {
    runtimes: [{ type: "cri", endpoint: server.endpoint }],
    node_name: "node-a",
    wait: "100ms",
    ...settings,
  };
  const processor = factory.create(factory.schema.parse(raw), host, next);
  onTestFinished(async () => {
    await processor.stop(never);
    for (const component of host.shared.values()) await component.stop(never);
  });
  if (beside === undefined) for (const component of host.shared.values()) await component.start();
  await processor.start();
  const total = pods.length + pods.reduce((sum, { containers = [] }) => sum + containers.length, 0);
  const isDescribed = () =>
    server.calls("ContainerStatus") + server.calls("PodSandboxStatus") >= total &&
    host.metric("podstamp_directory_entries", { kind: "sandbox" }) === pods.length;
  if (isListening) await eventually(isDescribed, { what: "the details of all" });
  const through: GivenProcessor["through"] = async (batch) => {
    const from = next.taken.length;
    expect(await processor.consume(batch, never)).toEqual(accepted);
    return next.taken.slice(from).flatMap((taken) => resourcesOf(taken.batch).map(({ attributes }) => attributes));
  };
  return {
    server,
    host,
    through,
    async stamped(attributes, peer, isFromSdk) {
      const batch = traces({ attributes, items: [item("a")] });
      const [resource] = await through({ ...batch, ...(peer && { peer }), ...(isFromSdk && { isFromSdk }) });
      return resource ?? {};
    },
    metric: host.metric,
    processor,
    next,
    async answers(order, question) {
      const items: unknown[] = [];
      const send = async (item: unknown) => void items.push(item);
      const reply = { send, offer: (item: unknown) => void items.push(item), signal: never };
      const ended = await processor.answers?.[order]?.({ ...question }, reply);
      expect(ended).toEqual({ ok: true, lines: [] });
      return items;
    },
  };
}
