import type { PodDetails, Runtime } from "../../runtimes/facts.ts";
import type { HostCgroups } from "./cgroups.ts";
import type { ContainerIndex } from "./container-index.ts";
import {
  type Container,
  type ContainerView,
  containerViews,
  type Entry,
  type Pod,
  type PodView,
  podViews,
} from "./entry.ts";
import { containerOfViews, podOfViews } from "./views.ts";

export type DetailsOptions = {
  readonly index: ContainerIndex;
  readonly cgroups: HostCgroups;
  /** The runtime at an endpoint, while it is connected. */
  readonly runtimeAt: (endpoint: string) => Runtime | undefined;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
};

/** Fetches what lists do not tell. */
export type Details = {
  /** Asks every runtime that knows the entry for all that it knows. Never rejects: what is not told is left out. */
  describe(id: string): Promise<void>;
  /** From now on the container is used as it is. */
  giveUp(id: string): void;
};

export function createDetails({ index, cgroups, runtimeAt, onError, signal }: DetailsOptions): Details {
  const known = (id: string): Entry | undefined => {
    const found = index.get(id, false);
    return found.status === "found" ? found.entry : undefined;
  };

  const orUndefined = <T>(answer: Promise<T> | undefined): Promise<T | undefined> =>
    Promise.resolve(answer).catch((error: unknown) => {
      onError(error);
      return undefined;
    });

  const describePodView = async (id: string, { runtime }: PodView) => {
    const details = await orUndefined(runtimeAt(runtime.endpoint)?.describePod(id, signal));
    const now = known(id); // it may have moved on while the runtime answered
    if (now?.kind !== "pod" || details === undefined) return;
    const views = podViews(now).map((view) =>
      view.runtime.endpoint === runtime.endpoint ? { ...view, details: withAddresses(details, view) } : view,
    );
    replacePod(podOfViews(id, views));
  };

  const replacePod = (pod: Pod | undefined) => {
    if (pod === undefined) return;
    index.replace(pod);
    for (const container of index.containersOf(pod.id)) index.replace({ ...container, pod });
  };

  const describeContainerView = async (id: string, { runtime, facts }: ContainerView) => {
    const told = await orUndefined(runtimeAt(runtime.endpoint)?.describeContainer(facts, signal));
    const now = known(id);
    if (now?.kind !== "container") return;
    // A name may have been given to another container meanwhile.
    const isSame = (view: ContainerView) =>
      view.runtime.endpoint === runtime.endpoint && view.facts.createdAt === facts.createdAt;
    const views = containerViews(now).map((view) =>
      isSame(view) ? { ...view, details: told ?? view.details ?? "unavailable" } : view,
    );
    replaceContainer(now, views);
  };

  const replaceContainer = (before: Container, views: readonly ContainerView[]) => {
    const next = containerOfViews(before.id, views, before);
    if (next === undefined) return;
    const { details } = next;
    if (details === undefined || details === "unavailable" || details.state === "exited") index.replace(next);
    else {
      const found = cgroups.ofContainer(next.id, details);
      index.replace(found.ids.length + found.paths.length === 0 ? next : { ...next, cgroups: found });
    }
  };

  return {
    async describe(id) {
      const entry = known(id);
      if (entry?.kind === "pod") await Promise.all(podViews(entry).map((view) => describePodView(id, view)));
      else if (entry?.kind === "container")
        await Promise.all(containerViews(entry).map((view) => describeContainerView(id, view)));
    },
    giveUp(id) {
      const entry = known(id);
      if (entry?.kind !== "container" || entry.details !== undefined) return;
      replaceContainer(
        entry,
        containerViews(entry).map((view) => ({ ...view, details: view.details ?? "unavailable" })),
      );
    },
  };
}

/** Of a pod that has ended containerd tells no address any more: what it had stays true of it. */
function withAddresses(told: PodDetails, { facts, details: before }: PodView): PodDetails {
  const isForgotten = !facts.isReady && told.addresses.length === 0 && before !== undefined;
  return isForgotten ? { ...told, addresses: before.addresses } : told;
}
