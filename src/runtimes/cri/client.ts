import {
  type Image,
  ImageServiceService,
  RuntimeServiceService,
  type VersionResponse,
} from "../../proto/cri/v1/api.ts";
import type { Caller } from "../grpc/calls.ts";
import { type Channel, clientOn } from "../grpc/channel.ts";
import { bareReference, containerDetails, containerFacts, imageFacts, podDetails, podFacts } from "./facts.ts";
import { followCri } from "./events.ts";
import type { ContainerDetails, ContainerFacts, Hint, ImageFacts, Listing, PodDetails } from "../facts.ts";
import { createImageRecords } from "../image-records.ts";

/** Both channels may be one, and both callers. */
export type CriChannels = {
  readonly runtime: Channel;
  readonly image: Channel;
  readonly caller: Caller;
  readonly imageCaller: Caller;
};

type ListOrder = "in_turn" | "at_once" | "pods_only";

/** The calls of CRI v1 that podstamp makes. */
export type CriClient = {
  version(signal: AbortSignal): Promise<VersionResponse>;
  /**
   * Those whose ID is or begins with `id`; all for an empty one. Whoever is in a hurry asks for pods and containers at once, and
   * who knows that it is a pod's for pods only.
   */
  list(id: string, signal: AbortSignal, order?: ListOrder): Promise<Listing>;
  /** `runtimeName` is Version's. */
  describeContainer(container: ContainerFacts, runtimeName: string, signal: AbortSignal): Promise<ContainerDetails>;
  describePod(id: string, signal: AbortSignal): Promise<PodDetails>;
  listImages(signal: AbortSignal): Promise<readonly ImageFacts[]>;
  /** GetContainerEvents: only for runtimes that give each event to each subscriber. */
  follow(onHint: (hint: Hint) => void, signal: AbortSignal): Promise<void>;
};

export function createCriClient({ runtime, image, caller, imageCaller }: CriChannels): CriClient {
  const service = clientOn(RuntimeServiceService, runtime);
  const imageService = clientOn(ImageServiceService, image);
  const images = createImages(imageService, imageCaller);
  return {
    version: (signal) => caller.unary("Version", (call) => service.version({ version: "v1" }, call), signal),
    list: (id, signal, order = "in_turn") => list(service, caller, { id, signal, order }),
    async describeContainer(container, runtimeName, signal) {
      const request = { containerId: container.id, verbose: true };
      const answer = await caller.unary("ContainerStatus", (call) => service.containerStatus(request, call), signal);
      // An image service that does not answer, or does not know the image any more, takes nothing away from what the runtime told.
      const found = await images
        .find([answer.status?.imageId, answer.status?.imageRef, container.image.ref], signal)
        .catch(() => undefined);
      return containerDetails(answer, { image: found, runtimeName });
    },
    async describePod(podSandboxId, signal) {
      const request = { podSandboxId, verbose: true };
      return podDetails(
        await caller.unary("PodSandboxStatus", (call) => service.podSandboxStatus(request, call), signal),
      );
    },
    async listImages(signal) {
      const answer = await imageCaller.unary("ListImages", (call) => imageService.listImages({}, call), signal);
      return answer.images.map(imageFacts);
    },
    follow: (onHint, signal) =>
      followCri((options) => service.getContainerEvents({}, options), caller, { onHint, signal }),
  };
}

type RuntimeService = ReturnType<typeof clientOn<typeof RuntimeServiceService>>;
type ImageService = ReturnType<typeof clientOn<typeof ImageServiceService>>;
type ListQuery = { readonly id: string; readonly signal: AbortSignal; readonly order: ListOrder };

/** Containers first: then the sandbox of each of them is in the second answer. At once it may not be, and is asked for again. */
async function list(service: RuntimeService, caller: Caller, { id, signal, order }: ListQuery): Promise<Listing> {
  const containerFilter = id === "" ? undefined : { id, state: undefined, podSandboxId: "", labelSelector: {} };
  const askContainers = () =>
    caller.unary("ListContainers", (call) => service.listContainers({ filter: containerFilter }, call), signal);
  const podFilter = id === "" ? undefined : { id, state: undefined, labelSelector: {} };
  const askPods = () =>
    caller.unary("ListPodSandbox", (call) => service.listPodSandbox({ filter: podFilter }, call), signal);

  if (order === "pods_only") return { pods: (await askPods()).items.map(podFacts), containers: [] };
  const asked = askContainers();
  // Who is a container is no pod.
  if (order === "in_turn" && (await asked).containers.length > 0 && isWhole(id))
    return { pods: [], containers: (await asked).containers.map(containerFacts) };
  const [{ containers }, { items }] = await Promise.all([asked, askPods()]);
  const known = new Set(order === "at_once" ? items.map((pod) => pod.id) : []);
  const isPodMissing = order === "at_once" && containers.some(({ podSandboxId }) => !known.has(podSandboxId));
  const pods = isPodMissing ? (await askPods()).items : items;
  return { pods: pods.map(podFacts), containers: containers.map(containerFacts) };
}

/** Whether it is no mere beginning of an ID. */
function isWhole(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

type Images = {
  /** The image that the first useful one of these references names; undefined when the runtime has it no more. */
  find(references: readonly (string | undefined)[], signal: AbortSignal): Promise<Image | undefined>;
};

function createImages(service: ImageService, caller: Caller): Images {
  const records = createImageRecords<Image>();
  return {
    async find(references, signal) {
      const reference = references.map((text) => bareReference(text ?? "")).find((text) => text !== "");
      if (reference === undefined) return undefined;
      const image = { image: reference, annotations: {}, userSpecifiedImage: "", runtimeHandler: "", imageRef: "" };
      return records.find(reference, async () => {
        const answer = await caller.unary(
          "ImageStatus",
          (call) => service.imageStatus({ image, verbose: false }, call),
          signal,
        );
        return answer.image;
      });
    },
  };
}
