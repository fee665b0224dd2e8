import type { Engine } from "./engine.ts";
import { idFilter, isHexId, typeFilter } from "./filters.ts";
import type { Listing, Runtime, RuntimeIdentity } from "../facts.ts";
import { createImageRecords } from "../image-records.ts";
import { listAt, textAt } from "../json.ts";
import { dockerImages, sandboxDetails } from "./docker-facts.ts";
import { podmanDetails, podmanHint, podmanListing } from "./podman-facts.ts";

/** The versions of libpod's API of which podstamp knows that they say what it reads. */
export const podmanApi = { oldest: "3.0.0", newest: "5.6.0" } as const;

const nothing: Listing = { pods: [], containers: [] };

/** A Podman that answered as to its version: asked through libpod's API, `version` of it. */
export function podmanRuntime(
  engine: Engine,
  { identity, version }: { identity: RuntimeIdentity; version: string },
): Runtime {
  const at = (path: string) => `/v${version}/libpod${path}`;
  const images = createImageRecords<object>();

  /** The infra container of each pod; empty for a pod without one. */
  let infras: ReadonlyMap<string, string> = new Map();

  /** Containers first: then the pod of each of them is in the second answer. */
  const list = async (query: string, signal: AbortSignal) => {
    const path = at(`/containers/json?all=true${query}`);
    const containers = await engine.get({ name: "ContainerListLibpod", path }, signal);
    // Podman finds no pod by the ID of its infra container, and there are few pods: all of them are asked for.
    const pods = await engine.get({ name: "PodListLibpod", path: at("/pods/json") }, signal);
    infras = new Map(listAt(pods).map((pod) => [textAt(pod, "Id"), textAt(pod, "InfraId")]));
    return podmanListing(containers, pods);
  };
  const inspect = (id: string, signal: AbortSignal) =>
    engine.get({ name: "ContainerInspectLibpod", path: at(`/containers/${id}/json`) }, signal);
  const imageOf = (id: string, signal: AbortSignal) =>
    images.find(id, async () => {
      const answer = await engine.get({ name: "ImageInspectLibpod", path: at(`/images/${id}/json`) }, signal);
      return typeof answer === "object" && answer !== null ? answer : undefined;
    });

  return {
    identity,
    list: (signal) => list("", signal),
    async find(id, signal) {
      if (!isHexId(id)) return nothing;
      const { pods, containers } = await list(`&filters=${idFilter(id)}`, signal);
      const found = containers.filter((container) => container.id.startsWith(id));
      const podIds = new Set(found.map(({ podId }) => podId));
      return { pods: pods.filter((pod) => pod.id.startsWith(id) || podIds.has(pod.id)), containers: found };
    },
    async describeContainer(container, signal) {
      const answer = await inspect(container.id, signal);
      const imageId = textAt(answer, "Image");
      // An image that was removed while its container runs takes nothing away from what the container tells.
      const image = isHexId(imageId) ? await imageOf(imageId, signal).catch(() => undefined) : undefined;
      return podmanDetails(answer, image);
    },
    async describePod(id, signal) {
      // Of the infra container's own ID nothing else is known than that it is none of a pod.
      const infra = infras.get(id) ?? id;
      return isHexId(infra) ? sandboxDetails(await inspect(infra, signal)) : { addresses: [] };
    },
    listImages: async (signal) =>
      dockerImages(await engine.get({ name: "ImageListLibpod", path: at("/images/json") }, signal)),
    follow(onHint, signal) {
      const path = at(`/events?stream=true&filters=${typeFilter("container", "pod")}`);
      return engine.follow(
        { name: "EventsLibpod", path },
        {
          signal,
          onMessage(event) {
            const hint = podmanHint(event);
            if (hint !== undefined) onHint(hint);
          },
        },
      );
    },
    close: engine.close,
  };
}
