import { dockerDetails, dockerHint, dockerImages, dockerListing, sandboxDetails } from "./docker-facts.ts";
import type { Engine } from "./engine.ts";
import { idFilter, isHexId, typeFilter } from "./filters.ts";
import type { Listing, Runtime, RuntimeIdentity } from "../facts.ts";
import { createImageRecords } from "../image-records.ts";
import { textAt } from "../json.ts";

/** The versions of Docker's API of which podstamp knows that they say what it reads. */
export const dockerApi = { oldest: "1.24", newest: "1.51" } as const;

const nothing: Listing = { pods: [], containers: [] };

/** A Docker that answered as to its version: asked through the Engine API, `version` of it. */
export async function dockerRuntime(
  engine: Engine,
  { identity, version, signal }: { identity: RuntimeIdentity; version: string; signal: AbortSignal },
): Promise<Runtime> {
  const at = (path: string) => `/v${version}${path}`;
  const images = createImageRecords<object>();
  // The only answer that tells which of the two names cgroups have; without it no path is told.
  const info = await engine.get({ name: "SystemInfo", path: at("/info") }, signal).catch(() => undefined);
  signal.throwIfAborted();
  const cgroupDriver = textAt(info, "CgroupDriver");

  const list = async (query: string, abort: AbortSignal) =>
    dockerListing(await engine.get({ name: "ContainerList", path: at(`/containers/json?all=1${query}`) }, abort));
  const inspect = (id: string, abort: AbortSignal) =>
    engine.get({ name: "ContainerInspect", path: at(`/containers/${id}/json`) }, abort);
  const imageOf = (id: string, abort: AbortSignal) =>
    images.find(id, async () => {
      const answer = await engine.get({ name: "ImageInspect", path: at(`/images/${id}/json`) }, abort);
      return typeof answer === "object" && answer !== null ? answer : undefined;
    });

  return {
    identity,
    list: (abort) => list("", abort),
    async find(id, abort) {
      if (!isHexId(id)) return nothing;
      const { pods, containers } = await list(`&filters=${idFilter(id)}`, abort);
      const begins = (one: { readonly id: string }) => one.id.startsWith(id);
      return { pods: pods.filter(begins), containers: containers.filter(begins) };
    },
    async describeContainer(container, abort) {
      const answer = await inspect(container.id, abort);
      const imageId = textAt(answer, "Image");
      // An image that was removed while its container runs takes nothing away from what the container tells.
      const image = isHexId(imageId) ? await imageOf(imageId, abort).catch(() => undefined) : undefined;
      return dockerDetails(answer, { cgroupDriver, image });
    },
    describePod: async (id, abort) => sandboxDetails(await inspect(id, abort)),
    listImages: async (abort) => dockerImages(await engine.get({ name: "ImageList", path: at("/images/json") }, abort)),
    follow(onHint, abort) {
      // What happens between its answer and its subscription is in the events of the second before.
      const since = Math.floor(Date.now() / 1000) - 1;
      const path = at(`/events?since=${since}&filters=${typeFilter("container", "network")}`);
      return engine.follow(
        { name: "Events", path },
        {
          signal: abort,
          onMessage(event) {
            const hint = dockerHint(event);
            if (hint !== undefined) onHint(hint);
          },
        },
      );
    },
    close: engine.close,
  };
}
