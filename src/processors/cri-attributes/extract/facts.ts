import type { Container, Entry, Pod } from "../../../containers/index/entry.ts";
import type { AttributeValue } from "../../../otlp/wire/attribute.ts";
import { withSpecImage } from "./image.ts";
import type { PodSupplement, Supplement } from "./supplement.ts";

/** Which names are written where the semantic conventions have changed one. */
export type Semconv = "stable" | "legacy" | "both";

/** In whose words an instance is configured: podstamp's own cri_attributes, or the Collector's k8s_attributes. */
export type Dialect = "podstamp" | "collector";

/** Where the facts of an attribute come from, for those who ask. */
export type AttributeRule = {
  /** The name of today's semantic conventions, by which extract.metadata knows it. */
  readonly name: string;
  /** What was written before there was that one, where it is another name. */
  readonly legacy?: string;
  /** Names of only one scheme: without this a name is written in each. */
  readonly only?: "stable" | "legacy";
  readonly of: "pod" | "container" | "node" | "cluster";
  /** The run of a container, and not each of its runs, has it: a number of restarts that nobody knows leaves it out. */
  readonly isOfRun?: boolean;
  /** The call and field that tell it, in words; empty when no runtime does. */
  readonly source: string;
  /** The same of Docker and Podman, which have APIs of their own. */
  readonly engine?: string;
  /** What it takes to have it where no runtime tells it. */
  readonly otherwise?: string;
  readonly type: "string" | "int" | "string[]";
  /** Of its name in the semantic conventions. */
  readonly stability: "stable" | "development" | "deprecated";
  /** In whose default set it is. */
  readonly defaults: readonly Dialect[];
  /** Undefined when what is known does not tell it. */
  readonly value: (facts: AttributeFacts) => AttributeValue | undefined;
};

/** What there is to know about one piece of telemetry; no container for the sandbox of a pod. */
export type AttributeFacts = {
  readonly pod: Pod | undefined;
  /** A pod of Podman's, of which nothing is Kubernetes'. */
  readonly podmanPod?: Pod | undefined;
  readonly container: Container | undefined;
  readonly nodeName: string;
  readonly more?: PodSupplement | undefined;
  readonly supplement: Supplement;
};

/** The facts behind an entry of the directory. */
export function factsOf(
  entry: Entry,
  options: { readonly nodeName: string; readonly supplement: Supplement },
): AttributeFacts {
  const any = entry.kind === "pod" ? entry : entry.pod;
  const isPodmans = any?.facts.isKubernetes === false;
  const pod = isPodmans ? undefined : any;
  const podmanPod = isPodmans ? any : undefined;
  const more = pod && options.supplement.pod(pod);
  const container = entry.kind === "pod" ? undefined : withSpecImage(entry, more?.images?.get(entry.facts.name));
  return { ...options, pod, podmanPod, container, more };
}

type Texts = Readonly<Record<string, string>>;
type OfPod = { readonly pod: Pod | undefined; readonly more?: PodSupplement | undefined };

/** Labels that the kubelet, and CRI-O, give a sandbox: the pod itself has none of them. */
const sandboxLabels = [
  "io.kubernetes.pod.name",
  "io.kubernetes.pod.namespace",
  "io.kubernetes.pod.uid",
  "io.kubernetes.container.name",
];

/** Annotations that the kubelet gives a sandbox, and the pods of its own list; in the API only the mirror of a static pod has them too. */
const kubeletAnnotations = ["kubernetes.io/config.seen", "kubernetes.io/config.source"];

/** The labels of the pod, as they are known best, without those of its sandbox alone. */
export function labelsOf({ pod, more }: OfPod): Texts {
  return more?.labels ?? without(pod?.facts.labels, sandboxLabels);
}

/** The annotations of the pod, as they are known best, without those that only the kubelet has put there. */
export function annotationsOf({ pod, more }: OfPod): Texts {
  const annotations = more?.annotations ?? pod?.facts.annotations;
  return without(annotations, annotations?.["kubernetes.io/config.source"] === "api" ? kubeletAnnotations : []);
}

function without(texts: Texts = {}, names: readonly string[]): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => !names.includes(name)));
}

/** The text, when there is some. */
export function textOf(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
