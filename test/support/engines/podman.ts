import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineApi, engineApi } from "./api.ts";
import { type EngineDaemon, startEngineDaemon } from "./daemon.ts";
import { writeOciRuntime } from "../runtimes/oci-runtime.ts";
import { rememberCgroup, removeEmptyCgroup } from "../machine/workspace.ts";

export type PodmanSpec = {
  readonly name?: string;
  readonly image: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** Whether it is gone with its end. */
  readonly remove?: boolean;
  /** The ID of the pod that it is to be in. */
  readonly pod?: string;
};

export type PodmanPod = { readonly id: string; readonly infra: string };

/** A Podman of our own, as its API service: nothing of the machine's is read or touched. */
export type Podman = Omit<EngineDaemon, "end"> & {
  readonly socket: string;
  readonly endpoint: string;
  readonly api: EngineApi;
  pull(image: string): Promise<void>;
  /** Creates and starts; returns the container's ID. */
  run(spec: PodmanSpec): Promise<string>;
  runPod(name: string, labels: Readonly<Record<string, string>>): Promise<PodmanPod>;
  kill(container: string): Promise<void>;
  remove(container: string): Promise<void>;
  removePod(pod: string): Promise<void>;
  inspect(container: string): Promise<{ readonly State: { readonly Pid: number } }>;
  stop(): Promise<void>;
};

/** Starts Podman's API service on a storage of its own below `folder`; `infraImage` is that of each pod's first container. */
export async function startPodman(folder: string, infraImage: string): Promise<Podman> {
  const home = join(folder, "podman");
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const socket = join(home, "p.sock");
  const files = { containers: join(home, "containers.conf"), storage: join(home, "storage.conf") };
  writeFileSync(files.containers, containersConf(home, writeOciRuntime(home), infraImage));
  writeFileSync(files.storage, `[storage]\ndriver = "overlay"\ngraphroot = "${home}/root"\nrunroot = "${home}/run"\n`);
  writeFileSync(join(home, "policy.json"), JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
  const dirs = ["--root", `${home}/root`, "--runroot", `${home}/run`, "--tmpdir", `${home}/tmp`];
  const api = engineApi(socket);
  const daemon = await startEngineDaemon(api, {
    name: "podman",
    command: "podman",
    args: [...dirs, "system", "service", "--time=0", `unix://${socket}`],
    env: {
      TMPDIR: home,
      HOME: home,
      CONTAINERS_CONF: files.containers,
      CONTAINERS_STORAGE_CONF: files.storage,
    },
  });
  const at = (path: string) => `/v4.0.0/libpod${path}`;
  const post = (path: string, body?: unknown) => api.call({ method: "POST", path: at(path), body });
  const remove = (kind: "containers" | "pods", id: string) =>
    api.call({ method: "DELETE", path: at(`/${kind}/${id}?force=true&timeout=0`) });

  return {
    socket,
    endpoint: `unix://${socket}`,
    version: daemon.version,
    api,
    async pull(image) {
      const said = await post(`/images/pull?reference=${encodeURIComponent(image)}&tlsVerify=false&quiet=true`);
      const text = typeof said === "string" ? said : JSON.stringify(said);
      if (text.includes('"error"')) throw new Error(`Cannot pull ${image}: podman said ${text}`);
    },
    async run({ pod, ...spec }) {
      const body = { ...spec, ...(pod === undefined ? { netns: { nsmode: "host" } } : { pod }) };
      const { Id } = (await post("/containers/create", body)) as { Id: string };
      rememberCgroup(folder, `/libpod_parent/${pod === undefined ? "" : `${pod}/`}libpod-${Id}`);
      await post(`/containers/${Id}/start`);
      return Id;
    },
    async runPod(name, labels) {
      const body = {
        name,
        labels,
        netns: { nsmode: "host" },
        infra_image: infraImage,
        infra_command: ["/bin/sleep", "1000000"],
      };
      const { Id: id } = (await post("/pods/create", body)) as { Id: string };
      rememberCgroup(folder, `/libpod_parent/${id}`);
      await post(`/pods/${id}/start`);
      const { InfraContainerID: infra } = (await api.call({ path: at(`/pods/${id}/json`) })) as {
        InfraContainerID: string;
      };
      return { id, infra };
    },
    async kill(container) {
      await post(`/containers/${container}/kill`);
    },
    async remove(container) {
      await remove("containers", container);
    },
    async removePod(pod) {
      await remove("pods", pod);
    },
    inspect: (container) =>
      api.call({ path: at(`/containers/${container}/json`) }) as Promise<{ State: { Pid: number } }>,
    log: daemon.log,
    crash: daemon.crash,
    start: daemon.start,
    async stop() {
      const ids = async (kind: "containers" | "pods") =>
        ((await api.call({ path: at(`/${kind}/json?all=true`) }).catch(() => [])) as { Id: string }[]).map(
          ({ Id }) => Id,
        );
      for (const id of await ids("pods")) await remove("pods", id).catch(() => {});
      for (const id of await ids("containers")) await remove("containers", id).catch(() => {});
      await daemon.end(5000);
      for (const path of ["/libpod_parent/conmon", "/libpod_parent"]) await removeEmptyCgroup(path);
    },
  };
}

function containersConf(home: string, runtime: string, infraImage: string): string {
  return `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
runtime = "here"
cgroup_manager = "cgroupfs"
events_logger = "file"
infra_image = "${infraImage}"
static_dir = "${home}/static"
tmp_dir = "${home}/tmp"
volume_path = "${home}/volumes"
[engine.runtimes]
here = ["${runtime}"]
`;
}
