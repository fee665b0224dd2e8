import type { FollowerState } from "../../../containers/following/follower.ts";
import type { Reason } from "../decider.ts";

/** What a reason means, in words for whoever looks for a pod that is missing. */
const words: Readonly<Record<Reason, string>> = {
  passthrough: "passthrough is on: only k8s.pod.ip is written, for a next hop that knows pods by it",
  no_identity: "nothing in it says whose it is",
  invalid_id: "its container.id is none that a runtime gives: 64 hex digits, or 12 and more of them",
  not_found:
    "no runtime on this node knows it: it may be the host's own, of another node, or gone for longer than pod_delete_grace_period",
  ambiguous_prefix: "it names several: by too few digits of an ID, or by a cgroup that containers share",
  conflict: "its sources, or its name and who sent it, lead to different pods",
  runtime_down: "no container runtime answers",
  waiting_cap: "too much is being waited for",
  timeout: "the runtimes did not answer in time",
  growth_cap: "its records name so many containers that the request would become many times larger",
  unreadable: "it is in a layout that nobody can tell",
  excluded: "its pod is excluded: by exclude::pods, or by its annotation opentelemetry.io/k8s-processor/ignore",
  filtered: "its pod is not one that filter lets through",
};

/** Why something leaves without the identity of a pod; where no runtime answers that is said too. */
export function whyNot(reason: Reason, runtimes: readonly FollowerState[]): string {
  const isUp = runtimes.some(({ status }) => status === "following");
  if (isUp || (reason !== "runtime_down" && reason !== "not_found")) return words[reason];
  const errors = runtimes.flatMap((state) => (state.status === "connecting" && state.lastError) || []);
  const why = runtimes.length === 0 ? ["there is a socket at none of the known places"] : errors;
  return [words.runtime_down, ...why].join("; ");
}
