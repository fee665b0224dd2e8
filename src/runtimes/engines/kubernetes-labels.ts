import type { Facts } from "../facts.ts";

/** What the labels of an engine's container say about its part in Kubernetes. */
export type KubernetesPart = {
  readonly kind: "sandbox" | "container";
  /** In the pod's spec; of a sandbox empty. */
  readonly containerName: string;
  readonly podName: string;
  readonly namespace: string;
  readonly podUid: string;
  readonly sandboxId: string;
  readonly attempt: number;
  /** As CRI has them: cri-dockerd keeps both as labels of Docker's. */
  readonly labels: Facts;
  readonly annotations: Facts;
};

const annotationPrefix = "annotation.";

/** What cri-dockerd, and before it the kubelet, adds for itself. */
const own = new Set(["io.kubernetes.docker.type", "io.kubernetes.sandbox.id", "io.kubernetes.container.logpath"]);

/**
 * Reads the labels and the name (`k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`) that cri-dockerd gives to Docker's containers.
 * Undefined for a container that is none of a kubelet's.
 */
export function kubernetesPart(labels: Facts, name: string): KubernetesPart | undefined {
  const podName = labels["io.kubernetes.pod.name"];
  if (podName === undefined) return undefined;
  const containerName = labels["io.kubernetes.container.name"] ?? "";
  const isSandbox = labels["io.kubernetes.docker.type"] === "podsandbox" || containerName === "POD";
  const entries = Object.entries(labels);
  return {
    kind: isSandbox ? "sandbox" : "container",
    containerName: isSandbox ? "" : containerName,
    podName,
    namespace: labels["io.kubernetes.pod.namespace"] ?? "",
    podUid: labels["io.kubernetes.pod.uid"] ?? "",
    sandboxId: labels["io.kubernetes.sandbox.id"] ?? "",
    attempt: Number(/^k8s_.*_(\d{1,9})$/.exec(name)?.[1] ?? 0),
    labels: Object.fromEntries(entries.filter(([key]) => !own.has(key) && !key.startsWith(annotationPrefix))),
    annotations: Object.fromEntries(
      entries
        .filter(([key]) => key.startsWith(annotationPrefix))
        .map(([key, value]) => [key.slice(annotationPrefix.length), value]),
    ),
  };
}
