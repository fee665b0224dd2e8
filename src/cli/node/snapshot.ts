import { type Container, type ContainerView, type Pod, type PodView } from "../../containers/index/entry.ts";
import { requestedImage } from "../../containers/index/image-identity.ts";
import { containerOfViews, podOfViews } from "../../containers/index/views.ts";
import type { ImageFacts, Listing, Runtime, RuntimeSource } from "../../runtimes/facts.ts";
import type { Args } from "../terminal/args.ts";
import { imageNamer } from "./image-names.ts";
import { runtimesOf } from "./runtimes.ts";
import { clean, CommandError, type Io } from "../terminal/output.ts";

/** What is known of this node's pods and containers right now. */
export type NodeSnapshot = {
  readonly pods: readonly Pod[];
  readonly containers: readonly Container[];
};

/** What the runtimes are asked. */
export type NodeQuestion = {
  readonly list: (runtime: Runtime) => Promise<Listing>;
  /** The IDs, of those that were listed, of which all is wanted that only a call for each of them tells; undefined for none. */
  readonly describe: ((listed: NodeSnapshot) => ReadonlySet<string>) | undefined;
  /** Whether the images are listed where the lists of containers do not name them; true always asks. */
  readonly images: "if_unnamed" | "always" | "never";
};

/** What one runtime tells. */
type Told = {
  readonly runtime: Runtime;
  readonly pods: ReadonlyMap<string, PodView>;
  readonly containers: ReadonlyMap<string, ContainerView>;
  readonly images: readonly ImageFacts[];
};

/**
 * Asks all runtimes at once. Those that do not answer are told on standard error while others do; throws a CommandError in
 * words when none does.
 */
export async function snapshot(args: Args, io: Io, question: NodeQuestion): Promise<NodeSnapshot> {
  const sources = await runtimesOf(args, io, "list");
  const told = await Promise.all(sources.map((source) => ask(source, io, question).catch(toError)));
  const problems = told.flatMap((one) => (one instanceof Error ? [one] : []));
  const answers = told.flatMap((one) => (one instanceof Error ? [] : [one]));
  if (answers.length === 0)
    throw new CommandError(problems.map(({ message }) => message).join("; "), { cause: problems[0] });
  for (const { message } of problems) io.err(`${clean(message)}\n`);
  try {
    const listed = merge(answers);
    const wanted = question.describe?.(listed);
    if (wanted === undefined) return listed;
    return merge(await Promise.all(answers.map((answer) => describe(answer, wanted, io.signal))));
  } finally {
    for (const { runtime } of answers) runtime.close();
  }
}

/** One entry for each pod and container, however many runtimes know it. */
function merge(answers: readonly Told[]): NodeSnapshot {
  const pods = [...gather(answers.map((each) => each.pods))].flatMap(([id, views]) => podOfViews(id, views) ?? []);
  const byId = new Map(pods.map((pod) => [pod.id, pod]));
  // Each with the names that its own runtime has: another's may have the same bytes under other ones.
  const namers = new Map(answers.map(({ runtime, images }) => [runtime.identity, imageNamer(images)]));
  const containers = [...gather(answers.map((each) => each.containers))]
    // Docker lists as a container what to Kubernetes is the pod's sandbox.
    .filter(([id]) => !byId.has(id))
    .flatMap(([id, views]) => {
      const pod = views.flatMap(({ facts }) => byId.get(facts.podId) ?? [])[0];
      const container = containerOfViews(id, views, { pod });
      if (container === undefined) return [];
      const named = views.map(({ runtime }) => namers.get(runtime)?.(container) ?? container);
      return [named.find((one) => one !== container) ?? container];
    });
  return { pods, containers };
}

function gather<V>(told: readonly ReadonlyMap<string, V>[]): ReadonlyMap<string, readonly V[]> {
  const views = new Map<string, V[]>();
  for (const each of told) for (const [id, view] of each) views.set(id, [...(views.get(id) ?? []), view]);
  return views;
}

async function ask(source: RuntimeSource, io: Io, { list, images }: NodeQuestion): Promise<Told> {
  const runtime = await source.connect(io.signal);
  try {
    const listing = await list(runtime);
    const containers = listing.containers.map((facts) => ({ runtime: runtime.identity, facts, details: undefined }));
    const isUnnamed = listing.containers.some(({ image }) => requestedImage(image, undefined) === undefined);
    const isWanted = images === "always" || (images === "if_unnamed" && isUnnamed);
    return {
      runtime,
      pods: byIdOf(listing.pods.map((facts) => ({ runtime: runtime.identity, facts, details: undefined }))),
      containers: byIdOf(containers),
      images: isWanted ? await imagesOf(runtime, { images, signal: io.signal }) : [],
    };
  } catch (error) {
    runtime.close();
    throw error;
  }
}

async function imagesOf(
  runtime: Runtime,
  { images, signal }: Pick<NodeQuestion, "images"> & { readonly signal: AbortSignal },
): Promise<readonly ImageFacts[]> {
  try {
    return await runtime.listImages(signal);
  } catch (error) {
    // A containerd without CRI has none; without those that are there names are missing, and nothing else unless they were asked for.
    if (images === "always" && runtime.lacksCri !== true) throw error;
    return [];
  }
}

function byIdOf<V extends { readonly facts: { readonly id: string } }>(views: readonly V[]): ReadonlyMap<string, V> {
  return new Map(views.map((view) => [view.facts.id, view]));
}

/** What went away between the list and the question keeps what the list told. */
async function describe(told: Told, wanted: ReadonlySet<string>, signal: AbortSignal): Promise<Told> {
  const { runtime } = told;
  const [pods, containers] = await Promise.all([
    Promise.all(
      [...told.pods.values()].map(async (view) =>
        wanted.has(view.facts.id)
          ? { ...view, details: await runtime.describePod(view.facts.id, signal).catch(() => undefined) }
          : view,
      ),
    ),
    Promise.all(
      [...told.containers.values()].map(async (view) =>
        wanted.has(view.facts.id)
          ? {
              ...view,
              details: await runtime.describeContainer(view.facts, signal).catch((): "unavailable" => "unavailable"),
            }
          : view,
      ),
    ),
  ]);
  return { ...told, pods: byIdOf(pods), containers: byIdOf(containers) };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
