import { noWorkloads, type Workloads, workloadsOf } from "../../../containers/names/workload.ts";
import type { AttributeFacts } from "./facts.ts";

/** The controllers of the facts' pod: as somebody who knows owner references told, else as its labels do. */
export function workloadsIn({ pod, more }: AttributeFacts): Workloads {
  return more?.workloads ?? (pod === undefined ? noWorkloads : workloadsOf(pod.facts));
}
