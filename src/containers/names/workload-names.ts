import type { WorkloadKind } from "./workload.ts";

/*
 * What the names that Kubernetes makes suggest of who made them. Only labels tell (workload.ts): anybody may give such a name, so
 * this is for whoever has nothing else, and never written on telemetry.
 */

/** A controller, by the names alone of what it made. */
export type Guess = { readonly kind: WorkloadKind; readonly name: string };

/** What a name is said to be of. */
export type NameOf = "pod" | "replicaset" | "job";

/** DNS-1123 subdomains, which all of these names are. */
const namePattern = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const maxLength = 253;

/**
 * The outermost controller that a name suggests; undefined where it suggests none. Of a name that is not said to be of something a
 * pod's two endings count first, then that of a ReplicaSet or Job, then a pod's alone.
 */
export function guessWorkload(name: string, of?: NameOf): Guess | undefined {
  if (name.length > maxLength || !namePattern.test(name)) return undefined;
  const parts = split(name);
  if (parts === undefined) return undefined;
  switch (of) {
    case "replicaset":
      return isHash(parts.ending) ? { kind: "deployment", name: parts.rest } : undefined;
    case "job":
      return isNumber(parts.ending) ? { kind: "cronjob", name: parts.rest } : undefined;
    case "pod":
      return ofPod(parts, true);
    case undefined:
      return ofPod(parts, false) ?? ofOwner(parts) ?? ofPod(parts, true);
  }
}

type Parts = { readonly rest: string; readonly ending: string };

function split(name: string): Parts | undefined {
  const at = name.lastIndexOf("-");
  const rest = name.slice(0, Math.max(at, 0));
  return namePattern.test(rest) ? { rest, ending: name.slice(at + 1) } : undefined;
}

/** The characters of which Kubernetes makes endings: no vowels, and nothing that looks like another one. */
const safe = "[bcdfghjklmnpqrstvwxz2456789]";
const podEnding = new RegExp(`^(?:${safe}{3,5}|[0-9]{3,5})$`);
/** Words such as `http` have no digit. Before 1.9 it was a number. */
const templateHash = new RegExp(`^(?=.*[2456789])${safe}{3,12}$`);
const templateNumber = /^[0-9]{9,10}$/;
/** Minutes since the epoch, before 1.21 seconds. */
const runNumber = /^[0-9]{3,10}$/;
const likelyRun = /^(?:[0-9]{3,8}|1[0-9]{9})$/;

function isHash(ending: string): boolean {
  return templateHash.test(ending) || templateNumber.test(ending);
}

function isNumber(ending: string): boolean {
  return runNumber.test(ending);
}

/** The controller of a ReplicaSet or of a Job, whichever of them the name looks like. */
function ofOwner({ rest, ending }: Parts): Guess | undefined {
  if (likelyRun.test(ending)) return { kind: "cronjob", name: rest };
  return isHash(ending) ? { kind: "deployment", name: rest } : undefined;
}

/** `isAlone`: also without an ending of the ReplicaSet or Job in front of the pod's own. */
function ofPod({ rest, ending }: Parts, isAlone: boolean): Guess | undefined {
  if (!podEnding.test(ending)) return undefined;
  const owner = split(rest);
  return (owner && ofOwner(owner)) ?? (isAlone ? { kind: "replicaset", name: rest } : undefined);
}
