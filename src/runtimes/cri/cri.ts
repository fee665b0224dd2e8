import { Code } from "../../net/status.ts";
import type { ConnectOptions } from "../connect-options.ts";
import { containerdRuntime, versionOf, withNamespaces } from "../containerd/containerd.ts";
import { openNamespaces } from "../containerd/namespaces.ts";
import { createCaller } from "../grpc/calls.ts";
import { CallError } from "../grpc/channel.ts";
import { createCriClient, type CriClient } from "./client.ts";
import type { Listing, Runtime, RuntimeIdentity, RuntimeType } from "../facts.ts";
import { socketAdvice } from "../discovery/socket-advice.ts";
import { socketInstance, socketPath } from "../discovery/socket.ts";

/** Calls to one runtime at a time; a kubelet uses the same socket. */
const concurrency = 4;

/**
 * Connects to a runtime that speaks CRI v1, and to the namespaces of a containerd besides, also of one whose CRI is switched off.
 * Asks for its version, and rejects with what to do when nobody answers.
 */
export async function connectCri(options: ConnectOptions, signal: AbortSignal): Promise<Runtime> {
  const { endpoint, timeoutMs, metrics, namespaces } = options;
  const path = options.path ?? socketPath(endpoint);
  const instance = socketInstance(path) ?? "";
  const openChannel = options.openChannel ?? (await import("../grpc/lasting.ts")).openChannel;
  const channel = openChannel(`unix:${path}`);
  const imageChannel = options.imageEndpoint === undefined ? channel : openChannel(options.imageEndpoint);
  const close = () => {
    channel.close();
    if (imageChannel !== channel) imageChannel.close();
  };
  const callerAt = (at: string) => createCaller({ endpoint: at, timeoutMs, concurrency, metrics });
  const caller = callerAt(endpoint);
  const imageCaller = options.imageEndpoint === undefined ? caller : callerAt(options.imageEndpoint);
  const cri = createCriClient({ runtime: channel, image: imageChannel, caller, imageCaller });
  const containerd = { channel, caller, endpoint, metrics, namespaces, isFollowed: options.isFollowed };
  const openOthers = () => openNamespaces({ ...containerd, hasCri: true }, signal).catch(unlessUnimplemented);
  const listing = options.isListed === true ? inTime(cri.list("", signal, "at_once")) : undefined;
  const others = options.isListed === true && /containerd/.test(path) ? inTime(openOthers()) : undefined;
  try {
    const version = await cri.version(signal);
    const type = types[version.runtimeName] ?? "cri";
    const identity = { name: version.runtimeName, version: version.runtimeVersion, endpoint, type, instance };
    const runtime = criRuntime(cri, identity, { listing, close });
    if (type === "cri-dockerd" && options.isFollowed !== false) return await withDocker(runtime, options, signal);
    if (type !== "containerd") return runtime;
    return withNamespaces(runtime, await (others ?? openOthers()), containerd);
  } catch (error) {
    // A containerd whose CRI is switched off still tells of its containers.
    const opened = isUnimplemented(error)
      ? await openNamespaces({ ...containerd, hasCri: false }, signal).catch(() => undefined)
      : undefined;
    if (opened === undefined) {
      close();
      throw error;
    }
    const identity = {
      name: "containerd",
      version: await versionOf(containerd, signal).catch(() => ""),
      endpoint,
      type: "containerd",
      instance,
    } as const;
    return containerdRuntime({ ...containerd, identity, close }, opened);
  }
}

/** Connects to whatever answers: a runtime that speaks CRI, else an engine that speaks HTTP. */
export async function connectAny(options: ConnectOptions, signal: AbortSignal): Promise<Runtime> {
  try {
    return await connectCri(options, signal);
  } catch (error) {
    if (!isForeign(error)) throw error;
    const { connectEngine } = await import("../engines/connect.ts");
    return connectEngine(options, signal).catch(() => {
      throw error;
    });
  }
}

/** What was asked for before it is known whether it will be wanted: then nobody minds that it failed. */
function inTime<T>(asked: Promise<T>): Promise<T> {
  asked.catch(() => {});
  return asked;
}

type Connected = { readonly listing: Promise<Listing> | undefined; readonly close: () => void };

/** The first list is the one that has been asked for. */
function criRuntime(cri: CriClient, identity: RuntimeIdentity, { listing, close }: Connected): Runtime {
  let asked = listing;
  return {
    identity,
    list(signal) {
      const first = asked;
      asked = undefined;
      return first ?? cri.list("", signal);
    },
    find: (id, signal, kind) => cri.list(id, signal, kind === "pod" ? "pods_only" : "in_turn"),
    describeContainer: (container, signal) => cri.describeContainer(container, identity.name, signal),
    describePod: (id, signal) => cri.describePod(id, signal),
    listImages: (signal) => cri.listImages(signal),
    // CRI-O gives each subscriber all events. containerd before 2.0 would take them away from a kubelet: it has its own.
    follow: identity.type === "cri-o" ? (onHint, signal) => cri.follow(onHint, signal) : undefined,
    close,
  };
}

/** A cri-dockerd with the events of its Docker, where that one is found. */
async function withDocker(runtime: Runtime, options: ConnectOptions, signal: AbortSignal): Promise<Runtime> {
  const { pods } = await runtime.list(signal);
  const version = runtime.identity.version;
  const { dockerBehind } = await import("./docker-behind.ts");
  const docker = await dockerBehind({ ...options, version, sandboxes: pods.map(({ id }) => id) }, signal);
  if (docker === undefined) return runtime;
  return {
    ...runtime,
    follow: docker.follow,
    close() {
      runtime.close();
      docker.close();
    },
  };
}

/** What Version.runtime_name says that the runtime is. */
const types: Readonly<Record<string, RuntimeType>> = {
  containerd: "containerd",
  "cri-o": "cri-o",
  docker: "cri-dockerd",
};

/** Whether somebody is there and does not speak gRPC. */
function isForeign(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof CallError && cause.code === Code.UNAVAILABLE && socketAdvice(cause.details) === undefined;
}

function isUnimplemented(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof CallError && cause.code === Code.UNIMPLEMENTED;
}

function unlessUnimplemented(error: unknown): undefined {
  if (!isUnimplemented(error)) throw error;
}
