import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineApi, engineApi } from "./api.ts";
import { type EngineDaemon, startEngineDaemon } from "./daemon.ts";
import { writeOciRuntime } from "../runtimes/oci-runtime.ts";
import { rememberCgroup, removeEmptyCgroup } from "../machine/workspace.ts";

export type DockerSpec = {
  readonly name?: string;
  readonly image: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly hostname?: string;
  /** More of HostConfig. */
  readonly host?: Readonly<Record<string, unknown>>;
};

/** A dockerd of our own: nothing of the machine's is read or touched. */
export type Docker = Omit<EngineDaemon, "end"> & {
  readonly socket: string;
  readonly endpoint: string;
  readonly api: EngineApi;
  /** By a tag or a digest. */
  pull(image: string): Promise<void>;
  /** Creates and starts; returns the container's ID. */
  run(spec: DockerSpec): Promise<string>;
  /** Kills the container at once. */
  kill(container: string): Promise<void>;
  remove(container: string): Promise<void>;
  inspect(container: string): Promise<{ readonly State: { readonly Pid: number } }>;
  stop(): Promise<void>;
};

export type DockerOptions = {
  readonly folder: string;
  /** The socket of the containerd that it uses. */
  readonly containerd: string;
  /** "dockerd" unless another one is meant. */
  readonly program?: string;
  /** Of daemon.json. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  /** In a network namespace of its own it may make networks; registries on loopback are out of its reach there. */
  readonly hasOwnNetwork?: boolean;
};

/** Starts a dockerd that keeps everything below `folder` and makes no network of its own. */
export async function startDocker(options: DockerOptions): Promise<Docker> {
  const { folder, containerd, program = "dockerd", settings = {}, name = "docker", hasOwnNetwork = false } = options;
  const home = join(folder, name);
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const socket = join(home, "d.sock");
  const file = join(home, "daemon.json");
  const runtime = { runtimes: { here: { path: writeOciRuntime(home) } }, "default-runtime": "here" };
  writeFileSync(file, JSON.stringify({ ...runtime, "live-restore": true, ...settings }));
  const flags = ["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--bridge=none"];
  const places = { "config-file": file, host: `unix://${socket}`, containerd, pidfile: join(home, "pid") };
  const roots = { "data-root": join(home, "root"), "exec-root": join(home, "exec") };
  const args = [...Object.entries({ ...places, ...roots }).map(([name, value]) => `--${name}=${value}`), ...flags];
  const api = engineApi(socket);
  const daemon = await startEngineDaemon(api, {
    name: "dockerd",
    ...(hasOwnNetwork
      ? { command: "unshare", args: ["--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", program, ...args] }
      : { command: program, args }),
    env: { TMPDIR: home },
  });
  const post = (path: string, body?: unknown) => api.call({ method: "POST", path, body });

  return {
    socket,
    endpoint: `unix://${socket}`,
    version: daemon.version,
    api,
    async pull(image) {
      const [from = "", digest] = image.split("@");
      const tag = digest ?? /:([^/:]+)$/.exec(from)?.[1] ?? "latest";
      const repository = digest === undefined ? from.replace(/:[^/:]+$/, "") : from;
      const said = await post(
        `/images/create?fromImage=${encodeURIComponent(repository)}&tag=${encodeURIComponent(tag)}`,
      );
      if (String(said).includes('"error"')) throw new Error(`Cannot pull ${image}: dockerd said ${String(said)}`);
    },
    async run({ image, labels = {}, command, host = {}, hostname, name: called }) {
      const query = called === undefined ? "" : `?name=${called}`;
      const hostConfig = { NetworkMode: "host", ...host };
      const body = { Image: image, Labels: labels, Cmd: command, Hostname: hostname, HostConfig: hostConfig };
      const { Id } = (await post(`/containers/create${query}`, body)) as { Id: string };
      const parent = host["CgroupParent"];
      rememberCgroup(folder, typeof parent === "string" ? parent : `/docker/${Id}`);
      await post(`/containers/${Id}/start`);
      return Id;
    },
    async kill(container) {
      await post(`/containers/${container}/kill`);
    },
    async remove(container) {
      await api.call({ method: "DELETE", path: `/containers/${container}?force=1` });
    },
    inspect: (container) => api.call({ path: `/containers/${container}/json` }) as Promise<{ State: { Pid: number } }>,
    log: daemon.log,
    crash: daemon.crash,
    start: daemon.start,
    async stop() {
      const all = (await api.call({ path: "/containers/json?all=1" }).catch(() => [])) as { Id: string }[];
      for (const { Id } of all) await api.call({ method: "DELETE", path: `/containers/${Id}?force=1` }).catch(() => {});
      await daemon.end(10_000);
      await removeEmptyCgroup("/docker");
    },
  };
}
