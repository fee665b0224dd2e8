import type { ContainerDetails, ContainerFacts, Facts, ListedImage, PodFacts } from "../../runtimes/facts.ts";
import type { Cgroups, Container, ContainerView, Pod, PodView } from "./entry.ts";
import { identifyImage, type ImageIdentity } from "./image-identity.ts";

/** One pod of what the runtimes say, of which there is at least one: what the best of them leaves open the next one fills. */
export function podOfViews(id: string, views: readonly PodView[]): Pod | undefined {
  const [first, ...others] = views.toSorted(byRank);
  if (first === undefined) return undefined;
  const { runtime, facts, details } = first;
  if (others.length === 0) return { kind: "pod", id, runtime, facts, details };
  const all = [first, ...others];
  const told = all.flatMap((view) => view.details ?? []);
  return {
    kind: "pod",
    id,
    runtime,
    facts: all.map((view) => view.facts).reduce(mergePods),
    details:
      told.length === 0
        ? undefined
        : { ...told[0], addresses: [...new Set(told.flatMap(({ addresses }) => addresses))] },
    views: all,
  };
}

/** One container of what the runtimes say, of which there is at least one. */
export function containerOfViews(
  id: string,
  views: readonly ContainerView[],
  { pod, cgroups }: { readonly pod: Pod | undefined; readonly cgroups?: Cgroups | undefined },
): Container | undefined {
  const [first, ...others] = views.toSorted(byRank);
  if (first === undefined) return undefined;
  const common = { kind: "container" as const, id, runtime: first.runtime, pod, ...(cgroups && { cgroups }) };
  const image = bestImage([first, ...others]);
  if (others.length === 0) return { ...common, facts: first.facts, details: first.details, image };
  const all = [first, ...others];
  return {
    ...common,
    facts: all.map((view) => view.facts).reduce(mergeFacts),
    details: all.map((view) => view.details).reduce(mergeDetails),
    image,
    views: all,
  };
}

/** Who speaks for Kubernetes goes first: it knows names that others only carry along in labels. */
const ranks = { containerd: 0, "cri-o": 0, "cri-dockerd": 0, cri: 0, podman: 1, docker: 2 } as const;

function byRank(a: PodView | ContainerView, b: PodView | ContainerView): number {
  return ranks[a.runtime.type] - ranks[b.runtime.type];
}

function mergePods(a: PodFacts, b: PodFacts): PodFacts {
  return {
    ...b,
    ...a,
    name: a.name || b.name,
    namespace: a.namespace || b.namespace,
    uid: a.uid || b.uid,
    isReady: a.isReady && b.isReady,
    labels: mergeMaps(a.labels, b.labels),
    annotations: mergeMaps(a.annotations, b.annotations),
  };
}

function mergeFacts(a: ContainerFacts, b: ContainerFacts): ContainerFacts {
  return {
    ...b,
    ...a,
    podId: a.podId || b.podId,
    name: a.name || b.name,
    attempt: a.podId === "" ? b.attempt : a.attempt,
    // A container does not come back to life: who has seen its end knows more.
    state: a.state === "exited" || b.state === "exited" ? "exited" : a.state === "unknown" ? b.state : a.state,
    labels: mergeMaps(a.labels, b.labels),
    annotations: mergeMaps(a.annotations, b.annotations),
    image: mergeTexts(a.image, b.image),
  };
}

function mergeDetails(a: ContainerView["details"], b: ContainerView["details"]): ContainerView["details"] {
  if (a === undefined || a === "unavailable") return b === "unavailable" ? (a ?? b) : (b ?? a);
  if (b === undefined || b === "unavailable") return a;
  const merged: ContainerDetails = {
    ...a,
    state: a.state === "exited" || b.state === "exited" ? "exited" : a.state,
    startedAt: a.startedAt ?? b.startedAt,
    finishedAt: a.finishedAt ?? b.finishedAt,
    exitCode: a.exitCode ?? b.exitCode,
    pid: a.pid ?? b.pid,
    cgroupsPath: a.cgroupsPath ?? b.cgroupsPath,
    addresses: [...new Set([...(a.addresses ?? []), ...(b.addresses ?? [])])],
  };
  return merged;
}

function mergeMaps(a: Facts, b: Facts): Facts {
  return { ...b, ...a };
}

function mergeTexts(a: ListedImage, b: ListedImage): ListedImage {
  return {
    specified: a.specified || b.specified,
    requested: a.requested || b.requested,
    ref: a.ref || b.ref,
    id: a.id || b.id,
  };
}

/** Each runtime's own facts decide its own answer; of the answers the first that names the image and its digest is the best. */
function bestImage(views: readonly ContainerView[]): ImageIdentity {
  const told = views.map(({ facts, details }) =>
    identifyImage(facts.image, details === "unavailable" ? undefined : details?.image),
  );
  const named = told.filter(({ name }) => name !== undefined);
  const best = named.find(({ repoDigests }) => repoDigests.length > 0) ?? named[0] ?? told[0];
  return { ...(best ?? nothing), id: best?.id ?? told.find(({ id }) => id !== undefined)?.id };
}

const nothing: ImageIdentity = {
  name: undefined,
  tags: [],
  repoDigests: [],
  id: undefined,
  manifestDigest: undefined,
  isAmbiguous: false,
};
