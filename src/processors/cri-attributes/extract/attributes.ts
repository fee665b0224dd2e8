import { textOf } from "./facts.ts";
import type { AttributeFacts, AttributeRule, Dialect } from "./facts.ts";
import { canonicalDigest } from "./image.ts";
import { serviceInstance, serviceName, serviceVersionOfImage } from "./service.ts";
import { createdAt, type WorkloadKind, workloadKinds } from "../../../containers/names/workload.ts";
import { workloadsIn } from "./workloads-in.ts";

type Rest = Partial<Omit<AttributeRule, "name" | "value">>;

/** A rule that is in both default sets unless it says otherwise. */
function rule(name: string, value: AttributeRule["value"], rest: Rest): AttributeRule {
  const common = {
    type: "string",
    stability: "stable",
    defaults: ["podstamp", "collector"],
    of: "pod",
    source: "",
  } as const;
  return { name, ...common, ...rest, value };
}

const workloadSources: Readonly<Record<WorkloadKind, string>> = {
  deployment: "label pod-template-hash, where the pod's name ends with it and 5 characters",
  replicaset: "as k8s.deployment.name, and by label rollouts-pod-template-hash of Argo Rollouts",
  statefulset:
    "label statefulset.kubernetes.io/pod-name, else apps.kubernetes.io/pod-index, and controller-revision-hash",
  daemonset: "labels pod-template-generation and controller-revision-hash",
  cronjob: "as k8s.job.name, where it ends with the minute of the pod's creation, give or take a day",
  job: "label batch.kubernetes.io/job-name, else job-name with controller-uid",
};

const own: readonly Dialect[] = ["podstamp"];
const asked: readonly Dialect[] = [];

/** Every field of extract.metadata, in the order in which they are written. */
export const attributeRules: readonly AttributeRule[] = [
  rule("k8s.namespace.name", ({ pod }) => textOf(pod?.facts.namespace), {
    source: "ListPodSandbox metadata.namespace",
  }),
  rule("k8s.pod.name", ({ pod }) => textOf(pod?.facts.name), { source: "ListPodSandbox metadata.name" }),
  rule("k8s.pod.uid", ({ pod, more }) => textOf(more?.uid ?? pod?.facts.uid), {
    source:
      "ListPodSandbox metadata.uid; of a static pod its config's hash, or its mirror's uid where a kubelet's list has that",
  }),
  rule("k8s.pod.ip", ({ pod }) => pod?.details?.addresses[0], {
    source: "PodSandboxStatus network.ip; none on the host's network",
    defaults: asked,
  }),
  rule("k8s.pod.hostname", ({ pod, more }) => textOf(more?.hostname) ?? textOf(pod?.details?.hostname), {
    source: "PodSandboxStatus info.config.hostname; on the host's network only where a kubelet's list has it",
    defaults: asked,
  }),
  rule("k8s.pod.start_time", startTime, {
    source: "annotation kubernetes.io/config.seen, else ListPodSandbox created_at",
    defaults: ["collector"],
  }),
  rule("k8s.node.name", ({ pod, nodeName }) => (pod === undefined ? undefined : textOf(nodeName)), {
    source: "node_name, else K8S_NODE_NAME, else the host's name",
    of: "node",
  }),
  rule("k8s.node.uid", ({ supplement, nodeName }) => supplement.node(nodeName)?.uid, {
    of: "node",
    defaults: asked,
    otherwise: "overlay",
  }),
  rule("k8s.cluster.uid", ({ supplement }) => supplement.cluster()?.uid, {
    of: "cluster",
    defaults: asked,
    otherwise: "overlay",
  }),
  ...workloadKinds.flatMap(workloadRules),
  rule("service.name", serviceName, {
    source: "label app.kubernetes.io/instance, else app.kubernetes.io/name, else the workload's name, else the pod's",
    defaults: asked,
  }),
  rule("service.namespace", ({ pod }) => textOf(pod?.facts.namespace), {
    source: "ListPodSandbox metadata.namespace",
    defaults: asked,
  }),
  rule("service.version", serviceVersionOfImage, {
    source: "label app.kubernetes.io/version, else tag and digest of the image as the pod's spec has it",
    of: "container",
    defaults: asked,
  }),
  rule("service.instance.id", serviceInstance, {
    source: "namespace, pod and container: namespace.pod.container",
    of: "container",
    defaults: asked,
  }),
  ofContainer("k8s.container.name", ({ container }) => textOf(container?.facts.name), {
    source: "ListContainers metadata.name",
  }),
  ofContainer("k8s.container.restart_count", restartCount, {
    source: "annotation io.kubernetes.container.restartCount, else ListContainers metadata.attempt",
    type: "int",
    isOfRun: true,
  }),
  ofContainer("container.id", ({ container }) => container?.id, {
    engine: "Id",
    source: "ListContainers id",
    isOfRun: true,
  }),
  ofContainer("container.name", (facts) => (isOfKubernetes(facts) ? undefined : facts.container?.facts.runtimeName), {
    engine: "Name",
    source:
      "the name that Docker, Podman, nerdctl or ctr knows it by; in Kubernetes it has none but k8s.container.name",
    stability: "development",
  }),
  ofContainer("container.label.com.docker.compose.project", composeLabel("com.docker.compose.project"), {
    engine: "Labels",
    source: "the label of that name, which Docker Compose and its kin give; not in Kubernetes",
    stability: "development",
  }),
  ofContainer("container.label.com.docker.compose.service", composeLabel("com.docker.compose.service"), {
    engine: "Labels",
    source: "as container.label.com.docker.compose.project",
    stability: "development",
  }),
  ofContainer("podman.pod.name", ({ podmanPod }) => textOf(podmanPod?.facts.name), {
    engine: "Podman: Pod",
    source: "the pod of Podman's that the container is in",
    stability: "development",
  }),
  ofContainer("container.image.name", ({ container }) => container?.image.name, {
    engine: "the image as it was asked for, Config.Image",
    source:
      "ListContainers image.user_specified_image, else the reference asked for, else ContainerStatus image.image where all names of the image are of one repository",
    defaults: ["podstamp", "collector"],
  }),
  ofContainer("container.image.tags", ({ container }) => listOf(container?.image.tags), {
    engine: "as container.image.name",
    source: "as container.image.name",
    type: "string[]",
    only: "stable",
    defaults: ["podstamp", "collector"],
  }),
  ofContainer("container.image.tag", ({ container }) => container?.image.tags[0], {
    engine: "as container.image.name",
    source: "as container.image.name",
    only: "legacy",
    stability: "deprecated",
    defaults: ["podstamp", "collector"],
  }),
  ofContainer(
    "container.image.repo_digests",
    ({ container }) => listOf(container?.image.repoDigests.map(canonicalDigest)),
    {
      engine: "RepoDigests of the image, of the container's own repository",
      source: "ContainerStatus image_ref and ImageStatus repo_digests, of the container's own repository",
      type: "string[]",
      isOfRun: true,
    },
  ),
  ofContainer("container.image.id", ({ container }) => container?.image.id, {
    engine: "Image",
    source: "ImageStatus id, else ContainerStatus image_id",
    stability: "development",
  }),
  ofContainer("oci.manifest.digest", ({ container }) => container?.image.manifestDigest, {
    engine: "the digest asked for, else that of RepoDigests",
    source: "the digest asked for, else that of ContainerStatus image_ref",
    stability: "development",
  }),
  ofContainer("container.runtime.name", ({ container }) => textOf(container?.runtime.name), {
    legacy: "container.runtime",
    engine: "docker or podman",
    source: "Version runtime_name",
    stability: "development",
  }),
  ofContainer("container.runtime.version", ({ container }) => textOf(container?.runtime.version), {
    engine: "Version",
    source: "Version runtime_version",
    stability: "development",
    defaults: asked,
  }),
];

function ofContainer(name: string, value: AttributeRule["value"], rest: Rest): AttributeRule {
  return rule(name, value, { defaults: own, ...rest, of: "container" });
}

function workloadRules(kind: WorkloadKind): readonly AttributeRule[] {
  return [
    rule(`k8s.${kind}.name`, (facts) => workloadsIn(facts).names[kind], {
      source: workloadSources[kind],
      defaults: kind === "deployment" ? ["podstamp", "collector"] : own,
    }),
    rule(`k8s.${kind}.uid`, (facts) => uidOf(kind, facts), {
      source: kind === "job" ? "label batch.kubernetes.io/controller-uid, else controller-uid" : "",
      defaults: asked,
      ...(kind === "job" ? {} : { otherwise: isOwner(kind) ? "overlay or kubelet" : "overlay" }),
    }),
  ];
}

/** Whether pods name it as their owner; what owns that owner only the API server knows. */
function isOwner(kind: WorkloadKind): boolean {
  return kind !== "deployment" && kind !== "cronjob";
}

function uidOf(kind: WorkloadKind, facts: AttributeFacts): string | undefined {
  const { names, uids } = workloadsIn(facts);
  const name = names[kind];
  const namespace = facts.pod?.facts.namespace ?? "";
  return uids[kind] ?? (name === undefined ? undefined : facts.supplement.workload(kind, namespace, name)?.uid);
}

/** RFC 3339 with seconds. */
function startTime({ pod, more }: AttributeFacts): string | undefined {
  const ms = more?.createdAt ?? (pod === undefined ? 0 : createdAt(pod.facts));
  return ms <= 0 ? undefined : new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Whether it has a name in a pod's spec, or is in a pod of Kubernetes'. */
function isOfKubernetes({ container, pod }: Pick<AttributeFacts, "container" | "pod">): boolean {
  return pod !== undefined || (container?.facts.name ?? "") !== "";
}

function composeLabel(label: string): AttributeRule["value"] {
  return (facts) => (isOfKubernetes(facts) ? undefined : textOf(facts.container?.facts.labels[label]));
}

/** How often the kubelet had started the container before; what Docker itself has started again is no restart of a kubelet's. */
export function restartCount(
  facts: Pick<AttributeFacts, "container"> & Partial<Pick<AttributeFacts, "pod">>,
): number | undefined {
  const { container } = facts;
  if (!isOfKubernetes({ container, pod: facts.pod })) return undefined;
  const annotation = container?.facts.annotations["io.kubernetes.container.restartCount"];
  return annotation !== undefined && /^\d{1,9}$/.test(annotation) ? Number(annotation) : container?.facts.attempt;
}

function listOf(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
