import { VersionService } from "../../proto/containerd/services/v1/version.ts";
import { clientOn } from "../grpc/channel.ts";
import { followContainerd } from "./events.ts";
import type { ContainerdOptions, Namespaces } from "./namespaces.ts";
import { putBounded } from "../oldest-out.ts";
import type { Hint, Runtime, RuntimeIdentity } from "../facts.ts";

/** The version of a containerd that does not speak CRI. */
export async function versionOf({ channel, caller }: ContainerdOptions, signal: AbortSignal): Promise<string> {
  const client = clientOn(VersionService, channel);
  return (await caller.unary("containerd Version", (call) => client.version({}, call), signal)).version;
}

/** Kubernetes' namespace. */
const kubernetes = "k8s.io";

/** IDs of which an event has told where they are. */
const maxPlaces = 20_000;

/** While events are followed, between two questions to the other namespaces about an ID that no event has told of: made-up ones are many. */
const strangerMs = 500;

/**
 * A containerd as one runtime: Kubernetes' containers as CRI tells of them, those of its other namespaces as its own API does
 * (undefined where it has none), and its own events of all of them, which on every version each subscriber gets.
 */
export function withNamespaces(cri: Runtime, namespaces: Namespaces | undefined, options: ContainerdOptions): Runtime {
  const { channel, caller } = options;
  const places = new Map<string, string>();
  let followers = 0;
  let nextStranger = 0;
  const covers = (name: string) => name === kubernetes || namespaces?.covers(name) === true;
  const follow: Runtime["follow"] = async (onHint, signal) => {
    followers++;
    const hear = (hint: Hint, namespace: string) => {
      if (hint.change === "gone") places.delete(hint.id);
      else putBounded(places, [hint.id, namespace], maxPlaces);
      if (namespaces === undefined) onHint(hint);
      else tell(hint, { namespace, namespaces, onHint });
    };
    await followContainerd({ channel, caller, covers }, { onHint: hear, signal }).finally(() => followers--);
  };
  if (namespaces === undefined) return { ...cri, follow };

  const mayAskForStranger = () => {
    const now = performance.now();
    if (followers > 0 && now < nextStranger) return false;
    nextStranger = now + strangerMs;
    return true;
  };
  return {
    ...cri,
    async list(signal) {
      const [listing, others] = await Promise.all([cri.list(signal), namespaces.list(signal)]);
      return { pods: listing.pods, containers: [...listing.containers, ...others] };
    },
    async find(id, signal, kind) {
      if (kind === "pod") return cri.find(id, signal, kind);
      const place = places.get(id);
      if (place !== undefined && place !== kubernetes)
        return { pods: [], containers: await namespaces.find(id, signal, place) };
      if (place === kubernetes || !mayAskForStranger()) return cri.find(id, signal);
      const [listing, others] = await Promise.all([cri.find(id, signal), namespaces.find(id, signal)]);
      return { pods: listing.pods, containers: [...listing.containers, ...others] };
    },
    describeContainer: (container, signal) =>
      namespaces.has(container.id)
        ? namespaces.describe(container.id, signal)
        : cri.describeContainer(container, signal),
    follow,
  };
}

/** A containerd that does not speak CRI. */
export function containerdRuntime(
  { identity, close, channel, caller }: ContainerdOptions & { identity: RuntimeIdentity; close: () => void },
  namespaces: Namespaces,
): Runtime {
  return {
    identity,
    lacksCri: true,
    list: async (signal) => ({ pods: [], containers: await namespaces.list(signal) }),
    find: async (id, signal) => ({ pods: [], containers: await namespaces.find(id, signal) }),
    describeContainer: ({ id }, signal) => namespaces.describe(id, signal),
    describePod: (id) =>
      Promise.reject(new Error(`Cannot describe ${id}: only CRI knows pods, and it is switched off`)),
    listImages: () => Promise.reject(new Error("Cannot list images: only CRI tells them, and it is switched off")),
    follow: (onHint, signal) =>
      followContainerd(
        { channel, caller, covers: namespaces.covers },
        { onHint: (hint, namespace) => tell(hint, { namespace, namespaces, onHint }), signal },
      ),
    close,
  };
}

type Telling = {
  readonly namespace: string;
  readonly namespaces: Namespaces;
  readonly onHint: (hint: Hint) => void;
};

/** An ID is nobody's while two namespaces have it: who was known by it is not meant any more, and who is left with it is again. */
function tell(hint: Hint, { namespace, namespaces, onHint }: Telling): void {
  const { id, change } = hint;
  if (change === "appeared" && namespaces.appeared(id, namespace).length > 0) onHint({ id, change: "gone" });
  const isLastLeft = change === "gone" && namespaces.gone(id, namespace).length === 1;
  onHint(hint);
  if (isLastLeft) onHint({ id, change: "appeared" });
}
