import type { AttributeValue } from "../../../otlp/wire/attribute.ts";
import { attributeRules } from "./attributes.ts";
import {
  annotationsOf,
  type AttributeFacts,
  type AttributeRule,
  type Dialect,
  labelsOf,
  type Semconv,
} from "./facts.ts";
import { applyKeyRule, type Entries, type KeyRule } from "./key-rules.ts";
import { serviceLabels } from "./service.ts";
import { type WorkloadKind, workloadKinds } from "../../../containers/names/workload.ts";
import { workloadsIn } from "./workloads-in.ts";

/** What an instance writes: `extract` of its settings. */
export type Extraction = {
  /** Names of rules. */
  readonly metadata: ReadonlySet<string>;
  readonly semconv: Semconv;
  readonly dialect: Dialect;
  readonly labels: readonly KeyRule[];
  readonly annotations: readonly KeyRule[];
  readonly containerLabels: readonly KeyRule[];
  readonly otelAnnotations: boolean;
};

/** Collects attributes; what is written later takes the place of what was there. */
type Written = Map<string, AttributeValue>;

/**
 * Every attribute that is written for these facts, by name. A container's, then those of what is around the pod, are put behind
 * the pod's and replace one only where it is empty; `isRunKnown` false leaves out what only one run of the container has.
 */
export function attributesOf(
  facts: AttributeFacts,
  extraction: Extraction,
  { isRunKnown = true }: { readonly isRunKnown?: boolean } = {},
): ReadonlyMap<string, AttributeValue> {
  const pod = podAttributes(facts, extraction);
  const rest: Written = new Map();
  writeRules(
    rest,
    chosen(extraction).filter(({ of, isOfRun }) => of === "container" && (isRunKnown || isOfRun !== true)),
    { facts, extraction },
  );
  writeKeys(rest, extraction.containerLabels, {
    entriesOf: () => facts.container?.facts.labels ?? {},
    prefixesOf: () => prefixes("container", "label", extraction.semconv),
  });
  fill(pod, rest, presentStays);
  fill(pod, surroundings(facts, extraction), presentStays);
  return pod;
}

/** What the Collector writes only where the key is not there at all; everything else also where it is empty. */
export const presentStays: readonly string[] = ["container.id", "container.image.tags", "container.image.repo_digests"];

/** Puts in what is not there yet, or is there and empty. */
function fill(written: Written, more: Written, stays: readonly string[] = []): void {
  for (const [name, value] of more)
    if (!written.has(name) || (written.get(name) === "" && !stays.includes(name))) written.set(name, value);
}

/**
 * What is written of a pod, whatever its container; by these attributes rules of association know pods too. In the
 * Collector's order: fields, labels, what labels say of the service, annotations.
 */
export function podAttributes(facts: AttributeFacts, extraction: Extraction): Written {
  const { metadata, semconv } = extraction;
  const written: Written = new Map();
  if (facts.pod === undefined) return written;
  writeRules(
    written,
    chosen(extraction).filter(({ of }) => of !== "container"),
    { facts, extraction },
  );
  const ofPod = ({ from }: KeyRule) => from === "pod";
  writeKeys(written, extraction.labels.filter(ofPod), {
    entriesOf: () => labelsOf(facts),
    prefixesOf: () => prefixes("pod", "label", semconv),
  });
  const service = serviceLabels(facts);
  if (metadata.has("service.name") && service.name !== undefined) written.set("service.name", service.name);
  if (metadata.has("service.version") && service.version !== undefined) written.set("service.version", service.version);
  const annotations = annotationsOf(facts);
  writeKeys(written, extraction.annotations.filter(ofPod), {
    entriesOf: () => annotations,
    prefixesOf: () => prefixes("pod", "annotation", semconv),
  });
  if (extraction.otelAnnotations) writeOtelAnnotations(written, annotations);
  return written;
}

/** Nearer than what stands behind it, which only fills what is left open. */
const around = ["namespace", "node", ...workloadKinds] as const;

/**
 * Labels and annotations of what is around a pod, by name; also without a pod, for what telemetry names itself.
 * As the Collector does, rules about nodes bring the node's uid along.
 */
export function surroundings(facts: AttributeFacts, extraction: Extraction, named: Named = {}): Written {
  const { supplement, pod } = facts;
  const namespace = pod?.facts.namespace ?? named.namespace ?? "";
  const node = (pod === undefined ? named.node : facts.nodeName) ?? "";
  const workloads = pod === undefined ? {} : workloadsIn(facts).names;
  const about = (from: (typeof around)[number]) => {
    if (from === "namespace") return namespace === "" ? undefined : supplement.namespace(namespace);
    if (from === "node") return node === "" ? undefined : supplement.node(node);
    const [name, uid] = [workloads[from], named.uids?.[from]];
    if (pod === undefined) return uid === undefined ? undefined : supplement.workloadOfUid(from, uid);
    return name === undefined ? undefined : supplement.workload(from, namespace, name);
  };
  const written: Written = new Map();
  for (const from of around) {
    const told = about(from);
    if (told === undefined) continue;
    const own: Written = new Map();
    for (const kind of ["label", "annotation"] as const)
      writeKeys(
        own,
        extraction[`${kind}s`].filter((rule) => rule.from === from),
        { entriesOf: () => told[`${kind}s`], prefixesOf: () => prefixes(from, kind, extraction.semconv) },
      );
    fill(written, own);
    if (from === "node" && told.uid !== undefined && isNodeUidWritten(extraction))
      fill(written, new Map([["k8s.node.uid", told.uid]]));
  }
  return written;
}

/** Whether k8s.node.uid is written wherever the node is known. */
export function isNodeUidWritten({ metadata, dialect, labels, annotations }: Extraction): boolean {
  const hasRule = [...labels, ...annotations].some(({ from }) => from === "node");
  return metadata.has("k8s.node.uid") || (dialect === "collector" && hasRule);
}

/** What telemetry says about its namespace, its node and, by uids, its workloads. */
export type Named = {
  readonly namespace?: string | undefined;
  readonly node?: string | undefined;
  readonly uids?: Readonly<Partial<Record<WorkloadKind, string>>>;
};

/** The workloads that rules are about. */
export function workloadsRuled({ labels, annotations }: Extraction): readonly WorkloadKind[] {
  return workloadKinds.filter((kind) => [...labels, ...annotations].some(({ from }) => from === kind));
}

/** The rules of the fields that are to be written. */
function chosen({ metadata }: Extraction): readonly AttributeRule[] {
  return attributeRules.filter(({ name }) => metadata.has(name));
}

type Context = { readonly facts: AttributeFacts; readonly extraction: Extraction };

function writeRules(
  written: Written,
  rules: readonly AttributeRule[],
  { facts, extraction: { semconv } }: Context,
): void {
  const write = (name: string, value: AttributeValue | undefined) => value !== undefined && written.set(name, value);
  for (const rule of rules) {
    if (rule.of === "container" && facts.container === undefined && facts.podmanPod === undefined) continue;
    const { name, legacy, only } = rule;
    if (only !== undefined && semconv !== "both" && semconv !== only) continue;
    if (semconv !== "legacy" || legacy === undefined) write(name, rule.value(facts));
    if (semconv !== "stable" && legacy !== undefined) write(legacy, rule.value(facts));
  }
}

type Keys = {
  readonly entriesOf: (from: KeyRule["from"]) => Entries;
  readonly prefixesOf: (from: KeyRule["from"]) => readonly string[];
};

function writeKeys(written: Written, rules: readonly KeyRule[], { entriesOf, prefixesOf }: Keys): void {
  for (const rule of rules)
    applyKeyRule(rule, entriesOf(rule.from), {
      prefixes: prefixesOf(rule.from),
      write: (name, value) => written.set(name, value),
    });
}

/** Before they were stable the names of a pod's, a namespace's and a node's were plural, and a container's. */
const plural: readonly KeyRule["from"][] = ["pod", "namespace", "node", "container"];

/** What the names of labels or annotations begin with where the rule has none of its own. */
export function prefixes(from: KeyRule["from"], kind: "label" | "annotation", semconv: Semconv): readonly string[] {
  const start = from === "container" ? "container" : `k8s.${from}`;
  const stable = `${start}.${kind}.`;
  const legacy = plural.includes(from) ? `${start}.${kind}s.` : stable;
  if (semconv === "both") return legacy === stable ? [stable] : [stable, legacy];
  return [semconv === "stable" ? stable : legacy];
}

const otelPrefix = "resource.opentelemetry.io/";

/** `resource.opentelemetry.io/<x>` is attribute x, unless one of the two is empty. */
function writeOtelAnnotations(written: Written, annotations: Entries): void {
  for (const [key, value] of Object.entries(annotations))
    if (key.startsWith(otelPrefix) && key.length > otelPrefix.length && value !== "")
      written.set(key.slice(otelPrefix.length), value);
}

const workloads = ["deployment", "replicaset", "statefulset", "daemonset", "job", "cronjob"];

/** What is written of a container, and what else others write of a pod: on telemetry of another one it would be wrong. */
export const containerKeys: readonly string[] = attributeRules
  .filter(({ name }) => isOfContainer(name))
  .flatMap(({ name, legacy }) => (legacy === undefined ? [name] : [name, legacy]));
export const podKeys: readonly string[] = [
  "k8s.namespace.name",
  "k8s.pod.name",
  "k8s.pod.uid",
  "k8s.pod.ip",
  "k8s.pod.hostname",
  "k8s.pod.start_time",
  ...workloads.flatMap((kind) => [`k8s.${kind}.name`, `k8s.${kind}.uid`]),
];

/** Whether the attribute says something about a container and not about its pod. */
export function isOfContainer(name: string): boolean {
  return /^(?:k8s\.)?container\.|^oci\.|^podman\./.test(name);
}
