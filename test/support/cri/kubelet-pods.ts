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
import type { CriStore } from "./store.ts";

/** A pod of a node as fixtures/k8s-attributes-behaviour.json has it: what its runtime knows of it. */
export type RecordedPod = {
  readonly node: string;
  readonly sandbox: {
    readonly id: string;
    readonly metadata: {
      readonly name: string;
      readonly namespace: string;
      readonly uid: string;
      readonly attempt: number;
    };
    readonly state: "READY" | "NOTREADY";
    readonly createdAt: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly ip?: string;
    readonly additionalIps?: readonly string[];
    readonly hostname?: string;
    readonly hostNetwork?: boolean;
  };
  readonly containers: readonly RecordedContainer[];
};

type RecordedContainer = {
  readonly id: string;
  readonly metadata: { readonly name: string; readonly attempt: number };
  readonly state: "CREATED" | "RUNNING" | "EXITED" | "UNKNOWN";
  readonly createdAt: string;
  readonly userSpecifiedImage: string;
  readonly imageId: string;
  readonly repoDigests?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

/** What containerd under a kubelet answers about these pods. */
export function storeOf(pods: readonly RecordedPod[]): CriStore {
  const store: CriStore = { sandboxes: new Map(), containers: new Map(), images: [] };
  for (const pod of pods) {
    addSandbox(store, pod);
    for (const container of pod.containers) addContainer(store, pod, container);
  }
  return store;
}

function addSandbox(store: CriStore, { sandbox }: RecordedPod): void {
  const { id, metadata, labels, annotations, ip = "", additionalIps = [], hostname = "" } = sandbox;
  const isReady = sandbox.state === "READY";
  const common = {
    id,
    metadata,
    state: isReady ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY,
    createdAt: nanoseconds(sandbox.createdAt),
    labels,
    annotations,
  };
  const isOnHost = sandbox.hostNetwork === true || ip === "";
  const network = isOnHost ? NamespaceMode.NODE : NamespaceMode.POD;
  store.sandboxes.set(id, {
    list: PodSandbox.fromPartial(common),
    status: PodSandboxStatusResponse.fromPartial({
      status: {
        ...common,
        network: isOnHost ? {} : { ip, additionalIps: additionalIps.map((each) => ({ ip: each })) },
        linux: { namespaces: { options: { network } } },
      },
      info: { info: JSON.stringify({ pid: 1, config: { metadata, hostname, labels, annotations } }) },
    }),
  });
}

function addContainer(store: CriStore, { sandbox }: RecordedPod, container: RecordedContainer): void {
  const { id, metadata, labels, annotations, userSpecifiedImage, imageId, repoDigests = [] } = container;
  const common = {
    id,
    metadata,
    state: ContainerState[`CONTAINER_${container.state}`],
    createdAt: nanoseconds(container.createdAt),
    labels,
    annotations,
  };
  // A tag is shown as it is written; what was pulled by digest has none.
  const [beforeDigest = "", digest] = userSpecifiedImage.split("@");
  const hasTag = beforeDigest.lastIndexOf(":") > beforeDigest.lastIndexOf("/");
  const repoTags = digest === undefined ? [hasTag ? beforeDigest : `${beforeDigest}:latest`] : [];
  store.images.push(Image.fromPartial({ id: imageId, repoTags, repoDigests: [...repoDigests] }));
  const info = {
    sandboxID: sandbox.id,
    pid: 0,
    config: { metadata, image: { image: imageId, user_specified_image: userSpecifiedImage } },
    runtimeSpec: { linux: { cgroupsPath: `/kubepods/besteffort/pod${sandbox.metadata.uid}/${id}` } },
  };
  store.containers.set(id, {
    list: Container.fromPartial({
      ...common,
      podSandboxId: sandbox.id,
      image: { image: imageId, userSpecifiedImage },
      imageRef: imageId,
    }),
    status: ContainerStatusResponse.fromPartial({
      status: {
        ...common,
        startedAt: common.createdAt,
        image: { image: repoTags[0] ?? imageId },
        imageRef: repoDigests[0] ?? imageId,
      },
      info: { info: JSON.stringify(info) },
    }),
  });
}

function nanoseconds(time: string): bigint {
  return BigInt(Date.parse(time)) * 1_000_000n;
}
