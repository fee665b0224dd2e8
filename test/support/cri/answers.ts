import { randomBytes, randomUUID } from "node:crypto";
import {
  Container,
  ContainerState,
  ContainerStatusResponse,
  Image,
  NamespaceMode,
  PodSandbox,
  PodSandboxState,
  PodSandboxStatusResponse,
} from "../../../src/proto/cri/v1/api.ts";

/** A pod as a test thinks of it. */
export type ModelPod = {
  /** 64 hex digits; made up when left out. */
  readonly id?: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Empty for a pod on the host's network. */
  readonly ip?: string;
  readonly additionalIps?: readonly string[];
  readonly isHostPid?: boolean;
  readonly containers?: readonly ModelContainer[];
};

/** A container as a test thinks of it. */
export type ModelContainer = {
  readonly id?: string;
  readonly name: string;
  /** As the pod spec has it; its image is made up unless the server knows one of that name. */
  readonly image?: string;
  readonly restartCount?: number;
  readonly pid?: number;
  readonly cgroupsPath?: string;
  /** In ms since the epoch; now unless said. */
  readonly createdAt?: number;
};

/** What a runtime answers about one sandbox or container. */
export type SandboxAnswers = { readonly list: PodSandbox; readonly status: PodSandboxStatusResponse };
export type ContainerAnswers = { readonly list: Container; readonly status: ContainerStatusResponse };

/** An ID as runtimes make them. */
export function newId(): string {
  return randomBytes(32).toString("hex");
}

/** The answers that containerd gives about a pod. */
export function sandboxAnswers(pod: ModelPod): SandboxAnswers {
  const { id = newId(), name, namespace, uid = randomUUID(), ip = "", additionalIps = [] } = pod;
  const common = {
    id,
    metadata: { name, namespace, uid, attempt: 0 },
    state: PodSandboxState.SANDBOX_READY,
    createdAt: now(),
    labels: {
      ...pod.labels,
      "io.kubernetes.pod.name": name,
      "io.kubernetes.pod.namespace": namespace,
      "io.kubernetes.pod.uid": uid,
    },
    annotations: { "kubernetes.io/config.source": "api", ...pod.annotations },
  };
  const network = ip === "" ? NamespaceMode.NODE : NamespaceMode.POD;
  const pid = pod.isHostPid === true ? NamespaceMode.NODE : NamespaceMode.CONTAINER;
  return {
    list: PodSandbox.fromPartial(common),
    status: PodSandboxStatusResponse.fromPartial({
      status: {
        ...common,
        network: { ip, additionalIps: additionalIps.map((each) => ({ ip: each })) },
        linux: { namespaces: { options: { network, pid } } },
      },
    }),
  };
}

/** The answers that containerd 1.x gives about a running container that a kubelet made. */
export function containerAnswers(container: ModelContainer, pod: PodSandbox, image: Image): ContainerAnswers {
  const { id = newId(), name, restartCount = 0, pid = 4242, createdAt = Date.now() } = container;
  const uid = pod.metadata?.uid ?? "";
  const podLabels = Object.entries(pod.labels).filter(([key]) => key.startsWith("io.kubernetes.pod."));
  const common = {
    id,
    metadata: { name, attempt: restartCount },
    state: ContainerState.CONTAINER_RUNNING,
    createdAt: BigInt(createdAt) * 1_000_000n,
    labels: { ...Object.fromEntries(podLabels), "io.kubernetes.container.name": name },
    annotations: {
      "io.kubernetes.container.hash": "5c1e8a27",
      "io.kubernetes.container.restartCount": String(restartCount),
    },
  };
  const cgroupsPath = container.cgroupsPath ?? `/kubepods/besteffort/pod${uid}/${id}`;
  const specified = container.image ?? image.repoTags[0] ?? "";
  const info = {
    sandboxID: pod.id,
    pid,
    config: { image: { image: image.id, user_specified_image: specified } },
    runtimeSpec: { linux: { cgroupsPath } },
  };
  return {
    list: Container.fromPartial({
      ...common,
      podSandboxId: pod.id,
      image: { image: image.id, userSpecifiedImage: specified },
      imageRef: image.id,
    }),
    status: ContainerStatusResponse.fromPartial({
      status: {
        ...common,
        startedAt: now(),
        image: { image: image.repoTags[0] ?? "" },
        imageRef: image.repoDigests[0] ?? image.id,
      },
      info: { info: JSON.stringify(info) },
    }),
  };
}

/** An image of this name that nobody has built. */
export function madeUpImage(reference: string): Image {
  const [beforeDigest = reference, digest] = reference.split("@");
  const tagAt = beforeDigest.indexOf(":", beforeDigest.lastIndexOf("/"));
  const repository = tagAt < 0 ? beforeDigest : beforeDigest.slice(0, tagAt);
  return Image.fromPartial({
    id: `sha256:${newId()}`,
    repoTags: tagAt < 0 ? [] : [beforeDigest],
    repoDigests: [`${repository}@${digest ?? `sha256:${newId()}`}`],
    size: 2_000_000n,
  });
}

/** The same answers for a pod whose sandbox was stopped. */
export function stoppedAnswers({ list, status }: SandboxAnswers): SandboxAnswers {
  const state = PodSandboxState.SANDBOX_NOTREADY;
  return {
    list: { ...list, state },
    // Its network namespace is gone, and with it what containerd tells of addresses.
    status: PodSandboxStatusResponse.fromPartial({ ...status, status: { ...status.status, state, network: {} } }),
  };
}

/** The same answers for a container that has ended with this code. */
export function exitedAnswers(answers: ContainerAnswers, exitCode: number): ContainerAnswers {
  const { list, status } = answers;
  const ended = { ...status.status, state: ContainerState.CONTAINER_EXITED, finishedAt: now(), exitCode };
  return {
    list: { ...list, state: ContainerState.CONTAINER_EXITED },
    status: ContainerStatusResponse.fromPartial({ ...status, status: ended }),
  };
}

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
