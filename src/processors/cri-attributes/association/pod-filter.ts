import type { Pod } from "../../../containers/index/entry.ts";
import { annotationsOf, labelsOf } from "../extract/facts.ts";
import type { Entries } from "../extract/key-rules.ts";
import type { Supplement } from "../extract/supplement.ts";
import type { Exclusion, FieldFilter, FilterSettings, LabelFilter } from "../settings/filter.ts";

/** Why a pod counts as one that is not known. */
export type Hidden = "excluded" | "filtered";

export type PodFilterOptions = {
  readonly filter: FilterSettings;
  readonly exclude: { readonly pods: readonly Exclusion[] };
  /** Whether the annotation by which a pod asks to be ignored is looked at; the Collector does so only where some rule is about annotations. */
  readonly readsIgnore: boolean;
  readonly nodeName: string;
  /** The environment's, where the filter takes the node from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly supplement: Supplement;
};

/** Fields of a pod that a runtime knows, by the names that field selectors have. */
export const knownFields: readonly string[] = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.hostNetwork",
  "status.podIP",
];

/** Tells whether a pod is one that the instance must not know, and why; each pod is looked at once. */
export function createPodFilter(options: PodFilterOptions): (pod: Pod) => Hidden | undefined {
  const { supplement } = options;
  const judge = createJudge(options);
  const known = new WeakMap<Pod, { readonly version: number; readonly reason: Hidden | undefined }>();
  return (pod) => {
    const version = supplement.version();
    const before = known.get(pod);
    if (before?.version === version) return before.reason;
    const reason = judge(pod);
    known.set(pod, { version, reason });
    return reason;
  };
}

function createJudge({ filter, exclude, nodeName, environment, readsIgnore, supplement }: PodFilterOptions) {
  const node = filter.node_from_env_var === "" ? filter.node : (environment[filter.node_from_env_var] ?? "");
  const isOtherNode = node !== "" && node !== nodeName;
  const fields = filter.fields.filter(({ key }) => knownFields.includes(key));
  return (pod: Pod): Hidden | undefined => {
    if (isOtherNode) return "filtered";
    if (filter.namespace !== "" && pod.facts.namespace !== filter.namespace) return "filtered";
    const known = { pod, more: supplement.pod(pod) };
    const labels = labelsOf(known);
    if (!filter.labels.every((each) => hasLabel(labels, each))) return "filtered";
    if (!fields.every((each) => hasField(fieldOf(pod, each.key, nodeName), each))) return "filtered";
    if (exclude.pods.some(({ name }) => name === undefined || name.matches(pod.facts.name))) return "excluded";
    return readsIgnore && isIgnored(annotationsOf(known)) ? "excluded" : undefined;
  };
}

function hasLabel(labels: Entries, { key, value, op }: LabelFilter): boolean {
  const is = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (op) {
    case "equals":
      return is === value;
    case "not-equals":
      return is !== value;
    case "exists":
      return is !== undefined;
    case "does-not-exist":
      return is === undefined;
  }
}

function hasField(is: string, { value, op }: FieldFilter): boolean {
  return (is === value) === (op === "equals");
}

function fieldOf({ facts, details }: Pod, key: string, nodeName: string): string {
  switch (key) {
    case "metadata.name":
      return facts.name;
    case "metadata.namespace":
      return facts.namespace;
    case "metadata.uid":
      return facts.uid;
    case "spec.nodeName":
      return nodeName;
    case "spec.hostNetwork":
      return String(details?.isHostNetwork === true);
    default:
      return details?.addresses[0] ?? "";
  }
}

function isIgnored(annotations: Entries): boolean {
  return annotations["opentelemetry.io/k8s-processor/ignore"]?.trim().toLowerCase() === "true";
}
