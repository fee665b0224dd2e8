import { LRUCache } from "lru-cache";
import {
  type ContainerStatusResponse,
  type Image,
  ImageServiceClient,
  type ImageStatusResponse,
  type ListContainersResponse,
  type ListPodSandboxResponse,
  type PodSandboxStatusResponse,
  RuntimeServiceClient,
  type VersionResponse,
} from "../proto/cri/v1/api.ts";
import { type Caller, createCaller, openChannel } from "./calls.ts";
import { clientOn } from "./client.ts";
import type { ConnectOptions } from "./connect.ts";
import { followContainerd } from "./containerd-events.ts";
import { bareReference, containerDetails, containerFacts, podDetails, podFacts } from "./cri-facts.ts";
import type { Listing, Runtime, RuntimeType } from "./facts.ts";
import { socketInstance, socketPath } from "./socket.ts";

/** Calls to one runtime at a time; a kubelet uses the same socket. */
const concurrency = 4;

/** How long an image's names are believed, and of how many images: tags come and go while containers run. */
const imageTtlMs = 60_000;
const imageCount = 1000;

/** Connects to a CRI v1 runtime: asks for its version, and rejects with what to do when nobody answers. */
export async function connectCri(options: ConnectOptions, signal: AbortSignal): Promise<Runtime> {
  const { endpoint, timeoutMs, metrics } = options;
  const path = options.path ?? socketPath(endpoint);
  const instance = socketInstance(path) ?? "";
  const channel = openChannel(`unix:${path}`);
  const imageChannel = options.imageEndpoint === undefined ? channel : openChannel(options.imageEndpoint);
  const close = () => {
    channel.close();
    if (imageChannel !== channel) imageChannel.close();
  };
  const caller = createCaller({ endpoint, timeoutMs, concurrency, metrics });
  const service = clientOn(RuntimeServiceClient, channel);
  const images = createImages(clientOn(ImageServiceClient, imageChannel), caller);
  try {
    const version = await caller.unary<VersionResponse>(
      "Version",
      (...call) => service.version({ version: "v1" }, ...call),
      signal,
    );
    return {
      identity: {
        name: version.runtimeName,
        version: version.runtimeVersion,
        endpoint,
        type: types[version.runtimeName] ?? "cri",
        instance,
      },
      list: (abort) => list(service, caller, { id: "", signal: abort }),
      find: (id, abort) => list(service, caller, { id, signal: abort }),
      async describeContainer(container, abort) {
        const request = { containerId: container.id, verbose: true };

        const answer = await caller.unary<ContainerStatusResponse>(
          "ContainerStatus",
          (...call) => service.containerStatus(request, ...call),
          abort,
        );
        // An image service that does not answer, or does not know the image any more, takes nothing away from what the runtime told.
        const image = await images
          .find([answer.status?.imageId, answer.status?.imageRef, container.image.ref], abort)
          .catch(() => undefined);
        return containerDetails(answer, { image, runtimeName: version.runtimeName });
      },
      async describePod(podSandboxId, abort) {
        const request = { podSandboxId, verbose: false };
        const answer = await caller.unary<PodSandboxStatusResponse>(
          "PodSandboxStatus",
          (...call) => service.podSandboxStatus(request, ...call),
          abort,
        );
        return podDetails(answer);
      },
      // containerd's own events, on every version: GetContainerEvents before 2.0 takes events away from a kubelet.
      follow:
        version.runtimeName === "containerd"
          ? (onHint, abort) => followContainerd(channel, caller, { onHint, signal: abort })
          : undefined,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** What Version.runtime_name says that the runtime is. */
const types: Readonly<Record<string, RuntimeType>> = {
  containerd: "containerd",
  "cri-o": "cri-o",
  docker: "cri-dockerd",
};

type ListQuery = { readonly id: string; readonly signal: AbortSignal };

/** Containers first: then the sandbox of each of them is in the second answer. */
async function list(service: RuntimeServiceClient, caller: Caller, { id, signal }: ListQuery): Promise<Listing> {
  const containerFilter = id === "" ? undefined : { id, state: undefined, podSandboxId: "", labelSelector: {} };
  const containers = await caller.unary<ListContainersResponse>(
    "ListContainers",
    (...call) => service.listContainers({ filter: containerFilter }, ...call),
    signal,
  );
  const podFilter = id === "" ? undefined : { id, state: undefined, labelSelector: {} };
  const pods = await caller.unary<ListPodSandboxResponse>(
    "ListPodSandbox",
    (...call) => service.listPodSandbox({ filter: podFilter }, ...call),
    signal,
  );
  return { pods: pods.items.map(podFacts), containers: containers.containers.map(containerFacts) };
}

type Images = {
  /** The image that the first useful one of these references names; undefined when the runtime has it no more. */
  find(references: readonly (string | undefined)[], signal: AbortSignal): Promise<Image | undefined>;
};

function createImages(service: ImageServiceClient, caller: Caller): Images {
  const known = new LRUCache<string, Image>({ max: imageCount, ttl: imageTtlMs });
  return {
    async find(references, signal) {
      const reference = references.map((text) => bareReference(text ?? "")).find((text) => text !== "");
      if (reference === undefined) return undefined;
      const cached = known.get(reference);
      if (cached !== undefined) return cached;
      const image = { image: reference, annotations: {}, userSpecifiedImage: "", runtimeHandler: "", imageRef: "" };
      const answer = await caller.unary<ImageStatusResponse>(
        "ImageStatus",
        (...call) => service.imageStatus({ image, verbose: false }, ...call),
        signal,
      );
      if (answer.image !== undefined) known.set(reference, answer.image);
      return answer.image;
    },
  };
}
