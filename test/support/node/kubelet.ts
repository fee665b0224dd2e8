import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { ImageStatusRequest, ListContainersRequest, ListPodSandboxRequest } from "../../../src/proto/cri/v1/api.ts";
import {
  CreateContainerRequest,
  ImageServiceClient,
  NamespaceMode,
  PodSandboxConfig,
  PullImageRequest,
  RemoveContainerRequest,
  RemovePodSandboxRequest,
  RunPodSandboxRequest,
  RuntimeServiceClient,
  StartContainerRequest,
  StopContainerRequest,
  StopPodSandboxRequest,
} from "../proto/cri-write.ts";
import { unary } from "../grpc/unary.ts";
import { rememberCgroup } from "../machine/workspace.ts";
import { ImageServiceClient as ImageReader, RuntimeServiceClient as RuntimeReader } from "../grpc/clients.ts";

export type PodSpec = {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** "api" unless the pod came from a file of the node. */
  readonly source?: "api" | "file";
  /** Whether it has a network and addresses of its own, and not the host's. */
  readonly hasNetwork?: boolean;
};

/** So often a container is stopped before that counts as refused. */
const stopAttempts = 3;

/** A pod sandbox that runs. */
export type Pod = {
  readonly id: string;
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly config: PodSandboxConfig;
};

export type ContainerSpec = {
  readonly name: string;
  /** As a pod spec has it: a name with a tag or a digest. */
  readonly image: string;
  readonly restartCount?: number;
  /** Empty where the image's own is meant. */
  readonly command?: readonly string[];
  /** Folders of the host, read-only unless said otherwise. */
  readonly mounts?: readonly { readonly host: string; readonly inside: string; readonly isWritable?: boolean }[];
  readonly environment?: Readonly<Record<string, string>>;
  /** As a strict pod spec has it: no capability but these, no way to more, a read-only root; the user is the image's. */
  readonly confined?: { readonly groups: readonly number[]; readonly capabilities?: readonly string[] };
  /** A kubelet asks for the ID of the image it has pulled and tells the spec's text beside it; plain asks for the text itself. */
  readonly asks?: "image id" | "plain";
};

/** Does to a runtime what a kubelet does, with its labels, annotations and cgroups. */
export type Kubelet = {
  pull(image: string): Promise<void>;
  runPod(spec: PodSpec): Promise<Pod>;
  /** Creates and starts; returns the container's ID. */
  run(pod: Pod, spec: ContainerSpec): Promise<string>;
  create(pod: Pod, spec: ContainerSpec): Promise<string>;
  start(container: string): Promise<void>;
  /** Kills the container at once. */
  stop(container: string): Promise<void>;
  remove(container: string): Promise<void>;
  removePod(pod: string): Promise<void>;
  /** Every pod of the runtime, whoever made it: only for a runtime of one's own. */
  removeAllPods(): Promise<void>;
  close(): void;
};

const ownNetwork = { network: NamespaceMode.POD, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.POD };
const hostNetwork = { network: NamespaceMode.NODE, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.POD };
const forever = ["/bin/sleep", "1000000"];

/** Connects to the CRI socket of a runtime of one's own; logs go below `folder`, where cgroups are remembered too. */
export function connectKubelet(endpoint: string, folder: string): Kubelet {
  const insecure = credentials.createInsecure();
  const runtime = new RuntimeServiceClient(endpoint, insecure);
  const images = new ImageServiceClient(endpoint, insecure);
  const runtimeReader = new RuntimeReader(endpoint, insecure);
  const imageReader = new ImageReader(endpoint, insecure);

  const imageId = async (image: string) => {
    const answer = await unary(
      imageReader.imageStatus.bind(imageReader),
      ImageStatusRequest.fromPartial({ image: { image } }),
    );
    if (answer.image === undefined) throw new Error(`Cannot use image ${image}: must be pulled first`);
    return answer.image.id;
  };
  const create = async (pod: Pod, spec: ContainerSpec) => {
    const image =
      spec.asks === "plain"
        ? { image: spec.image }
        : { image: await imageId(spec.image), userSpecifiedImage: spec.image };
    mkdirSync(join(pod.config.logDirectory, spec.name), { recursive: true });
    const request = CreateContainerRequest.fromPartial({
      podSandboxId: pod.id,
      config: containerConfig(pod, spec, image),
      sandboxConfig: pod.config,
    });
    return (await unary(runtime.createContainer.bind(runtime), request)).containerId;
  };
  const start = async (containerId: string) => {
    await unary(runtime.startContainer.bind(runtime), StartContainerRequest.fromPartial({ containerId }));
  };
  const stop = async (containerId: string) => {
    const request = StopContainerRequest.fromPartial({ containerId, timeout: 0n });
    // A shim that ends at this moment hangs up on its runtime. A kubelet asks again too.
    for (let attempt = 1; ; attempt++) {
      try {
        return void (await unary(runtime.stopContainer.bind(runtime), request));
      } catch (error) {
        if (attempt === stopAttempts) throw error;
      }
    }
  };
  const removePod = async (podSandboxId: string) => {
    const list = ListContainersRequest.fromPartial({ filter: { podSandboxId } });
    const { containers } = await unary(runtimeReader.listContainers.bind(runtimeReader), list);
    // As a kubelet does: left to the runtime, a first process that minds no SIGTERM takes half a minute to end.
    await Promise.all(containers.map(({ id }) => stop(id)));
    await unary(runtime.stopPodSandbox.bind(runtime), StopPodSandboxRequest.fromPartial({ podSandboxId }));
    await unary(runtime.removePodSandbox.bind(runtime), RemovePodSandboxRequest.fromPartial({ podSandboxId }));
  };

  return {
    async pull(image) {
      await unary(images.pullImage.bind(images), PullImageRequest.fromPartial({ image: { image } }));
    },
    async runPod(spec) {
      const config = podConfig(spec, folder);
      mkdirSync(config.logDirectory, { recursive: true });
      rememberCgroup(folder, config.linux?.cgroupParent ?? "");
      const { podSandboxId } = await unary(
        runtime.runPodSandbox.bind(runtime),
        RunPodSandboxRequest.fromPartial({ config }),
      );
      return { id: podSandboxId, uid: config.metadata?.uid ?? "", name: spec.name, namespace: spec.namespace, config };
    },
    create,
    start,
    async run(pod, spec) {
      const id = await create(pod, spec);
      await start(id);
      return id;
    },
    stop,
    async remove(containerId) {
      await unary(runtime.removeContainer.bind(runtime), RemoveContainerRequest.fromPartial({ containerId }));
    },
    removePod,
    async removeAllPods() {
      const { items } = await unary(
        runtimeReader.listPodSandbox.bind(runtimeReader),
        ListPodSandboxRequest.fromPartial({}),
      );
      await Promise.all(items.map((pod) => removePod(pod.id)));
    },
    close() {
      for (const client of [runtime, images, runtimeReader, imageReader]) client.close();
    },
  };
}

function podConfig(spec: PodSpec, folder: string): PodSandboxConfig {
  const { name, namespace, uid = randomUUID(), labels = {}, annotations = {}, source = "api" } = spec;
  return PodSandboxConfig.fromPartial({
    metadata: { name, uid, namespace, attempt: 0 },
    logDirectory: join(folder, "logs", `${namespace}_${name}_${uid}`),
    labels: { ...labels, ...podLabels({ name, namespace, uid }) },
    annotations: {
      ...annotations,
      "kubernetes.io/config.seen": new Date().toISOString().replace("Z", "000000Z"),
      "kubernetes.io/config.source": source,
    },
    // A pod on the host's network may not name a host.
    ...(spec.hasNetwork === true ? { hostname: name } : {}),
    linux: {
      cgroupParent: `/kubepods/besteffort/pod${uid}`,
      securityContext: { namespaceOptions: spec.hasNetwork === true ? ownNetwork : hostNetwork },
    },
  });
}

function podLabels(pod: { name: string; namespace: string; uid: string }): Record<string, string> {
  return {
    "io.kubernetes.pod.name": pod.name,
    "io.kubernetes.pod.namespace": pod.namespace,
    "io.kubernetes.pod.uid": pod.uid,
  };
}

function containerConfig(pod: Pod, spec: ContainerSpec, image: { image: string; userSpecifiedImage?: string }) {
  const { name, restartCount = 0, command = forever, mounts = [], environment = {}, confined } = spec;
  return {
    metadata: { name, attempt: restartCount },
    image,
    command: [...command],
    envs: Object.entries(environment).map(([key, value]) => ({ key, value })),
    mounts: mounts.map(({ host, inside, isWritable = false }) => ({
      hostPath: host,
      containerPath: inside,
      readonly: !isWritable,
    })),
    logPath: `${name}/${restartCount}.log`,
    labels: { "io.kubernetes.container.name": name, ...podLabels(pod) },
    annotations: {
      "io.kubernetes.container.hash": "5c1e8a27",
      "io.kubernetes.container.restartCount": String(restartCount),
      "io.kubernetes.container.terminationMessagePath": "/dev/termination-log",
      "io.kubernetes.container.terminationMessagePolicy": "File",
      "io.kubernetes.pod.terminationGracePeriod": "30",
    },
    linux: {
      securityContext: {
        namespaceOptions: pod.config.linux?.securityContext?.namespaceOptions ?? hostNetwork,
        ...(confined === undefined ? {} : confinement(confined)),
      },
    },
  };
}

function confinement({ groups, capabilities = [] }: NonNullable<ContainerSpec["confined"]>) {
  return {
    capabilities: { addCapabilities: [...capabilities], dropCapabilities: ["ALL"] },
    readonlyRootfs: true,
    supplementalGroups: groups.map(BigInt),
    // Capabilities of a file count only where they may be gained.
    noNewPrivs: capabilities.length === 0,
  };
}
