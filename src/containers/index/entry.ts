import type { ContainerDetails, ContainerFacts, PodDetails, PodFacts, RuntimeIdentity } from "../../runtimes/facts.ts";
import type { ImageIdentity } from "./image-identity.ts";

/** What one runtime says of a pod. */
export type PodView = {
  readonly runtime: RuntimeIdentity;
  readonly facts: PodFacts;
  /** Undefined until asked for. */
  readonly details: PodDetails | undefined;
};

/** A pod as its sandbox shows it. Never changed in place: a new answer makes a new entry. */
export type Pod = PodView & {
  readonly kind: "pod";
  readonly id: string;
  /** What each runtime says, the best first, where several know it; else the entry itself is all there is. */
  readonly views?: readonly PodView[];
};

/** What one runtime says of a container. */
export type ContainerView = {
  readonly runtime: RuntimeIdentity;
  readonly facts: ContainerFacts;
  /** Undefined until asked for; "unavailable" when the runtime did not answer or knew it no more. */
  readonly details: ContainerDetails | "unavailable" | undefined;
};

/** A container with its pod. Never changed in place, so that what was encoded for it stays right as long as it is this object. */
export type Container = ContainerView & {
  readonly kind: "container";
  readonly id: string;
  readonly image: ImageIdentity;
  /** Undefined when the runtime does not know the sandbox any more, and for a container without a pod. */
  readonly pod: Pod | undefined;
  readonly views?: readonly ContainerView[];
  /** Where its processes are in the hierarchies of cgroups; absent until it is known. */
  readonly cgroups?: Cgroups;
};

/** Paths below the hierarchies' roots, and the directories' inodes as `hierarchy:inode`. */
export type Cgroups = { readonly paths: readonly string[]; readonly ids: readonly string[] };

export type Entry = Pod | Container;

/** Whether all that matters for its attributes has been asked for. */
export function isComplete(entry: Entry): boolean {
  return entry.kind === "pod" || entry.details !== undefined;
}

/** Whether some runtime that knows it has not told the rest yet. */
export function lacksDetails(entry: Entry): boolean {
  return entry.kind === "pod"
    ? podViews(entry).some(({ details }) => details === undefined)
    : containerViews(entry).some(({ details }) => details === undefined || details === "unavailable");
}

/** What each runtime says of a pod. */
export function podViews(pod: Pod): readonly PodView[] {
  return pod.views ?? [pod];
}

/** What each runtime says of a container. */
export function containerViews(container: Container): readonly ContainerView[] {
  return container.views ?? [container];
}
