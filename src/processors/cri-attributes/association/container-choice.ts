import { parseContainerRef } from "../../../containers/names/container-ref.ts";
import type { Directory } from "../../../containers/directory.ts";
import type { Container, Entry } from "../../../containers/index/entry.ts";
import { restartCount } from "../extract/attributes.ts";

/** What a resource says of its container. */
export type ContainerHints = {
  readonly name: string | undefined;
  readonly id: string | undefined;
  /** k8s.container.restart_count; undefined when it is not there, no number when it is something else. */
  readonly restarts: string | number | undefined;
};

/** An entry that was chosen, and whether it is known which run of the container it is. */
export type Chosen = { readonly entry: Entry; readonly isRunKnown: boolean };

/**
 * Which container of the pod that was found: the name alone decides when there is one (`isNameFirst`: also over a container that was
 * found by its ID), then the ID, then there is only one. A number of restarts tells the run, else it is the newest.
 */
export function chooseContainer(
  entry: Entry,
  hints: ContainerHints,
  { directory, isNameFirst }: { readonly directory: Pick<Directory, "containersOf">; readonly isNameFirst: boolean },
): Chosen {
  const pod = entry.kind === "pod" ? entry : entry.pod;
  const isFound =
    entry.kind === "container" && (hints.name === undefined || hints.name === entry.facts.name || !isNameFirst);
  // The ID of a container is that of its run.
  if (pod === undefined || (isFound && (hints.restarts === undefined || !isNameFirst)))
    return { entry, isRunKnown: true };
  const all = directory.containersOf(pod);
  const container = isFound ? entry : pick(all, hints);
  if (container === undefined) return { entry: pod, isRunKnown: true };
  if (hints.restarts === undefined) return { entry: container, isRunKnown: true };
  const run = all.find((one) => one.facts.name === container.facts.name && isRun(one, hints.restarts));
  return { entry: run ?? container, isRunKnown: run !== undefined };
}

function pick(all: readonly Container[], { name, id }: ContainerHints): Container | undefined {
  if (name !== undefined) return newest(all.filter(({ facts }) => facts.name === name));
  if (id !== undefined) {
    const ref = parseContainerRef(id);
    return all.find((one) => one.id === ref?.id || (ref?.mayBePrefix === true && one.id.startsWith(ref.id)));
  }
  return new Set(all.map(({ facts }) => facts.name)).size === 1 ? newest(all) : undefined;
}

function newest(containers: readonly Container[]): Container | undefined {
  return containers.toSorted((a, b) => b.facts.attempt - a.facts.attempt || b.facts.createdAt - a.facts.createdAt)[0];
}

function isRun(container: Container, restarts: string | number | undefined): boolean {
  const number = typeof restarts === "number" || /^[+-]?\d{1,9}$/.test(restarts ?? "") ? Number(restarts) : undefined;
  return number !== undefined && restartCount({ container }) === number;
}
