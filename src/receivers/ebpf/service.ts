import type { Entry } from "../../containers/index/entry.ts";
import { workloadKinds, workloadsOf } from "../../containers/names/workload.ts";

/*
 * service.* by the algorithm of the semantic conventions (docs/non-normative/k8s-attributes.md): annotations of the pod, well-known
 * labels, the workload, the pod, the container.
 */

const annotation = "resource.opentelemetry.io/service.";

/** service.name, service.namespace, service.version and service.instance.id of an entry, as far as its facts tell them. */
export function serviceOf(entry: Entry): readonly (readonly [string, string])[] {
  const pod = entry.kind === "pod" ? entry : entry.pod;
  const container = entry.kind === "container" ? entry : undefined;
  const labels = pod?.facts.labels ?? {};
  const annotations = pod?.facts.annotations ?? {};
  const isOfPod = pod !== undefined && pod.facts.name !== "";
  const name =
    firstOf(
      annotations[`${annotation}name`],
      labels["app.kubernetes.io/instance"],
      labels["app.kubernetes.io/name"],
      pod === undefined ? undefined : workloadName(pod.facts),
    ) ?? firstOf(pod?.facts.name, container?.facts.name, container?.facts.runtimeName);
  const instance = [pod?.facts.namespace ?? "", pod?.facts.name ?? "", container?.facts.name ?? ""];
  const found: readonly (readonly [string, string | undefined])[] = [
    ["service.name", name],
    ["service.namespace", firstOf(annotations[`${annotation}namespace`], isOfPod ? pod.facts.namespace : undefined)],
    ["service.version", firstOf(annotations[`${annotation}version`], labels["app.kubernetes.io/version"])],
    [
      "service.instance.id",
      firstOf(annotations[`${annotation}instance.id`], instance.includes("") ? undefined : instance.join(".")),
    ],
  ];
  return found.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
}

function workloadName(facts: Parameters<typeof workloadsOf>[0]): string | undefined {
  const { names, isHidden } = workloadsOf(facts);
  return isHidden ? undefined : workloadKinds.map((kind) => names[kind]).find((name) => name !== undefined);
}

/** The first that says something. */
function firstOf(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== "");
}
