import type { Container, Pod } from "../containers/entry.ts";
import { identifyImage } from "../containers/image-identity.ts";
import { autoSource, criSource, withScheme } from "../runtimes/discovery.ts";
import type { ContainerFacts, Listing, PodFacts, Runtime } from "../runtimes/facts.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Args } from "./args.ts";
import { CommandError, type Io } from "./output.ts";

/** What a runtime tells of this node right now, with all details. */
export type NodeSnapshot = {
  readonly pods: readonly Pod[];
  readonly containers: readonly Container[];
};

/** The options of every command that asks a runtime by itself. */
export const runtimeOptions = {
  "runtime-endpoint": { type: "string", short: "r" },
  "image-endpoint": { type: "string" },
} as const;

const timeoutMs = 5000;
const noMetrics: Metrics = { counter: () => ({ add: () => undefined }), gauge: () => undefined };

/** Asks the runtime that the options or the environment name, else the node's own; `list` says for what. Throws a CommandError in words. */
export async function snapshot(
  args: Args,
  io: Io,
  list: (runtime: Runtime) => Promise<Listing>,
): Promise<NodeSnapshot> {
  const endpoint = args.text("runtime-endpoint");
  const imageEndpoint = args.text("image-endpoint");
  const options = { timeoutMs, metrics: noMetrics };
  const named =
    endpoint === undefined
      ? undefined
      : criSource(withScheme(endpoint), {
          ...options,
          imageEndpoint: imageEndpoint === undefined ? undefined : withScheme(imageEndpoint),
        });
  const source = named ?? autoSource(io.env, options);
  try {
    const runtime = await source.connect(io.signal);
    try {
      return await describeAll(runtime, await list(runtime), io.signal);
    } finally {
      runtime.close();
    }
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function describeAll(runtime: Runtime, listing: Listing, signal: AbortSignal): Promise<NodeSnapshot> {
  const pods = await Promise.all(listing.pods.map((facts) => describePod(runtime, facts, signal)));
  const byId = new Map(pods.map((pod) => [pod.id, pod]));
  const containers = await Promise.all(
    listing.containers.map((facts) => describeContainer(runtime, { facts, pod: byId.get(facts.podId) }, signal)),
  );
  return { pods, containers };
}

/** What went away between the list and the question keeps what the list told. */
async function describePod(runtime: Runtime, facts: PodFacts, signal: AbortSignal): Promise<Pod> {
  const details = await runtime.describePod(facts.id, signal).catch(() => undefined);
  return { kind: "pod", id: facts.id, runtime: runtime.identity, facts, details };
}

async function describeContainer(
  runtime: Runtime,
  { facts, pod }: { facts: ContainerFacts; pod: Pod | undefined },
  signal: AbortSignal,
): Promise<Container> {
  const details = await runtime.describeContainer(facts, signal).catch((): "unavailable" => "unavailable");
  const image = identifyImage(facts.image, details === "unavailable" ? undefined : details.image);
  return { kind: "container", id: facts.id, runtime: runtime.identity, facts, details, image, pod };
}
