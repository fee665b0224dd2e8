import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { VersionRequest, type VersionResponse } from "../../../src/proto/cri/v1/api.ts";
import { eventually } from "../eventually.ts";
import { builtProgram } from "./built.ts";
import { systemPath } from "../machine/machine.ts";
import { type ProcessOptions, type Running, startProcess } from "../machine/processes.ts";
import { unary } from "../grpc/unary.ts";
import { RuntimeServiceClient } from "../grpc/clients.ts";

/** A container runtime of our own that speaks CRI: nothing of the machine's is read or touched. */
export type CriDaemon = {
  readonly socket: string;
  /** "unix:///…", as settings want it. */
  readonly endpoint: string;
  readonly version: VersionResponse;
  pid(): number;
  log(): string;
  /** As a crash: its containers go on running. */
  kill(): Promise<void>;
  /** Starts it again after a kill, on the same state; returns when it answers. */
  start(): Promise<void>;
  /** Ends the daemon; pods and shims are the business of wipe(). */
  stop(): Promise<void>;
};

const startTimeoutMs = 30_000;

export type DaemonOptions = {
  readonly folder: string;
  /** The image of each pod's first container, pulled with the first pod. */
  readonly sandboxImage: string;
  /** "127.0.0.1:port" of the registry. */
  readonly registry: string;
};

/** Starts a containerd that keeps everything below `folder`: Debian's, or one that test/runtimes/build.sh has built. */
export function startContainerd(
  { folder, sandboxImage }: DaemonOptions,
  built?: "containerd-1.7" | "containerd-2.3",
): Promise<CriDaemon> {
  const home = join(folder, "containerd");
  // By the name that it has on nodes, where pods look for it.
  const socket = join(home, "containerd.sock");
  const file = join(home, "config.toml");
  mkdirSync(home, { recursive: true, mode: 0o711 });
  writeFileSync(file, (built === "containerd-2.3" ? config2 : config)(home, socket, sandboxImage));
  const program = built === undefined ? "containerd" : builtProgram(built, "containerd");
  // The shim is looked for in the PATH.
  const path = built === undefined ? systemPath : `${dirname(program)}${delimiter}${systemPath}`;
  return startDaemon(socket, {
    name: built ?? "containerd",
    command: program,
    args: ["--config", file],
    env: { TMPDIR: home, PATH: path },
  });
}

/** A containerd whose CRI is switched off, as Docker's own packages have it. */
export async function startContainerdWithoutCri(folder: string): Promise<{ socket: string; stop(): Promise<void> }> {
  const home = join(folder, "plain");
  const socket = join(home, "c.sock");
  const file = join(home, "config.toml");
  mkdirSync(home, { recursive: true, mode: 0o711 });
  writeFileSync(
    file,
    config(home, socket, "none").replace("disabled_plugins = [", 'disabled_plugins = ["io.containerd.grpc.v1.cri", '),
  );
  const running = await startProcess({
    name: "containerd",
    command: "containerd",
    args: ["--config", file],
    env: { TMPDIR: home },
  });
  await running.line(/containerd successfully booted/, startTimeoutMs);
  return {
    socket,
    async stop() {
      await running.stop(5000);
    },
  };
}

/** Starts a runtime that answers CRI's calls on the socket. */
export async function startDaemon(socket: string, options: ProcessOptions): Promise<CriDaemon> {
  let running: Running | undefined;
  const start = async () => {
    running = await startProcess(options);
    return answering(running, `unix://${socket}`);
  };
  const version = await start();

  return {
    socket,
    endpoint: `unix://${socket}`,
    version,
    pid: () => running?.pid ?? -1,
    log: () => running?.output() ?? "",
    async kill() {
      running?.signal("SIGKILL");
      await running?.exited;
    },
    async start() {
      await start();
    },
    async stop() {
      await running?.stop(5000);
    },
  };
}

function config(home: string, socket: string, sandboxImage: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${home}/root"
state = "${home}/state"
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "${home}/opt"
[${cri}]
  sandbox_image = "${sandboxImage}"
  # A root without CAP_SYS_RESOURCE may not lower the score of a pod's first process.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [${cri}.cni]
    bin_dir = "${home}/cni/bin"
    conf_dir = "${home}/cni/conf"
  [${cri}.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [${cri}.containerd.runtimes.runc.options]
      Root = "${home}/runc"
`;
}

function config2(home: string, socket: string, sandboxImage: string): string {
  return `version = 3
root = "${home}/root"
state = "${home}/state"
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "${home}/opt"
[plugins."io.containerd.nri.v1.nri"]
  disable = true
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${sandboxImage}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["${home}/cni/bin"]
    conf_dir = "${home}/cni/conf"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      Root = "${home}/runc"
`;
}

async function answering(running: Running, endpoint: string): Promise<VersionResponse> {
  const client = new RuntimeServiceClient(endpoint, credentials.createInsecure());
  // A daemon that cannot start ends at once: then nobody waits for its socket.
  const ended = running.exited.then((): never => {
    throw new Error("it ended");
  });
  ended.catch(() => {});
  try {
    const version = eventually(() => unary(client.version.bind(client), VersionRequest.fromPartial({}), 2000), {
      what: `an answer on ${endpoint}`,
      timeoutMs: startTimeoutMs,
    });
    version.catch(() => {});
    return await Promise.race([version, ended]);
  } catch (error) {
    await running.stop(0);
    throw new Error(`Cannot use ${running.name}: it wrote\n${running.output().slice(-3000)}`, { cause: error });
  } finally {
    client.close();
  }
}
