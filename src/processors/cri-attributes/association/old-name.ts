import type { Directory } from "../../../containers/directory.ts";
import { nameKey, podNameKey } from "../../../containers/index/aliases.ts";
import type { Entry, Pod } from "../../../containers/index/entry.ts";
import type { ContainerRef } from "../../../containers/names/container-ref.ts";
import { hintsOf } from "./identity.ts";
import type { Target } from "./targets.ts";

type Known = {
  /** What the target's identity led to, and what is meant of it. */
  readonly found: Entry;
  readonly entry: Entry;
  readonly directory: Pick<Directory, "isOld">;
};

/**
 * The name by which the runtime is asked anew: where it has no events, a container that was chosen of its pod may have been started again
 * since it was listed, and another pod may have the attributes by which one was found.
 */
export function oldName({ identity, resource }: Target, known: Known): ContainerRef | undefined {
  const { found, entry, directory } = known;
  const isInTable = identity.kind === "ruled" && identity.taken.isInTable;
  if ((found === entry && !isInTable) || !directory.isOld(entry)) return undefined;
  const { name, id } = hintsOf(resource);
  if (isInTable) return found.kind === "pod" ? podNameOf(found) : undefined;
  // The ID of a container is that of its run.
  return found.kind === "container" || (name === undefined && id !== undefined) ? undefined : nameInPod(entry);
}

function podNameOf({ facts: { namespace, name } }: Pod): ContainerRef | undefined {
  return namespace === "" || name === "" ? undefined : { id: podNameKey(namespace, name), mayBePrefix: false };
}

function nameInPod(entry: Entry): ContainerRef | undefined {
  const uid = entry.kind === "pod" ? "" : (entry.pod?.facts.uid ?? "");
  const { name } = entry.facts;
  return uid === "" || name === "" ? undefined : { id: nameKey(uid, name), mayBePrefix: false };
}
