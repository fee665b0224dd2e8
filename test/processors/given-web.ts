import { expect, onTestFinished } from "vitest";
import type { Directory } from "../../src/containers/directory.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch, Delivery } from "../../src/pipeline/contract.ts";
import { criAttributesProcessor } from "../../src/processors/cri-attributes/cri-attributes.ts";
import { Image } from "../../src/proto/cri/v1/api.ts";
import { newId } from "../support/cri/answers.ts";
import type { CriServer } from "../support/cri/server.ts";
import { eventually } from "../support/eventually.ts";
import { lendRuntime } from "../support/lend.ts";
import { givenNext, sharingHost } from "./given-next.ts";
import type { Next } from "./given-next.ts";
import { resourcesOf } from "./telemetry.ts";

export const never = new AbortController().signal;
export const refused: Delivery = { status: "rejected", cause: new Error("refused") };

export const web = newId();
export const pay = newId();
export const sandbox = newId();
export const twins = [`0123456789ab${"c".repeat(52)}`, `0123456789ab${"d".repeat(52)}`] as const;
export const unknown = newId();

const config = `sha256:${"1".repeat(64)}`;
const digest = `sha256:${"2".repeat(64)}`;
const images = [
  Image.fromPartial({
    id: config,
    repoTags: ["registry.example/shop/web:1.2"],
    repoDigests: [`registry.example/shop/web@${digest}`],
  }),
];
const pods = [
  {
    id: sandbox,
    name: "web-1",
    namespace: "shop",
    uid: "5cf2c2e1-0000-4000-8000-000000000001",
    ip: "10.0.0.7",
    containers: [
      { id: web, name: "web", image: "registry.example/shop/web:1.2", restartCount: 3 },
      { id: twins[0], name: "one" },
      { id: twins[1], name: "two" },
    ],
  },
  {
    name: "pay-1",
    namespace: "pay",
    uid: "5cf2c2e1-0000-4000-8000-000000000002",
    containers: [{ id: pay, name: "pay", image: "pay:2.0" }],
  },
];

export const podOfWeb = {
  "k8s.namespace.name": "shop",
  "k8s.pod.name": "web-1",
  "k8s.pod.uid": "5cf2c2e1-0000-4000-8000-000000000001",
  "k8s.node.name": "node-a",
};
export const ofWeb = {
  ...podOfWeb,
  "k8s.container.name": "web",
  "k8s.container.restart_count": 3,
  "container.id": web,
  "container.image.name": "registry.example/shop/web",
  "container.image.tags": ["1.2"],
  "container.image.repo_digests": [`registry.example/shop/web@${digest}`],
  "container.image.id": config,
  "oci.manifest.digest": digest,
  "container.runtime.name": "containerd",
};

type Given = {
  readonly server: CriServer;
  readonly next: Next;
  readonly host: ReturnType<typeof sharingHost>;
  readonly processor: ReturnType<typeof criAttributesProcessor.create>;
  consume(batch: Batch, signal?: AbortSignal): Promise<Delivery>;
  /** What arrived for a request, all of it. */
  through(batch: Batch): Promise<ReturnType<typeof resourcesOf>>;
  unstamped(reason: string): number;
};

/** The processor, as a file has it, over a runtime of ours and before a consumer that the test plays. */
export async function given(raw: object = {}, isListening = true): Promise<Given> {
  const server = await lendRuntime({ pods, images, isListening });
  const host = sharingHost("cri_attributes");
  const next = givenNext();
  const settings = {
    runtimes: [{ type: "cri", endpoint: server.endpoint }],
    node_name: "node-a",
    wait: "100ms",
    ...raw,
  };
  const processor = criAttributesProcessor.create(criAttributesProcessor.schema.parse(settings), host, next);
  onTestFinished(async () => {
    for (const component of host.shared.values()) await component.stop(never);
  });
  for (const component of host.shared.values()) await component.start();
  if (isListening) await eventually(() => isKnown(host), { what: "the details of all containers" });
  const consume = (batch: Batch, signal = never) => processor.consume(batch, signal);
  return {
    server,
    next,
    host,
    processor,
    consume,
    async through(batch) {
      const from = next.taken.length;
      expect(await consume(batch)).toEqual(accepted);
      return next.taken.slice(from).flatMap((taken) => resourcesOf(taken.batch));
    },
    unstamped: (reason) => host.metric("podstamp_unstamped_items", { reason }),
  };
}

/** Whether the details of all containers have come. */
function isKnown({ shared }: Given["host"]): boolean {
  const entries = [...shared.values()].flatMap((each) => ("entries" in each ? (each as Directory).entries() : []));
  return entries.length === 6 && entries.every((entry) => entry.details !== undefined);
}
