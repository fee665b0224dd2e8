import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Server, status } from "@grpc/grpc-js";
import { ContainerCreate, ContainerDelete } from "../../../src/proto/containerd/events/container.ts";
import { TaskExit, TaskStart } from "../../../src/proto/containerd/events/task.ts";
import { type Image, VersionResponse } from "../../../src/proto/cri/v1/api.ts";
import {
  containerAnswers,
  exitedAnswers,
  madeUpImage,
  type ModelContainer,
  type ModelPod,
  sandboxAnswers,
  stoppedAnswers,
} from "./answers.ts";
import { createEvents, type Events } from "./events.ts";
import { createFaults, type CriMethod } from "./faults.ts";
import { serveCri } from "./service.ts";
import { type CriStore, findImage } from "./store.ts";
import { createWorkspace, wipe } from "../machine/workspace.ts";

export type CriServerOptions = {
  readonly pods?: readonly ModelPod[];
  /** Images that are known beside those that containers bring along. */
  readonly images?: readonly Image[];
  /** Raw answers, as recorded from a real runtime; pods are added to them. */
  readonly store?: CriStore;
  readonly version?: Partial<VersionResponse>;
  /** Where to listen; in a folder of its own when left out. */
  readonly socket?: string;
  /** False: the socket appears with the first start(). */
  readonly isListening?: boolean;
};

/** When a container that was added can be seen, and whether an event tells it. */
export type Appearance = { readonly visibleAfterMs?: number; readonly isSilent?: boolean };

/** A container runtime of our own on a unix socket, with what a test wants to do to one. */
export type CriServer = {
  readonly endpoint: string;
  /** Adds a pod with its containers and returns the sandbox's ID. */
  addPod(pod: ModelPod): string;
  /** Adds a container to a pod and returns its ID. */
  add(podId: string, container: ModelContainer, appearance?: Appearance): string;
  /** The container ends; it stays listed. */
  exit(id: string, exitCode?: number): void;
  /** The sandbox is stopped; it stays listed. */
  stopPod(id: string): void;
  /** A container or sandbox is gone from all answers. */
  remove(id: string): void;
  /** Whether this container is there now. */
  hasContainer(id: string): boolean;
  /** Whether it has listed this ID to anybody. */
  hasAdmitted(id: string): boolean;
  /** How often a method was called. */
  calls(method: CriMethod): number;
  /** Calls wait until thaw(). */
  freeze(): void;
  thaw(): void;
  /** Calls of a method are answered this much later; 0 ends it. */
  slow(method: CriMethod, ms: number): void;
  /** Calls of a method are answered with bytes that are no message. */
  garble(method: CriMethod): void;
  /** Calls of a method fail with this status; undefined ends it. */
  fail(method: CriMethod, code: status | undefined): void;
  /** Event streams end, as when a runtime shuts down. */
  endStreams(): void;
  start(): Promise<void>;
  /** Cuts all connections and removes the socket; start() brings it back. */
  stop(): Promise<void>;
  /** stop(), and removes the folder. */
  close(): Promise<void>;
};

/** Starts a runtime that knows the given pods. */
export async function startCriServer(options: CriServerOptions = {}): Promise<CriServer> {
  const folder = createWorkspace();
  const socket = options.socket ?? join(folder, "cri.sock");
  const endpoint = `unix://${socket}`;
  const store: CriStore = options.store ?? {
    sandboxes: new Map(),
    containers: new Map(),
    images: [],
    admitted: new Set(),
  };
  store.images.push(...(options.images ?? []));
  const faults = createFaults();
  const events = createEvents(faults);
  const model = createModel(store, events);
  const version = VersionResponse.fromPartial({ ...containerdVersion, ...options.version });
  let server: Server | undefined;

  const start = async () => {
    rmSync(socket, { force: true });
    server = await serveCri(endpoint, { store, faults, events, version });
  };
  const stop = async () => {
    faults.thaw();
    server?.forceShutdown();
    server = undefined;
    rmSync(socket, { force: true });
  };

  for (const pod of options.pods ?? []) model.addPod(pod);
  if (options.isListening ?? true) await start();
  return {
    endpoint,
    ...model,
    hasContainer: (id) => store.containers.has(id),
    hasAdmitted: (id) => store.admitted?.has(id) === true,
    calls: (method) => faults.calls(method),
    freeze: () => faults.freeze(),
    thaw: () => faults.thaw(),
    slow: (method, ms) => faults.set(method, ms === 0 ? undefined : { kind: "slow", ms }),
    garble: (method) => faults.set(method, { kind: "garbage" }),
    fail: (method, code) => faults.set(method, code === undefined ? undefined : { kind: "status", code }),
    endStreams: () => events.end(),
    start,
    stop,
    async close() {
      model.forget();
      await stop();
      await wipe(folder);
    },
  };
}

const containerdVersion = {
  version: "0.1.0",
  runtimeName: "containerd",
  runtimeVersion: "1.7.35",
  runtimeApiVersion: "v1",
};

type Model = Pick<CriServer, "addPod" | "add" | "exit" | "stopPod" | "remove"> & {
  /** What was to appear later does not. */ forget(): void;
};

/** What happens on a node: the store changes, and events tell it. */
function createModel(store: CriStore, events: Events): Model {
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, what: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      what();
    }, ms);
    timers.add(timer);
  };
  const add: CriServer["add"] = (podId, container, { visibleAfterMs = 0, isSilent = false } = {}) => {
    const pod = store.sandboxes.get(podId);
    if (pod === undefined) throw new Error(`Cannot add a container: pod ${podId} must be added first`);
    const reference = container.image ?? `registry.example/${container.name}:1.0`;
    const image = findImage(store, reference) ?? madeUpImage(reference);
    const answers = containerAnswers({ ...container, image: reference }, pod.list, image);
    const { id } = answers.list;
    const appear = () => {
      if (!store.images.includes(image)) store.images.push(image);
      store.containers.set(id, answers);
      if (isSilent) return;
      events.send("/containers/create", ContainerCreate.encode({ id, image: reference }).finish());
      events.send("/tasks/start", TaskStart.encode({ containerId: id, pid: container.pid ?? 4242 }).finish());
    };
    if (visibleAfterMs === 0) appear();
    else later(visibleAfterMs, appear);
    return id;
  };
  return {
    add,
    addPod(pod) {
      const answers = sandboxAnswers(pod);
      const { id } = answers.list;
      store.sandboxes.set(id, answers);
      events.send("/containers/create", ContainerCreate.encode({ id, image: "" }).finish());
      for (const container of pod.containers ?? []) add(id, container);
      return id;
    },
    exit(id, exitCode = 0) {
      const answers = store.containers.get(id);
      if (answers === undefined) throw new Error(`Cannot end container ${id}: must be a known one`);
      store.containers.set(id, exitedAnswers(answers, exitCode));
      events.send("/tasks/exit", TaskExit.encode({ containerId: id, id, pid: 0, exitStatus: exitCode }).finish());
    },
    stopPod(id) {
      const answers = store.sandboxes.get(id);
      if (answers === undefined) throw new Error(`Cannot stop pod ${id}: must be a known one`);
      store.sandboxes.set(id, stoppedAnswers(answers));
      events.send("/tasks/exit", TaskExit.encode({ containerId: id, id, pid: 0, exitStatus: 0 }).finish());
    },
    remove(id) {
      store.containers.delete(id);
      store.sandboxes.delete(id);
      events.send("/containers/delete", ContainerDelete.encode({ id }).finish());
    },
    forget() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
