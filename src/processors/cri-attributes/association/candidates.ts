import type { Candidate } from "../../../containers/association.ts";
import type { Entry } from "../../../containers/index/entry.ts";
import { hintsOf, type Identity } from "./identity.ts";
import type { Target } from "./targets.ts";

/** For whom the directory is asked. */
export function candidatesOf(identity: Identity): readonly Candidate[] {
  if (identity.kind === "ruled") return identity.taken.candidates;
  return identity.kind === "named" || identity.kind === "sent" ? identity.candidates : [];
}

/** Whether the identity is a pause container's own. */
export function isSandboxItself(identity: Identity, entry: Entry): boolean {
  return (
    entry.kind === "pod" &&
    candidatesOf(identity).some(({ ref }) => ref.id === entry.id || (ref.mayBePrefix && entry.id.startsWith(ref.id)))
  );
}

/** Whether it can be asked for. */
export function mayCome(identity: Identity): boolean {
  const isInTable = identity.kind === "ruled" && identity.taken.isInTable;
  return isInTable || candidatesOf(identity).some(({ isAsked }) => isAsked);
}

/** The same for the same identity. */
export function keyOf(identity: Identity): string {
  return identity.kind === "ruled"
    ? identity.taken.key
    : candidatesOf(identity)
        .map(({ ref }) => ref.id)
        .join(" ");
}

/** What is asked for once: the same identity, and where the resource chooses a container of the pod the same choice. */
export function keyOfTarget({ identity, isRecordLevel, resource }: Target): string {
  if (isRecordLevel) return keyOf(identity);
  const { name, id } = hintsOf(resource);
  return JSON.stringify([keyOf(identity), name, id]);
}
