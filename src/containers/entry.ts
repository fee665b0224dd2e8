import type { ContainerDetails, ContainerFacts, PodDetails, PodFacts, RuntimeIdentity } from "../runtimes/facts.ts";
import type { ImageIdentity } from "./image-identity.ts";

/** A pod as its sandbox shows it. Never changed in place: a new answer makes a new entry. */
export type Pod = {
  readonly kind: "pod";
  readonly id: string;
  readonly runtime: RuntimeIdentity;
  readonly facts: PodFacts;
  /** Undefined until asked for. */
  readonly details: PodDetails | undefined;
};

/** A container with its pod. Never changed in place, so that what was encoded for it stays right as long as it is this object. */
export type Container = {
  readonly kind: "container";
  readonly id: string;
  readonly runtime: RuntimeIdentity;
  readonly facts: ContainerFacts;
  /** Undefined until asked for; "unavailable" when the runtime did not answer or knew it no more. */
  readonly details: ContainerDetails | "unavailable" | undefined;
  readonly image: ImageIdentity;
  /** Undefined when the runtime does not know the sandbox any more. */
  readonly pod: Pod | undefined;
};

export type Entry = Pod | Container;

/** Whether all that matters for its attributes has been asked for. */
export function isComplete(entry: Entry): boolean {
  return entry.kind === "pod" || entry.details !== undefined;
}
