import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "../eventually.ts";
import { systemPath, whyNoMounts } from "./machine.ts";
import { startProcess } from "./processes.ts";
import { cgroupMounts, createWorkspace, rememberCgroup, wipe } from "./workspace.ts";

/** A machine with systemd as its first process, in namespaces on this one: a network, processes and files of its own. */
export type BootedMachine = {
  /** A folder that is /mnt in it. */
  readonly given: string;
  /** Its network namespace, for nsenter. */
  readonly network: string;
  /** Runs a program in it as root and gives what it wrote; rejects with that when it fails. */
  run(command: string, ...args: readonly string[]): Promise<string>;
  /** Ends it; nothing of it is left. */
  stop(): Promise<void>;
};

const script = fileURLToPath(new URL("boot.sh", import.meta.url));

const namespaces = ["--mount", "--pid", "--fork", "--uts", "--ipc", "--net", "--cgroup"];

/** What the script cannot do without, tried in namespaces that are gone when it has been. */
const attempt = `mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work /mnt/root &&
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root`;

/** Why no machine can be booted here, in words; undefined when one can. */
export function whyNoMachine(): string | undefined {
  const why = whyNoMounts("a machine of its own needs");
  if (why !== undefined) return why;
  if (!existsSync("/lib/systemd/systemd")) return "systemd is not installed";
  const cgroups = cgroupMounts();
  if (cgroups.length === 0 || !cgroups.every(isWritable)) return "systemd needs cgroups, and none can be made here";
  const tried = spawnSync("unshare", [...namespaces, "sh", "-c", attempt], {
    encoding: "utf8",
    env: { ...process.env, PATH: systemPath },
  });
  if (tried.error !== undefined) return "there is no unshare, which makes namespaces";
  return tried.status === 0 ? undefined : `this machine makes no namespaces with an overlay: ${tried.stderr.trim()}`;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Boots one, until systemd takes orders. */
export async function bootMachine(): Promise<BootedMachine> {
  const folder = createWorkspace();
  const [given, machine] = [join(folder, "given"), join(folder, "machine")];
  for (const path of [given, machine]) mkdirSync(path);
  const cgroup = `/${basename(folder)}`;
  rememberCgroup(folder, cgroup);
  const stop = () => wipe(folder);
  try {
    const args = [script, machine, given, cgroup, process.execPath];
    const booting = await startProcess({ name: "the machine", command: "bash", args });
    const pid = (await booting.line(/^init \d+$/, 10_000)).slice("init ".length);
    const run: BootedMachine["run"] = (...command) => runInside(pid, folder, command);
    // It ends with a failure until all is started, and when something of this machine's could not be.
    const asks = ["sh", "-c", "systemctl is-system-running || true"] as const;
    const isUp = async () => booting.hasExited() || /^(?:running|degraded)$/.test((await run(...asks)).trim());
    await eventually(isUp, { what: "systemd of the machine at work", timeoutMs: 30_000, everyMs: 100 });
    if (booting.hasExited()) throw new Error(`Cannot boot a machine: it ended, and wrote:\n${booting.output()}`);
    return { given, network: `/proc/${pid}/ns/net`, run, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function runInside(pid: string, folder: string, command: readonly string[]): Promise<string> {
  const env = ["env", "-i", "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
  const enter = ["--target", pid, "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--root", "--wd"];
  // The folder is named for whoever cleans up after a crash.
  const marked = [...env, `PODSTAMP_MACHINE=${folder}/`, ...command];
  const running = await startProcess({ name: command.join(" "), command: "nsenter", args: [...enter, ...marked] });
  const timer = setTimeout(() => running.signal("SIGKILL"), 30_000);
  const { code } = await running.exited;
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(`Cannot run ${command.join(" ")}: ended with ${code}; it wrote:\n${running.output()}`);
  return running.stdout();
}
