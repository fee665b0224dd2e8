import { type Container, ContainersService } from "../../proto/containerd/services/v1/containers.ts";
import { ImagesService } from "../../proto/containerd/services/v1/images.ts";
import { NamespacesService } from "../../proto/containerd/services/v1/namespaces.ts";
import { TasksService } from "../../proto/containerd/services/v1/tasks.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { Caller } from "../grpc/calls.ts";
import { type Channel, clientOn, type UnaryOptions } from "../grpc/channel.ts";
import { architectureOf, digestOf, nativeDetails, nativeFacts } from "./facts.ts";
import { createHomes } from "./homes.ts";
import { createImageContent } from "./image-content.ts";
import { createTasks, taskMs } from "./tasks.ts";
import type { ContainerDetails, ContainerFacts } from "../facts.ts";

export type ContainerdOptions = {
  readonly channel: Channel;
  readonly caller: Caller;
  readonly endpoint: string;
  readonly metrics: Metrics;
  /** The namespaces to follow; undefined for all that are there. */
  readonly namespaces: readonly string[] | undefined;
  /** False for whoever lists once, at once: which namespaces there are need not be asked again for that. */
  readonly isFollowed?: boolean | undefined;
};

/** The containers of containerd's namespaces, through its own API, but for those that others tell more of. */
export type Namespaces = {
  /** Whether events of this namespace are told of. */
  covers(namespace: string): boolean;
  has(id: string): boolean;
  /** An event has told of it, or of its end; in which other namespaces its ID is. */
  appeared(id: string, namespace: string): readonly string[];
  gone(id: string, namespace: string): readonly string[];
  list(signal: AbortSignal): Promise<readonly ContainerFacts[]>;
  /** `where` is the namespace in which it is known to be; without it all are asked. */
  find(id: string, signal: AbortSignal, where?: string): Promise<readonly ContainerFacts[]>;
  describe(id: string, signal: AbortSignal): Promise<ContainerDetails>;
};

type Found = { readonly container: Container; readonly namespace: string };

/** Kubernetes' namespace is CRI's to tell of, Docker's is Docker's. */
const kubernetes = "k8s.io";
const docker = "moby";

/** Asks for the namespaces, and rejects where there is no such API. `hasCri`: whether CRI tells of Kubernetes' namespace. */
export async function openNamespaces(
  options: ContainerdOptions & { readonly hasCri: boolean },
  signal: AbortSignal,
): Promise<Namespaces> {
  const { caller, metrics, endpoint } = options;
  const calls = createCalls(options.channel, caller);
  const contents = createImageContent(options.channel, caller);
  const covers = (name: string) =>
    !(options.hasCri && name === kubernetes) && (options.namespaces?.includes(name) ?? name !== docker);
  const homes = createHomes();
  const tasks = createTasks({ list: calls.tasks, get: calls.task });
  let known = (await calls.namespaces(signal)).filter(covers);
  let isKnownNow = options.isFollowed === false;

  /** An ID that two namespaces have does not tell which of the two containers is meant. */
  const isAlone = ({ container, namespace }: Found) => homes.of(container.id).every((home) => home === namespace);
  const placeOf = ({ container, namespace }: Found) => ({ id: container.id, namespace });
  /** One namespace after the other: of the calls that a runtime is given at once the others are left for CRI. */
  const inEach = async <T>(some: readonly string[], ask: (namespace: string) => Promise<readonly T[]>) => {
    const all: T[] = [];
    for (const namespace of some) all.push(...(await ask(namespace)));
    return all;
  };

  const listIn = async (namespace: string, abort: AbortSignal) => {
    const containers = await calls.containers(namespace, [], abort);
    const told = containers.length === 0 ? undefined : await tasks.all(namespace, abort);
    return containers.map((container) => ({ container, namespace, task: told?.get(container.id) }));
  };
  const findIn = async (namespace: string, filter: string, abort: AbortSignal) => {
    const containers = await calls.containers(namespace, [filter], abort);
    return Promise.all(
      containers.map(async (container) => ({
        container,
        namespace,
        task: await tasks.one(namespace, container.id, abort),
      })),
    );
  };

  return {
    covers,
    has: (id) => homes.of(id).length > 0,
    appeared(id, namespace) {
      if (covers(namespace)) homes.appeared({ id, namespace });
      return homes.of(id).filter((home) => home !== namespace);
    },
    gone(id, namespace) {
      homes.gone({ id, namespace });
      tasks.forget(namespace, id);
      return homes.of(id);
    },
    async list(abort) {
      if (!isKnownNow) known = (await calls.namespaces(abort)).filter(covers);
      isKnownNow = false;
      const found = await homes.ask(async (asked) => {
        const all = await inEach(known, (namespace) => listIn(namespace, abort));
        asked.all(all.map(placeOf));
        return all;
      });
      const own = found.filter(isAlone);
      if (own.length < found.length)
        metrics
          .counter("podstamp_runtime_left_out", { runtime: endpoint, reason: "id_in_several_namespaces" })
          .add(found.length - own.length);
      return own.map(({ container, task }) => nativeFacts(container, task));
    },
    async find(id, abort, where) {
      const filter = filterOf(id);
      if (filter === undefined) return [];
      const found = await homes.ask(async (asked) => {
        const some = await inEach(where === undefined ? known : [where], (namespace) =>
          findIn(namespace, filter, abort),
        );
        asked.some(some.map(placeOf));
        return some;
      });
      return found.filter(isAlone).map(({ container, task }) => nativeFacts(container, task));
    },
    async describe(id, abort) {
      const namespace = homes.of(id)[0] ?? "";
      const [container, task] = await Promise.all([
        calls.container(namespace, id, abort),
        tasks.one(namespace, id, abort),
      ]);
      // The name may have been taken from the image while its container runs.
      const image = await calls.image(namespace, container.image, abort).catch(() => undefined);
      const digest = digestOf(container, image);
      // Content may be gone, or be in a form that is no image's: then only the digest is told.
      const at = { namespace, digest: digest ?? "", architecture: architectureOf(container) };
      const imageId = digest === undefined ? undefined : await contents.imageId(at, abort).catch(() => undefined);
      return nativeDetails(container, { task, digest, imageId });
    },
  };
}

/** containerd's filter for the one ID, or for those that begin so where the ID can be a beginning; undefined for what no ID is. */
function filterOf(id: string): string | undefined {
  if (/^[0-9a-f]{12,63}$/.test(id)) return `id~="^${id}"`;
  return /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/.test(id) ? `id==${id}` : undefined;
}

/** The calls of containerd's own API that podstamp makes, each in a namespace. */
function createCalls(channel: Channel, caller: Caller) {
  const namespaces = clientOn(NamespacesService, channel);
  const containers = clientOn(ContainersService, channel);
  const images = clientOn(ImagesService, channel);
  const tasks = clientOn(TasksService, channel);
  const within = (call: UnaryOptions, namespace: string) => {
    call.metadata.set("containerd-namespace", namespace);
    return call;
  };
  const shortly = (call: UnaryOptions, namespace: string) => ({
    ...within(call, namespace),
    timeoutMs: Math.min(call.timeoutMs, taskMs),
  });
  return {
    async namespaces(signal: AbortSignal) {
      const answer = await caller.unary(
        "containerd Namespaces.List",
        (call) => namespaces.list({ filter: "" }, call),
        signal,
      );
      return answer.namespaces.map(({ name }) => name);
    },
    async containers(namespace: string, filters: string[], signal: AbortSignal) {
      const answer = await caller.unary(
        "containerd Containers.List",
        (call) => containers.list({ filters }, within(call, namespace)),
        signal,
      );
      return answer.containers;
    },
    async container(namespace: string, id: string, signal: AbortSignal) {
      const answer = await caller.unary(
        "containerd Containers.Get",
        (call) => containers.get({ id }, within(call, namespace)),
        signal,
      );
      if (answer.container === undefined) throw new Error(`Cannot describe ${id}: containerd told nothing of it`);
      return answer.container;
    },
    async tasks(namespace: string, signal: AbortSignal) {
      const answer = await caller.unary(
        "containerd Tasks.List",
        (call) => tasks.list({ filter: "" }, shortly(call, namespace)),
        signal,
      );
      return answer.tasks;
    },
    async task(namespace: string, containerId: string, signal: AbortSignal) {
      const answer = await caller.unary(
        "containerd Tasks.Get",
        (call) => tasks.get({ containerId }, shortly(call, namespace)),
        signal,
      );
      return answer.process;
    },
    async image(namespace: string, name: string, signal: AbortSignal) {
      if (name === "") return undefined;
      const answer = await caller.unary(
        "containerd Images.Get",
        (call) => images.get({ name }, within(call, namespace)),
        signal,
      );
      return answer.image;
    },
  };
}
