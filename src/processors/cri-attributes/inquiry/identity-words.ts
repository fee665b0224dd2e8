import { byCgroup, byContainerId } from "../../../containers/association.ts";
import type { Found } from "../../../containers/index/container-index.ts";
import type { ContainerRef } from "../../../containers/names/container-ref.ts";
import type { Outcome } from "../decider.ts";
import type { LookupQuestion } from "./question.ts";

/** By what it was decided whose telemetry it is. */
export type RuleWords = {
  /** own: podstamp's order (docs/association.md); file: a rule of pod_association; none: nothing decided. */
  readonly of: "own" | "file" | "none";
  /** Of the file: its sources, `from/name` joined by `+`. Of the own order: what led to the one that was found. */
  readonly by: string | null;
  /** What else there is to say of it. */
  readonly note: string | null;
};

type Surroundings = {
  /** Whether the file has rules, and none of them reads what was asked about. */
  readonly hasRules: boolean;
  readonly isUnread: boolean;
  readonly find: (ref: ContainerRef) => Found;
  readonly asked: LookupQuestion;
};

/** What decided, in words. */
export function identityWords(
  { target, entry }: Outcome,
  { hasRules, isUnread, find, asked }: Surroundings,
): RuleWords {
  const { identity } = target;
  if (identity.kind === "ruled") return { of: "file", by: identity.taken.label, note: null };
  if (hasRules && !isUnread)
    return { of: "none", by: null, note: "no rule of pod_association has all its sources in it" };
  const note = isUnread
    ? "no rule of pod_association reads this: telemetry that says only this leaves as it came"
    : null;
  if (identity.kind !== "named" && identity.kind !== "sent") return { of: "none", by: null, note };
  const led = entry && identity.candidates.find(({ ref }) => find(ref).status === "found");
  const by =
    led === undefined
      ? null
      : `${kindOf(led.ref.id)}${placeOf(led.ref.id, asked)}${identity.kind === "sent" ? " of the connection" : ""}`;
  return { of: "own", by: target.isRecordLevel && by !== null ? `${by} on the record` : by, note };
}

const kinds: readonly (readonly [prefix: string, words: string])[] = [
  ["uid:", "the pod's uid"],
  ["name:", "the container's name in the pod with that uid"],
  ["ip:", "the address"],
  ["cgroup:", "the cgroup's path"],
  ["inode:", "the cgroup's inode"],
];

function kindOf(key: string): string {
  return kinds.find(([prefix]) => key.startsWith(prefix))?.[1] ?? "the container's ID";
}

/** Where the ID or uid stood that led to somebody, when no attribute was it: in the path of a cgroup, which may be that of a process. */
function placeOf(key: string, { resource, record }: LookupQuestion): string {
  const isIn = (read: typeof byContainerId, text: string | number | undefined) =>
    typeof text === "string" && read(text)?.some(({ ref }) => ref.id === key) === true;
  const ids = [resource["container.id"], record["container.id"]];
  const isAttribute = key.startsWith("uid:")
    ? resource["k8s.pod.uid"] !== undefined
    : ids.some((id) => isIn(byContainerId, id));
  if (isAttribute || /^(?:name|ip|inode):/.test(key)) return "";
  const isPath = key.startsWith("cgroup:");
  if (isIn(byCgroup, resource["process.linux.cgroup"])) return isPath ? "" : " in the cgroup's path";
  return resource["process.pid"] === undefined ? "" : isPath ? " of the process" : " in the process's cgroup";
}
