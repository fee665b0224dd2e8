import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type CriDaemon, type DaemonOptions, startContainerd } from "../runtimes/containerd.ts";
import { architectures, type Blob, buildImage, buildIndex, busyboxLayer, type Image } from "../images/image.ts";
import { connectKubelet, type Kubelet } from "./kubelet.ts";
import { whereIs } from "../machine/machine.ts";
import { type Registry, startRegistry } from "../images/registry.ts";
import { createWorkspace, wipe } from "../machine/workspace.ts";

/** An image that was pushed, with what the registry and the build say of it. */
export type Pushed = {
  /** Without a tag: "127.0.0.1:port/shop/frontend". */
  readonly repository: string;
  readonly tag: string;
  /** What the registry answered: for an index, of the index. */
  readonly digest: string;
  /** Of the config of this machine's platform: the image's ID. */
  readonly id: string;
};

/** A node of our own: registry, containerd and a kubelet's hands, all in one workspace. */
export type Node = {
  readonly folder: string;
  readonly registry: Registry;
  /** Or the runtime that stands in its place. */
  readonly containerd: CriDaemon;
  readonly kubelet: Kubelet;
  /** Pushes an image for this machine, alone or within an index of two platforms. */
  push(path: string, tag: string, kind: "image" | "index"): Promise<Pushed>;
  /** Pushes the bytes of an image that was pushed for this machine alone under another name too. */
  copy(of: Pushed, path: string, tag: string): Promise<Pushed>;
  /** Removes pods, daemons, mounts, cgroups and files; safe twice and after failures. */
  stop(): Promise<void>;
};

/** How the runtime of a node is started. */
export type StartRuntime = (options: DaemonOptions) => Promise<CriDaemon>;

/** Starts a registry and a containerd, or another runtime; `say` is told of each as it answers. */
export async function startNode(
  say: (line: string) => void = () => {},
  startRuntime: StartRuntime = startContainerd,
): Promise<Node> {
  const folder = createWorkspace();
  try {
    return await startIn(folder, say, startRuntime);
  } catch (error) {
    await wipe(folder);
    throw error;
  }
}

async function startIn(folder: string, say: (line: string) => void, startRuntime: StartRuntime): Promise<Node> {
  const layer = busyboxLayer(whereIs("busybox") ?? "busybox");
  const registry = await startRegistry(folder);
  say(`registry on ${registry.host}`);
  const push = (path: string, tag: string, kind: "image" | "index") => pushed({ registry, layer, path, tag, kind });
  const pause = await push("pause", "3.10", "image");
  const sandboxImage = `${pause.repository}:${pause.tag}`;
  const containerd = await startRuntime({ folder, sandboxImage, registry: registry.host });
  say(`${containerd.version.runtimeName} ${containerd.version.runtimeVersion} on ${containerd.socket}`);
  mkdirSync(join(folder, "logs"));
  const kubelet = connectKubelet(containerd.endpoint, folder);
  return {
    folder,
    registry,
    containerd,
    kubelet,
    push,
    copy: (of, path, tag) => {
      const name = `${of.repository.slice(registry.host.length + 1)}:${of.tag}`;
      return pushed({ registry, layer, path, tag, kind: "image", name });
    },
    async stop() {
      // Wiping does the same by force when the runtime does not answer any more.
      await kubelet.removeAllPods().catch(() => {});
      kubelet.close();
      await containerd.stop();
      await registry.stop();
      await wipe(folder);
    },
  };
}

/** As a pause does, and unlike a shell without a trap, it ends when it is told to. */
const pauseCommand = ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"];

type Push = {
  readonly registry: Registry;
  readonly layer: Blob;
  readonly path: string;
  readonly tag: string;
  readonly kind: "image" | "index";
  /** By which the image differs from others; its own unless it is a copy. */
  readonly name?: string;
};

async function pushed({ registry, layer, path, tag, kind, name = `${path}:${tag}` }: Push): Promise<Pushed> {
  const { own, other } = architectures();
  const build = (architecture: string): Image =>
    buildImage({ layer, architecture, name, command: path === "pause" ? pauseCommand : ["/bin/sleep", "1000000"] });
  const image = build(own);
  const digest =
    kind === "index"
      ? await registry.pushIndex(path, tag, buildIndex([build(other), image]))
      : await registry.push(path, tag, image);
  return { repository: `${registry.host}/${path}`, tag, digest, id: image.config.digest };
}
