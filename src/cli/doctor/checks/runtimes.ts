import { existsSync } from "node:fs";
import { join } from "node:path";
import { createHostCgroups } from "../../../containers/index/cgroups.ts";
import type { Listing, Runtime, RuntimeSource, RuntimeType } from "../../../runtimes/facts.ts";
import { replaced, replacedTodo } from "../../../runtimes/discovery/socket-advice.ts";
import { changesOf } from "../../runtimes.ts";
import { type Finding, findingsOf, messageOf } from "../finding.ts";
import type { Reachable } from "./sockets.ts";

const { ok, warning, problem } = findingsOf("runtime");

/** A running container whose process can be looked for. */
export type Example = {
  readonly id: string;
  readonly pid: number | undefined;
  readonly cgroupsPath: string | undefined;
};

/** How a runtime answered. */
export type Asked = Reachable & { readonly findings: readonly Finding[] } & (
    | { readonly status: "silent" }
    | {
        readonly status: "answered";
        readonly listing: Listing;
        readonly example: Example | undefined;
        readonly lacksCri: boolean;
      }
  );

/** A runtime that takes longer will make telemetry wait. */
const slowMs = 1000;

/** Connects, lists, and asks for one container: what a runtime tells, and how fast. */
export async function askRuntime(reachable: Reachable, signal: AbortSignal): Promise<Asked> {
  const { label } = reachable.source;
  const since = performance.now();
  let runtime: Runtime | undefined;
  try {
    runtime = await reachable.source.connect(signal);
    const versionMs = performance.now() - since;
    const listing = await runtime.list(signal);
    const listMs = performance.now() - since - versionMs;
    const { name, version } = runtime.identity;
    const times = `${Math.round(versionMs)} ms for its version, ${Math.round(listMs)} ms for ${counted(listing.pods.length, "pod")} and ${counted(listing.containers.length, "container")}`;
    const hasEvents = (await changesOf(runtime, signal)) === "events";
    const lacksCri = runtime.lacksCri === true;
    const changes = `${hasEvents ? "it has events" : "it has no events: changes are found by lists"}${lacksCri ? "; its CRI is switched off" : ""}`;
    const findings = [
      versionMs + listMs > slowMs
        ? warning(`${name} ${version} at ${label} is slow: ${times}`, "see how busy the node and the runtime are")
        : ok(`${name} ${version} at ${label} answers: ${times}; ${changes}`),
    ];
    const example = await exampleOf(runtime, listing, signal);
    return { ...reachable, status: "answered", findings, listing, example, lacksCri };
  } catch (error) {
    return { ...reachable, status: "silent", findings: [unanswered(reachable.source, messageOf(error))] };
  } finally {
    runtime?.close();
  }
}

const criTodo =
  'switch its CRI on: take "cri" out of disabled_plugins in /etc/containerd/config.toml and restart containerd';

/** Whether there is anything to stamp with, whichever runtime has it: one of several may well be empty. */
export function checkContents(asked: readonly Asked[]): readonly Finding[] {
  const listings = asked.flatMap((each) => (each.status === "answered" ? each.listing : []));
  if (listings.length === 0) return [];
  const withCri = asked.some((each) => each.status === "answered" && each.lacksCri)
    ? `; where a kubelet uses the containerd: ${criTodo}`
    : "";
  if (listings.every(({ pods, containers }) => pods.length + containers.length === 0))
    return [
      warning(
        "There are no containers: nothing can be found",
        `see whether another runtime has them: \`podstamp runtimes\` shows all that are known; a kubelet's is its --container-runtime-endpoint${withCri}`,
      ),
    ];
  if (listings.some(({ pods }) => pods.some(({ isKubernetes }) => isKubernetes !== false))) return [];
  return [
    warning(
      "There are containers and no pods of Kubernetes: container.* is written, k8s.* is not",
      `nothing, where there is no kubelet; else name the runtime that it uses${withCri}`,
    ),
  ];
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** What systemd calls them; of what speaks CRI nothing but that is known before it answers. */
const units: Readonly<Record<RuntimeType, string>> = {
  cri: "containerd",
  containerd: "containerd",
  "cri-o": "crio",
  "cri-dockerd": "cri-docker",
  docker: "docker",
  podman: "podman.socket",
};

function unanswered({ label, type }: Pick<RuntimeSource, "label" | "type">, message: string): Finding {
  if (/does not speak|UNIMPLEMENTED/.test(message))
    return problem(message, `${criTodo} (Docker's containerd has it off; name Docker's socket instead)`);
  if (/in time/.test(message))
    return problem(
      `${label} takes connections and does not answer: ${message}`,
      "the runtime hangs: see `systemctl status` and `journalctl -u` of it, and restart it; podstamp goes on asking",
    );
  if (/permission denied/.test(message)) return problem(message, "let this user connect to the socket");
  if (message.includes(replaced)) return problem(message, replacedTodo);
  return problem(
    message,
    `see whether the runtime runs, and whether this is its socket: \`systemctl status ${units[type]}\``,
  );
}

async function exampleOf(runtime: Runtime, { containers }: Listing, signal: AbortSignal): Promise<Example | undefined> {
  const container = containers.find(({ state }) => state === "running");
  if (container === undefined) return undefined;
  const details = await runtime.describeContainer(container, signal).catch(() => undefined);
  return { id: container.id, pid: details?.pid, cgroupsPath: details?.cgroupsPath };
}

const aheadMs = 60_000;

/** Whether the clock agrees with what the runtimes have noted: what is made in the future is a clock that was set back. */
export function checkClock(asked: readonly Asked[], now: number): readonly Finding[] {
  const clock = findingsOf("clock");
  const made = asked.flatMap((each) => (each.status === "answered" ? each.listing.containers : []));
  const ahead = Math.max(0, ...made.map(({ createdAt }) => createdAt - now));
  const text = `It is ${new Date(now).toISOString()}`;
  if (ahead <= aheadMs) return [clock.ok(text)];
  return [
    clock.problem(
      `${text}, and a container was made ${Math.round(ahead / 1000)} s later: the clock is behind, or was set back`,
      "synchronise it (`timedatectl`, `chronyc tracking`): spans of other nodes would not fit",
    ),
  ];
}

/** Whether processes and cgroups of the host can be seen, which association by process, by cgroup, and eBPF need. */
export function checkCgroups(asked: readonly Asked[], hasHostCgroups: boolean, needsThem: boolean): readonly Finding[] {
  const cgroups = findingsOf("cgroups");
  // Of several runtimes on one host those count that have a container to look for.
  const useful = asked.toSorted((one, other) => Number(hasExample(one)) - Number(hasExample(other)));
  const roots = new Map(useful.map((each) => [each.place.hostRoot, each]));
  return [...roots.values()].map((each) => {
    const root = each.place.hostRoot;
    const host = createHostCgroups(root);
    const example = each.status === "answered" ? each.example : undefined;
    const text = `${layoutOf(host.hierarchies())}${driverOf(example?.cgroupsPath)}`;
    if (host.hierarchies().length === 0)
      return cgroups[needsThem ? "problem" : "warning"](`There are no cgroups at ${root}/sys/fs/cgroup`, mountTodo);
    if (example?.pid === undefined) return cgroups.ok(`${text}; no running container to look for`);
    const seen = host.ofContainer(example.id, { pid: example.pid, cgroupsPath: undefined });
    if (seen.ids.length > 0) return cgroups.ok(`${text}; containers' processes and cgroups can be seen`);
    const of = `${text}; process ${example.pid} of container ${example.id.slice(0, 12)}`;
    const status = needsThem ? "problem" : "warning";
    // Where podstamp sees the host's processes, that one is there: it is in a cgroup that names nobody.
    if (hasHostCgroups && existsSync(join(root, "proc", String(example.pid), "cgroup")))
      return cgroups[status](
        `${of} is in no cgroup of its own, as with a rootless engine on cgroup version 1${lost}`,
        ownTodo,
      );
    const own = hasHostCgroups ? "" : ", and podstamp has a cgroup namespace of its own (/proc/self/cgroup says /)";
    return cgroups[status](`${of} cannot be seen at ${root === "/" ? "" : root}/proc${own}${lost}`, mountTodo);
  });
}

function hasExample(asked: Asked): boolean {
  return asked.status === "answered" && asked.example?.pid !== undefined;
}

const lost = ": IDs work, process.pid, cgroups and eBPF do not";

const ownTodo = "nothing, where IDs and addresses are enough; cgroup version 2 gives rootless containers cgroups, too";

const mountTodo =
  "in a pod: hostPID: true, and the host's / mounted read-only at /host with host_root: /host; with Docker or Podman: --pid host -v /:/host:ro, and host_root: /host; or run podstamp on the host";

function layoutOf(hierarchies: readonly string[]): string {
  if (hierarchies.length === 1 && hierarchies[0] === "unified") return "cgroup version 2";
  return hierarchies.includes("unified") ? "cgroup versions 1 and 2 together (hybrid)" : "cgroup version 1";
}

function driverOf(cgroupsPath: string | undefined): string {
  if (cgroupsPath === undefined) return "";
  return `, driver ${/:|\.slice\//.test(cgroupsPath) ? "systemd" : "cgroupfs"}`;
}
