import type { Reason } from "../../processors/cri-attributes/decider.ts";

/** What to do about items that leave unstamped, by why they do; "" where that is as the configuration says. */
const advice: Readonly<Record<Reason, string>> = {
  excluded: "",
  filtered: "",
  passthrough: "",
  no_identity:
    "they name no container: let the SDK's container detector or the agent write container.id, or let pods send here themselves, so that the connection tells (docs/association.md)",
  invalid_id: "their container.id is none: see who writes it, and what; `podstamp explain` reads cgroups and images",
  not_found:
    "no runtime here knows what they name: they are of another node, or of a runtime that is not followed (`podstamp runtimes`); `podstamp lookup ID` tells of one",
  ambiguous_prefix: "their container.id is cut so short that it fits several: let it be written whole",
  conflict: "what they say of themselves is of two pods: see who writes k8s.pod.uid beside container.id",
  runtime_down: "the runtime did not answer at that time: see above, and podstamp_runtime_up",
  timeout: "the runtime knew their container too late: set cri_attributes::wait higher, or see why it is slow",
  waiting_cap: "too much waited for unknown containers: set max_waiting_mib higher, or see who sends made-up IDs",
  growth_cap: "their requests would have grown too large: let the senders send smaller ones",
  unreadable: "profiles in a layout that nobody can tell: see the sender's version of OTLP",
};

/** What to do about a reason; undefined where it is as the configuration says. */
export function unstampedTodo(reason: string): string | undefined {
  const todo = Object.entries(advice).find(([name]) => name === reason)?.[1] ?? "docs/association.md tells of it";
  return todo === "" ? undefined : todo;
}
