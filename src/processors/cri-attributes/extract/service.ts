import { type AttributeFacts, labelsOf, textOf } from "./facts.ts";
import { writtenImage } from "./image.ts";
import { workloadKinds } from "../../../containers/names/workload.ts";
import { workloadsIn } from "./workloads-in.ts";

/*
 * service.* by the algorithm of the semantic conventions (docs/non-normative/k8s-attributes.md); the annotations that go
 * before all of this are written by otel_annotations. An empty label gives way to what comes next.
 */

/** The name that the workload gives: of the outermost controller, else the pod's own. Nothing where the controller's name is hidden. */
export function serviceName(facts: AttributeFacts): string | undefined {
  const { names, isHidden } = workloadsIn(facts);
  if (isHidden) return undefined;
  return workloadKinds.map((kind) => names[kind]).find((name) => name !== undefined) ?? textOf(facts.pod?.facts.name);
}

/** What labels say of a service goes before the rest. */
export function serviceLabels(facts: AttributeFacts): {
  readonly name: string | undefined;
  readonly version: string | undefined;
} {
  const labels = labelsOf(facts);
  return {
    name: textOf(labels["app.kubernetes.io/instance"]) ?? textOf(labels["app.kubernetes.io/name"]),
    version: textOf(labels["app.kubernetes.io/version"]),
  };
}

/** `tag@digest`, `digest` or `tag`, as the pod's spec has them. */
export function serviceVersionOfImage(facts: AttributeFacts): string | undefined {
  const { tag, digest } = writtenImage(facts.container) ?? {};
  return tag === undefined ? digest : digest === undefined ? tag : `${tag}@${digest}`;
}

/** `<namespace>.<pod>.<container>`, when all three are known. */
export function serviceInstance({ pod, container }: AttributeFacts): string | undefined {
  const parts = [pod?.facts.namespace ?? "", pod?.facts.name ?? "", container?.facts.name ?? ""];
  return parts.includes("") ? undefined : parts.join(".");
}
