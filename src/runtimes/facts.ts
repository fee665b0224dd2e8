/** What a runtime says about a pod sandbox, or about a pod of Podman's; times in ms since the epoch. */
export type PodFacts = {
  /** The sandbox's ID, which is the pause container's too; of a pod of Podman's the pod's own. */
  readonly id: string;
  /** False for a pod of Podman's: it has no namespace, no uid and nothing of Kubernetes' (absent means true). */
  readonly isKubernetes?: boolean;
  /** Whether it is there a second time, under the ID of its first container. */
  readonly isAlias?: boolean;
  readonly name: string;
  readonly namespace: string;
  /** As in labels and cgroups: of a static pod the config hash, 32 hex digits without dashes. */
  readonly uid: string;
  readonly attempt: number;
  readonly isReady: boolean;
  readonly createdAt: number;
  /** Another text after each start, as far as lists tell (see ContainerFacts). */
  readonly life?: string;
  readonly labels: Facts;
  readonly annotations: Facts;
  /** The runtime class's handler; absent for the runtime's usual one. */
  readonly runtimeHandler?: string;
};

/** What PodSandboxStatus adds. */
export type PodDetails = {
  /** The pod's own addresses, primary first; none for a pod on the host's network. */
  readonly addresses: readonly string[];
  readonly isHostNetwork?: boolean;
  /** Where the runtime tells it. */
  readonly hostname?: string | undefined;
  /** Whether its processes have the host's numbers, and see those of others (absent means no). */
  readonly isHostPid?: boolean;
};

export type ContainerState = "created" | "running" | "exited" | "unknown";

/** What a list call says about a container; times in ms since the epoch. */
export type ContainerFacts = {
  readonly id: string;
  /** The pod's sandbox; empty for a container without a pod. */
  readonly podId: string;
  /** The name in the pod's spec; empty for a container without Kubernetes. */
  readonly name: string;
  /** The runtime's own name for it, without Docker's slash in front; absent where the runtime has none but the ID. */
  readonly runtimeName?: string;
  /** How often the kubelet has started this container of this pod before. */
  readonly attempt: number;
  readonly state: ContainerState;
  readonly createdAt: number;
  /**
   * Another text after each start in place, where the list tells something of the kind: process, cgroup and addresses are
   * others then, though nobody may have heard of the end.
   */
  readonly life?: string;
  readonly labels: Facts;
  readonly annotations: Facts;
  readonly image: ListedImage;
};

/** The image fields of ListContainers, as they come. */
export type ListedImage = {
  /** image.user_specified_image: the pod spec's text, from kubelets and runtimes new enough to pass it on. */
  readonly specified: string;
  /** image.image: what CreateContainer was called with; under a kubelet mostly an image ID. */
  readonly requested: string;
  readonly ref: string;
  readonly id: string;
};

/** What ContainerStatus (verbose) and ImageStatus add. */
export type ContainerDetails = {
  readonly state: ContainerState;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly exitCode: number | undefined;
  readonly pid: number | undefined;
  /** runtimeSpec.linux.cgroupsPath as the runtime has it: a path, or `slice:prefix:name`. */
  readonly cgroupsPath: string | undefined;
  /** The container's own addresses on networks of its own, as Docker and Podman know them without a pod (absent means none). */
  readonly addresses?: readonly string[];
  /** As of a pod, where the runtime tells it of a container without one. */
  readonly isHostPid?: boolean;
  /** Its hostname, where it has one that somebody chose; else Docker and Podman take the beginning of the ID. */
  readonly hostname?: string;
  readonly image: DescribedImage;
};

/** The image fields of ContainerStatus and ImageStatus, as they come. */
export type DescribedImage = {
  /** info.config.image.user_specified_image. */
  readonly specified: string;
  /** status.image.image: on containerd the first tag of the image, whoever asked for it. */
  readonly shown: string;
  readonly ref: string;
  /** Image.id, else status.image_id. */
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
};

/** What a runtime says about an image that it has. */
export type ImageFacts = {
  /** sha256:…, whether the runtime tells it with its algorithm or without. */
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly sizeBytes: number;
  /** Whether the runtime's garbage collection passes it over. */
  readonly isPinned: boolean;
};

export type Facts = Readonly<Record<string, string>>;

export type Listing = {
  readonly pods: readonly PodFacts[];
  readonly containers: readonly ContainerFacts[];
};

/** Something happened to a container or sandbox: a reason to ask, never an answer. */
export type Hint = {
  readonly id: string;
  readonly change: "appeared" | "changed" | "exited" | "gone";
};

/** What kind of runtime it is; `cri` is any that speaks CRI and is none of the others. */
export const runtimeTypes = ["containerd", "cri-o", "cri-dockerd", "docker", "podman", "cri"] as const;
export type RuntimeType = (typeof runtimeTypes)[number];

/** Who answers: Version.runtime_name and .runtime_version or what stands for them, and where. */
export type RuntimeIdentity = {
  /** container.runtime.name: "containerd", "cri-o", "docker", "podman". */
  readonly name: string;
  readonly version: string;
  readonly endpoint: string;
  readonly type: RuntimeType;
  /** Which socket at the endpoint it was, as socketInstance() tells: another one there is another runtime. */
  readonly instance: string;
};

/** A connected runtime. Every call is read-only, bounded in time and number, and rejects with what to do about it. */
export type Runtime = {
  readonly identity: RuntimeIdentity;
  /** True of a containerd whose CRI is switched off: it has no pods of Kubernetes'. */
  readonly lacksCri?: true;
  list(signal: AbortSignal): Promise<Listing>;
  /** The containers and sandboxes whose ID is or begins with `id`. Who knows that it is a sandbox's says so: that is less to ask. */
  find(id: string, signal: AbortSignal, kind?: "pod"): Promise<Listing>;
  describeContainer(container: ContainerFacts, signal: AbortSignal): Promise<ContainerDetails>;
  describePod(id: string, signal: AbortSignal): Promise<PodDetails>;
  /** The images that it can start containers of; of a containerd those of Kubernetes. */
  listImages(signal: AbortSignal): Promise<readonly ImageFacts[]>;
  /**
   * Rejects when nobody answers at the socket: as cheap a sign of life as there is, not counted as a call.
   * Absent where a list is all that can tell.
   */
  readonly probe?: (signal: AbortSignal) => Promise<void>;
  /** Rejects when the cheapest call of its API is not answered: made when there is a reason to doubt. */
  readonly check?: (signal: AbortSignal) => Promise<void>;
  /**
   * Gives hints until the stream breaks (rejects) or `signal` is aborted (resolves).
   * Undefined where the runtime has no events that are safe to take: then only lists tell.
   */
  readonly follow: ((onHint: (hint: Hint) => void, signal: AbortSignal) => Promise<void>) | undefined;
  close(): void;
};

/** A place where a runtime is or may come to be. */
export type RuntimeSource = {
  /** Its endpoint, for logs and metrics. */
  readonly label: string;
  /** What the settings or the socket's place say that it is. */
  readonly type: RuntimeType;
  /** As socketInstance() tells of its socket now; empty when there is none. */
  instance(): string;
  /** Connects and asks for the version; rejects when nobody answers. */
  connect(signal: AbortSignal): Promise<Runtime>;
};

/** All places of this node, looked at again and again. */
export type RuntimePlaces = {
  /** "auto", or "list" for those that the settings name. */
  readonly label: "auto" | "list";
  /** Those at which a runtime is to be followed now. */
  find(): readonly RuntimeSource[];
};
