import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemPath, whereIs } from "../machine/machine.ts";
import { rememberCgroup, removeEmptyCgroup } from "../machine/workspace.ts";

export type CtrSpec = {
  readonly id: string;
  readonly image: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
};

/** containerd's own client, in one namespace of a containerd of one's own. */
export type Ctr = {
  pull(image: string): Promise<void>;
  tag(image: string, name: string): Promise<void>;
  /** Creates and starts. */
  run(spec: CtrSpec): Promise<void>;
  kill(id: string): Promise<void>;
  /** Removes an ended container with its task. */
  remove(id: string): Promise<void>;
  /** Kills and removes all that is there. */
  removeAll(): Promise<void>;
};

const timeoutMs = 30_000;

export function ctr(socket: string, namespace: string, folder: string): Ctr {
  const call = async (...args: readonly string[]) => {
    const { stdout } = await promisify(execFile)(whereIs("ctr") ?? "ctr", ["-a", socket, "-n", namespace, ...args], {
      env: { ...process.env, PATH: systemPath },
      timeout: timeoutMs,
    });
    return stdout;
  };
  const each = (flag: string, map: Readonly<Record<string, string>> = {}) =>
    Object.entries(map).flatMap(([key, value]) => [flag, `${key}=${value}`]);
  const remove = async (id: string) => {
    await call("task", "rm", "-f", id).catch(() => {});
    await call("container", "rm", id);
  };
  return {
    async pull(image) {
      await call("image", "pull", "--plain-http", image);
    },
    async tag(image, name) {
      await call("image", "tag", "--force", image, name);
    },
    async run({ id, image, labels, annotations, command = ["/bin/sleep", "1000000"] }) {
      rememberCgroup(folder, `/${namespace}/${id}`);
      const flags = ["--detach", "--net-host", "--runc-root", join(folder, "ctr-runc")];
      await call(
        "run",
        ...flags,
        ...each("--label", labels),
        ...each("--annotation", annotations),
        image,
        id,
        ...command,
      );
    },
    async kill(id) {
      await call("task", "kill", "-s", "KILL", id);
    },
    remove,
    async removeAll() {
      for (const id of (await call("container", "ls", "-q")).split("\n").filter(Boolean)) await remove(id);
      await removeEmptyCgroup(`/${namespace}`);
    },
  };
}
