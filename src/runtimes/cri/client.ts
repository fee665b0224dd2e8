import type { Channel } from "@grpc/grpc-js";
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
} from "../../proto/cri/v1/api.ts";
import type { Caller } from "../grpc/calls.ts";
import { clientOn } from "../grpc/client.ts";
import { bareReference, containerDetails, containerFacts, podDetails, podFacts } from "./facts.ts";
import { followCri } from "./events.ts";
import type { ContainerDetails, ContainerFacts, Hint, Listing, PodDetails } from "../facts.ts";
import { createImageRecords } from "../image-records.ts";

export type CriChannels = { readonly runtime: Channel; readonly image: Channel; readonly caller: Caller };

/** The calls of CRI v1 that podstamp makes. */
export type CriClient = {
  version(signal: AbortSignal): Promise<VersionResponse>;
  /** Those whose ID is or begins with `id`; all for an empty one. */
  list(id: string, signal: AbortSignal): Promise<Listing>;
  /** `runtimeName` is Version's. */
  describeContainer(container: ContainerFacts, runtimeName: string, signal: AbortSignal): Promise<ContainerDetails>;
  describePod(id: string, signal: AbortSignal): Promise<PodDetails>;
  /** GetContainerEvents: only for runtimes that give each event to each subscriber. */
  follow(onHint: (hint: Hint) => void, signal: AbortSignal): Promise<void>;
};

export function createCriClient({ runtime, image, caller }: CriChannels): CriClient {
  const service = clientOn(RuntimeServiceClient, runtime);
  const images = createImages(clientOn(ImageServiceClient, image), caller);
  return {
    version: (signal) =>
      caller.unary<VersionResponse>("Version", (...call) => service.version({ version: "v1" }, ...call), signal),
    list: (id, signal) => list(service, caller, { id, signal }),
    async describeContainer(container, runtimeName, signal) {
      const request = { containerId: container.id, verbose: true };
      const answer = await caller.unary<ContainerStatusResponse>(
        "ContainerStatus",
        (...call) => service.containerStatus(request, ...call),
        signal,
      );
      // An image service that does not answer, or does not know the image any more, takes nothing away from what the runtime told.
      const found = await images
        .find([answer.status?.imageId, answer.status?.imageRef, container.image.ref], signal)
        .catch(() => undefined);
      return containerDetails(answer, { image: found, runtimeName });
    },
    async describePod(podSandboxId, signal) {
      const request = { podSandboxId, verbose: true };
      const answer = await caller.unary<PodSandboxStatusResponse>(
        "PodSandboxStatus",
        (...call) => service.podSandboxStatus(request, ...call),
        signal,
      );
      return podDetails(answer);
    },
    follow: (onHint, signal) => followCri(service.getContainerEvents({}), caller, { onHint, signal }),
  };
}

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
  const records = createImageRecords<Image>();
  return {
    async find(references, signal) {
      const reference = references.map((text) => bareReference(text ?? "")).find((text) => text !== "");
      if (reference === undefined) return undefined;
      const image = { image: reference, annotations: {}, userSpecifiedImage: "", runtimeHandler: "", imageRef: "" };
      return records.find(reference, async () => {
        const answer = await caller.unary<ImageStatusResponse>(
          "ImageStatus",
          (...call) => service.imageStatus({ image, verbose: false }, ...call),
          signal,
        );
        return answer.image;
      });
    },
  };
}
