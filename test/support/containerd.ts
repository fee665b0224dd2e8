import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { RuntimeServiceClient, VersionRequest, type VersionResponse } from "../../src/proto/cri/v1/api.ts";
import { eventually } from "./eventually.ts";
import { type Running, startProcess } from "./processes.ts";
import { unary } from "./unary.ts";

/** A containerd of our own: nothing of the machine's is read or touched. */
export type Containerd = {
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

const startTimeoutMs = 20_000;

/** Starts a containerd that keeps everything below `folder`; `sandboxImage` is pulled with the first pod. */
export async function startContainerd(folder: string, sandboxImage: string): Promise<Containerd> {
  const home = join(folder, "containerd");
  const socket = join(home, "c.sock");
  const file = join(home, "config.toml");
  mkdirSync(home, { recursive: true, mode: 0o711 });
  writeFileSync(file, config(home, socket, sandboxImage));

  let running: Running | undefined;
  const start = async () => {
    running = await startProcess({
      name: "containerd",
      command: "containerd",
      args: ["--config", file],
      env: { TMPDIR: home },
    });
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

async function answering(running: Running, endpoint: string): Promise<VersionResponse> {
  const client = new RuntimeServiceClient(endpoint, credentials.createInsecure());
  // A daemon that cannot start ends at once: then nobody waits for its socket.
  const ended = running.exited.then((): never => {
    throw new Error("it ended");
  });
  ended.catch(() => {});
  try {
    const version = eventually(() => unary(client.version.bind(client), VersionRequest.fromPartial({}), 2000), {
      what: `an answer of containerd on ${endpoint}`,
      timeoutMs: startTimeoutMs,
    });
    version.catch(() => {});
    return await Promise.race([version, ended]);
  } catch (error) {
    await running.stop(0);
    throw new Error(`Cannot use containerd: it wrote\n${running.output().slice(-3000)}`, { cause: error });
  } finally {
    client.close();
  }
}
