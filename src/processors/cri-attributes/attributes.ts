import type { Container, Entry, Pod } from "../../containers/entry.ts";
import type { AttributeValue } from "../../otlp/attribute.ts";

/** Which names are written where the semantic conventions have changed one. */
export type Semconv = "stable" | "legacy" | "both";

/** Where the facts of an attribute come from, for those who ask. */
export type AttributeRule = {
  /** The name of today's semantic conventions, by which extract.metadata knows it. */
  readonly name: string;
  /** What the Collector wrote before they were stable, where that is another name. */
  readonly legacy?: string;
  /** The call and field that tell it, in words. */
  readonly source: string;
  /** Undefined when the runtime's facts do not tell it. A legacy value may have another type. */
  readonly value: (facts: AttributeFacts) => AttributeValue | undefined;
  readonly legacyValue?: (facts: AttributeFacts) => AttributeValue | undefined;
};

/** What there is to know about one piece of telemetry; no container for the sandbox of a pod. */
export type AttributeFacts = {
  readonly pod: Pod | undefined;
  readonly container: Container | undefined;
  readonly nodeName: string;
};

/** Every attribute that podstamp writes, in the order in which it writes them. */
export const attributeRules: readonly AttributeRule[] = [
  {
    name: "k8s.namespace.name",
    source: "ListPodSandbox metadata.namespace",
    value: ({ pod }) => textOf(pod?.facts.namespace),
  },
  { name: "k8s.pod.name", source: "ListPodSandbox metadata.name", value: ({ pod }) => textOf(pod?.facts.name) },
  { name: "k8s.pod.uid", source: "ListPodSandbox metadata.uid", value: ({ pod }) => textOf(pod?.facts.uid) },
  {
    name: "k8s.node.name",
    source: "node_name, else K8S_NODE_NAME, else the host's name",
    value: ({ pod, nodeName }) => (pod === undefined ? undefined : textOf(nodeName)),
  },
  {
    name: "k8s.container.name",
    source: "ListContainers metadata.name",
    value: ({ container }) => textOf(container?.facts.name),
  },
  {
    name: "k8s.container.restart_count",
    source: "annotation io.kubernetes.container.restartCount, else ListContainers metadata.attempt",
    value: restartCount,
  },
  { name: "container.id", source: "ListContainers id", value: ({ container }) => container?.id },
  {
    name: "container.image.name",
    source:
      "ListContainers image.user_specified_image, else the reference asked for, else ContainerStatus image.image where all names of the image are of one repository",
    value: ({ container }) => container?.image.name,
  },
  {
    name: "container.image.tags",
    legacy: "container.image.tag",
    source: "as container.image.name",
    value: ({ container }) => listOf(container?.image.tags),
    legacyValue: ({ container }) => container?.image.tags[0],
  },
  {
    name: "container.image.repo_digests",
    source: "ContainerStatus image_ref and ImageStatus repo_digests, of the container's own repository",
    value: ({ container }) => listOf(container?.image.repoDigests),
  },
  {
    name: "container.image.id",
    source: "ImageStatus id, else ContainerStatus image_id",
    value: ({ container }) => container?.image.id,
  },
  {
    name: "oci.manifest.digest",
    source: "the digest asked for, else that of ContainerStatus image_ref",
    value: ({ container }) => container?.image.manifestDigest,
  },
  {
    name: "container.runtime.name",
    legacy: "container.runtime",
    source: "Version runtime_name",
    value: ({ container }) => textOf(container?.runtime.name),
  },
];

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
  return /^(?:k8s\.)?container\.|^oci\./.test(name);
}

/** The facts behind an entry of the directory. */
export function factsOf(entry: Entry, nodeName: string): AttributeFacts {
  return entry.kind === "pod"
    ? { pod: entry, container: undefined, nodeName }
    : { pod: entry.pod, container: entry, nodeName };
}

export type AttributeChoice = {
  /** Names of rules; undefined for all. */
  readonly metadata: ReadonlySet<string> | undefined;
  readonly semconv: Semconv;
};

/** Every attribute that is written for these facts, by name. */
export function attributesOf(
  facts: AttributeFacts,
  { metadata, semconv }: AttributeChoice,
): ReadonlyMap<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>();
  const write = (name: string, value: AttributeValue | undefined) => value !== undefined && attributes.set(name, value);
  for (const rule of attributeRules) {
    if (metadata !== undefined && !metadata.has(rule.name)) continue;
    if (semconv !== "legacy" || rule.legacy === undefined) write(rule.name, rule.value(facts));
    if (semconv !== "stable" && rule.legacy !== undefined) write(rule.legacy, (rule.legacyValue ?? rule.value)(facts));
  }
  return attributes;
}

function restartCount({ container }: AttributeFacts): number | undefined {
  const annotation = container?.facts.annotations["io.kubernetes.container.restartCount"];
  return annotation !== undefined && /^\d{1,9}$/.test(annotation) ? Number(annotation) : container?.facts.attempt;
}

function textOf(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function listOf(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
