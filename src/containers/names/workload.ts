import type { PodFacts } from "../../runtimes/facts.ts";

/** The controllers whose names semantic conventions have, in the order in which service.name asks for them. */
export const workloadKinds = ["deployment", "replicaset", "statefulset", "daemonset", "cronjob", "job"] as const;

export type WorkloadKind = (typeof workloadKinds)[number];

/** The controllers of a pod, with what is known of them. */
export type Workloads = {
  readonly names: Readonly<Partial<Record<WorkloadKind, string>>>;
  readonly uids: Readonly<Partial<Record<WorkloadKind, string>>>;
  /** There is one, and the pod's name was cut so that nobody can tell its name. */
  readonly isHidden: boolean;
};

/** None that is known. */
export const noWorkloads: Workloads = { names: {}, uids: {}, isHidden: false };
const hidden: Workloads = { ...noWorkloads, isHidden: true };

/** Kubernetes cuts the name that it makes another of at 58 characters and adds 5; a pod with as many may have lost some. */
const cutLength = 63;

/**
 * The controllers that the sandbox's labels name: those of kube-controller-manager, each checked against the pod's own name, since
 * a user may write any label. What they do not decide is not guessed.
 */
export function workloadsOf(pod: PodFacts): Workloads {
  return ofReplicaSet(pod) ?? ofStatefulSet(pod) ?? ofJob(pod) ?? ofDaemonSet(pod) ?? noWorkloads;
}

/** Who writes the hash of a pod's template into its labels: a Deployment, and a Rollout of Argo's, which semantic conventions do not name. */
const templateHashes = ["pod-template-hash", "rollouts-pod-template-hash"] as const;

/** The hash H of a pod `<controller>-H-<5 characters>`: its ReplicaSet is `<controller>-H`. */
function ofReplicaSet({ name, labels }: PodFacts): Workloads | undefined {
  const replicaset = withoutSuffix(name);
  for (const label of templateHashes) {
    const hash = labels[label] ?? "";
    const end = `-${hash}`;
    if (hash === "" || replicaset === undefined || !replicaset.endsWith(end) || replicaset.length === end.length)
      continue;
    if (label === "rollouts-pod-template-hash") return { ...noWorkloads, names: { replicaset } };
    return { ...noWorkloads, names: { deployment: replicaset.slice(0, -end.length), replicaset } };
  }
  const hasHash = templateHashes.some((label) => (labels[label] ?? "") !== "");
  return hasHash && name.length === cutLength ? hidden : undefined;
}

/** The name of the pod is in a label of its StatefulSet, or its ordinal, which only a matching revision makes believable. */
function ofStatefulSet({ name, labels }: PodFacts): Workloads | undefined {
  const [, statefulset = "", ordinal = ""] = /^(.+)-(\d+)$/.exec(name) ?? [];
  // Strimzi gave the pods of its own controller, up to 0.45, the label of a StatefulSet's.
  if (statefulset === "" || labels["strimzi.io/controller"] === "strimzipodset") return undefined;
  const revision = labels["controller-revision-hash"];
  const isOfRevision = revision?.startsWith(`${statefulset}-`);
  const isNamed = labels["statefulset.kubernetes.io/pod-name"] === name && isOfRevision !== false;
  const isCounted = labels["apps.kubernetes.io/pod-index"] === ordinal && isOfRevision === true;
  return isNamed || isCounted ? { ...noWorkloads, names: { statefulset } } : undefined;
}

/** Before 1.27 the labels had no prefix, so that users may have them too: there both of the controller's must be. */
function ofJob(pod: PodFacts): Workloads | undefined {
  const { name, labels } = pod;
  const uid = labels["batch.kubernetes.io/controller-uid"] ?? labels["controller-uid"];
  const job = labels["batch.kubernetes.io/job-name"] ?? (uid === undefined ? undefined : labels["job-name"]);
  if (job === undefined || job === "" || !isPodOfJob(name, job)) return undefined;
  const cronjob = cronJobOf(job, createdAt(pod));
  return {
    ...noWorkloads,
    names: { job, ...(cronjob === undefined ? {} : { cronjob }) },
    uids: uid === undefined || uid === "" ? {} : { job: uid },
  };
}

/** An index and 5 characters follow the Job's name, which is cut in front of them when all is too long. */
const longestJobPart = 40;

function isPodOfJob(pod: string, job: string): boolean {
  return job.length < longestJobPart ? pod.startsWith(`${job}-`) : pod.startsWith(job.slice(0, longestJobPart));
}

/** A DaemonSet's controller alone writes `pod-template-generation`. */
function ofDaemonSet({ name, labels }: PodFacts): Workloads | undefined {
  if (!/^\d+$/.test(labels["pod-template-generation"] ?? "") || labels["controller-revision-hash"] === undefined)
    return undefined;
  // As long as this its name may go on behind what is there.
  if (name.length === cutLength) return hidden;
  const daemonset = withoutSuffix(name);
  return daemonset === undefined ? undefined : { ...noWorkloads, names: { daemonset } };
}

/** The name from which Kubernetes made this one by adding a dash and 5 characters. */
function withoutSuffix(name: string): string | undefined {
  return /^(.+)-[a-z0-9]{5}$/.exec(name)?.[1];
}

const toleranceMinutes = 1440;

/** A CronJob names its Jobs by the minute for which they were due; a number far from the pod's creation (ms) is somebody's own. */
export function cronJobOf(job: string, createdAtMs: number): string | undefined {
  const [, name, minutes] = /^(.+)-(\d{8})$/.exec(job) ?? [];
  const difference = Math.abs(Math.floor(createdAtMs / 60_000) - Number(minutes));
  return name !== undefined && difference <= toleranceMinutes ? name : undefined;
}

/** When the kubelet saw the pod first, else when its sandbox was made; in ms since the epoch, as near to the pod's creation as a runtime knows. */
export function createdAt({ annotations, createdAt: sandboxAt }: PodFacts): number {
  const seen = Date.parse(annotations["kubernetes.io/config.seen"] ?? "");
  return Number.isNaN(seen) ? sandboxAt : seen;
}
