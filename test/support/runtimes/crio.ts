import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtProgram } from "./built.ts";
import { type CriDaemon, type DaemonOptions, startDaemon } from "./containerd.ts";
import { whereIs } from "../machine/machine.ts";
import { writeOciRuntime } from "./oci-runtime.ts";

/** Where it makes folders whatever its settings say. */
const foreign = "/etc/crio";

/** Starts a CRI-O that keeps everything below `folder`; `hasEvents` is its enable_pod_events. */
export async function startCrio(
  { folder, sandboxImage, registry }: DaemonOptions,
  { hasEvents }: { readonly hasEvents: boolean },
): Promise<CriDaemon> {
  const home = join(folder, "crio");
  // By the name that it has on nodes, where pods look for it.
  const socket = join(home, "crio.sock");
  const settings = join(home, ".config", "containers");
  for (const each of [settings, join(home, "drop-ins"), join(home, "hooks"), join(home, "cni", "conf")])
    mkdirSync(each, { recursive: true, mode: 0o711 });
  const file = join(home, "crio.conf");
  const storage = join(home, "storage.conf");
  writeFileSync(file, config(home, { socket, sandboxImage, hasEvents, runtime: writeOciRuntime(home) }));
  writeFileSync(storage, `[storage]\ndriver = "overlay"\ngraphroot = "${home}/root"\nrunroot = "${home}/run"\n`);
  writeFileSync(join(home, "policy.json"), JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
  // Only here does CRI-O look for registries that it may speak plain HTTP to.
  writeFileSync(
    join(settings, "registries.conf"),
    `unqualified-search-registries = ["docker.io"]\n[[registry]]\nlocation = "${registry}"\ninsecure = true\n`,
  );
  const wasAbsent = !existsSync(foreign);
  const daemon = await startDaemon(socket, {
    name: "crio",
    command: builtProgram("crio", "crio"),
    args: ["--config", file, "--config-dir", join(home, "drop-ins")],
    env: { TMPDIR: home, HOME: home, CONTAINERS_STORAGE_CONF: storage },
  });
  return {
    ...daemon,
    async stop() {
      await daemon.stop();
      if (wasAbsent) rmSync(foreign, { recursive: true, force: true });
    },
  };
}

type Settings = {
  readonly socket: string;
  readonly sandboxImage: string;
  readonly hasEvents: boolean;
  readonly runtime: string;
};

function config(home: string, { socket, sandboxImage, hasEvents, runtime }: Settings): string {
  return `[crio]
root = "${home}/root"
runroot = "${home}/run"
storage_driver = "overlay"
log_dir = "${home}/log"
version_file = "${home}/version"
version_file_persist = ""
clean_shutdown_file = "${home}/clean.shutdown"
internal_wipe = false
[crio.api]
listen = "${socket}"
stream_address = "127.0.0.1"
stream_port = "0"
[crio.runtime]
default_runtime = "here"
cgroup_manager = "cgroupfs"
conmon_cgroup = "pod"
apparmor_profile = "unconfined"
hooks_dir = ["${home}/hooks"]
namespaces_dir = "${home}/namespaces"
pinns_path = "${builtProgram("crio", "pinns")}"
container_exits_dir = "${home}/exits"
container_attach_socket_dir = "${home}/attach"
enable_pod_events = ${hasEvents}
default_ulimits = []
enable_criu_support = false
[crio.runtime.runtimes.here]
runtime_path = "${runtime}"
runtime_type = "oci"
runtime_root = "${home}/runc"
monitor_path = "${whereIs("conmon") ?? "conmon"}"
monitor_cgroup = "pod"
[crio.image]
pause_image = "${sandboxImage}"
pause_command = "/bin/sleep 1000000"
signature_policy = "${home}/policy.json"
[crio.network]
network_dir = "${home}/cni/conf"
plugin_dirs = ["${home}/cni/bin"]
[crio.nri]
enable_nri = false
[crio.metrics]
enable_metrics = false
`;
}
