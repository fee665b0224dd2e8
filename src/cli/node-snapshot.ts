import { type Container, type ContainerView, type Pod, type PodView } from "../containers/entry.ts";
import { containerOfViews, podOfViews } from "../containers/views.ts";
import type { ContainerFacts, Listing, PodFacts, Runtime, RuntimeSource } from "../runtimes/facts.ts";
import type { Args } from "./args.ts";
import { runtimesOf } from "./node-runtimes.ts";
import { clean, CommandError, type Io } from "./output.ts";

/** What the runtimes tell of this node right now, with all details. */
export type NodeSnapshot = {
  readonly pods: readonly Pod[];
  readonly containers: readonly Container[];
};

/** What one runtime tells. */
type Told = { readonly pods: ReadonlyMap<string, PodView>; readonly containers: ReadonlyMap<string, ContainerView> };

/**
 * Asks all runtimes at once; `list` says for what. Those that do not answer are told on standard error while others do;
 * throws a CommandError in words when none does.
 */
export async function snapshot(
  args: Args,
  io: Io,
  list: (runtime: Runtime) => Promise<Listing>,
): Promise<NodeSnapshot> {
  const told = await Promise.all(runtimesOf(args, io).map((source) => ask(source, io, list).catch(toError)));
  const problems = told.flatMap((one) => (one instanceof Error ? [one] : []));
  const answers = told.flatMap((one) => (one instanceof Error ? [] : [one]));
  if (answers.length === 0)
    throw new CommandError(problems.map(({ message }) => message).join("; "), { cause: problems[0] });
  for (const { message } of problems) io.err(`${clean(message)}\n`);
  return merge(answers);
}

/** One entry for each pod and container, however many runtimes know it. */
function merge(answers: readonly Told[]): NodeSnapshot {
  const pods = [...gather(answers.map((each) => each.pods))].flatMap(([id, views]) => podOfViews(id, views) ?? []);
  const byId = new Map(pods.map((pod) => [pod.id, pod]));
  const containers = [...gather(answers.map((each) => each.containers))]
    // Docker lists as a container what to Kubernetes is the pod's sandbox.
    .filter(([id]) => !byId.has(id))
    .flatMap(([id, views]) => {
      const pod = views.flatMap(({ facts }) => byId.get(facts.podId) ?? [])[0];
      return containerOfViews(id, views, { pod }) ?? [];
    });
  return { pods, containers };
}

function gather<V>(told: readonly ReadonlyMap<string, V>[]): ReadonlyMap<string, readonly V[]> {
  const views = new Map<string, V[]>();
  for (const each of told) for (const [id, view] of each) views.set(id, [...(views.get(id) ?? []), view]);
  return views;
}

async function ask(source: RuntimeSource, io: Io, list: (runtime: Runtime) => Promise<Listing>): Promise<Told> {
  const runtime = await source.connect(io.signal);
  try {
    const listing = await list(runtime);
    const [pods, containers] = await Promise.all([
      Promise.all(listing.pods.map((facts) => podView(runtime, facts, io.signal))),
      Promise.all(listing.containers.map((facts) => containerView(runtime, facts, io.signal))),
    ]);
    return { pods: byIdOf(pods), containers: byIdOf(containers) };
  } finally {
    runtime.close();
  }
}

function byIdOf<V extends { readonly facts: { readonly id: string } }>(views: readonly V[]): ReadonlyMap<string, V> {
  return new Map(views.map((view) => [view.facts.id, view]));
}

/** What went away between the list and the question keeps what the list told. */
async function podView(runtime: Runtime, facts: PodFacts, signal: AbortSignal): Promise<PodView> {
  const details = await runtime.describePod(facts.id, signal).catch(() => undefined);
  return { runtime: runtime.identity, facts, details };
}

async function containerView(runtime: Runtime, facts: ContainerFacts, signal: AbortSignal): Promise<ContainerView> {
  const details = await runtime.describeContainer(facts, signal).catch((): "unavailable" => "unavailable");
  return { runtime: runtime.identity, facts, details };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
