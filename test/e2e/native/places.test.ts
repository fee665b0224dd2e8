import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { givenNative, handedOver, whyNoNative } from "../../support/agent/native.ts";
import { newId } from "../../support/cri/answers.ts";
import { lendRuntime } from "../../support/lend.ts";
import { whyNoMounts } from "../../support/machine/machine.ts";
import { startProcess } from "../../support/machine/processes.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

/* Which runtime the compiled program for lists asks when nobody names one: on a machine whose /etc and /run are the test's own. */

const why = whyNoNative() ?? whyNoMounts("a /run of the test's own needs");
const isUnshared = why === undefined && spawnSync("unshare", ["-m", "true"]).status === 0;
const whyNot = why ?? (isUnshared ? undefined : "there is no unshare, which makes namespaces");
const natively = test.skipIf(whyNot !== undefined);
const named = (what: string) => (whyNot === undefined ? what : `${what} (skipped: ${whyNot})`);
const podstamp = fileURLToPath(new URL("../../../bin/podstamp.mjs", import.meta.url));

/** Two runtimes, of which each knows one container. */
async function given() {
  const ids = [newId(), newId()];
  const pod = (id: string) => ({ name: "web", namespace: "shop", containers: [{ id, name: "web" }] });
  const [one, other] = [
    await lendRuntime({ pods: [pod(ids[0] ?? "")] }),
    await lendRuntime({ pods: [pod(ids[1] ?? "")] }),
  ];
  const { program, env } = givenNative();
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  /** What each prints with these links in /run, and this file of crictl's. */
  const list = async (links: Readonly<Record<string, string>>, file?: string) => {
    mkdirSync(join(folder, "etc"), { recursive: true });
    if (file !== undefined) writeFileSync(join(folder, "etc/crictl.yaml"), file);
    const made = Object.entries(links).map(([path, to]) => `mkdir -p $(dirname ${path}); ln -s ${to} ${path}`);
    const etc = file === undefined ? "mount -t tmpfs etc /etc" : `mount --bind ${folder}/etc /etc`;
    const run = async (command: string) => {
      const script = [etc, "mount -t tmpfs run /run", ...made, `exec ${command} ps -q`].join("\n");
      const running = await startProcess({
        name: "a machine of its own",
        command: "unshare",
        args: ["-m", "sh", "-ec", script],
        env: { ...env, XDG_RUNTIME_DIR: "", CONTAINER_RUNTIME_ENDPOINT: "" },
      });
      await running.exited;
      return running.output();
    };
    return { native: await run(program), node: await run(`${process.execPath} ${podstamp}`) };
  };
  return { ids, paths: [one, other].map(({ endpoint }) => endpoint.replace("unix://", "")), list };
}

natively(named("the only socket at a known place is asked, and of several none"), async () => {
  const { ids, paths, list } = await given();
  const [one = "", other = ""] = paths;
  const alone = { native: `${ids[0]}\n`, node: `${ids[0]}\n` };
  expect(await list({ "/run/containerd/containerd.sock": one })).toEqual(alone);
  expect(await list({ "/run/k3s/containerd/containerd.sock": one, "/run/crio/crio.sock": one })).toEqual(alone);
  expect((await list({ "/run/containerd/containerd.sock": one, "/run/crio/crio.sock": other })).native).toBe(
    handedOver(["ps", "-q"]),
  );
  expect((await list({ "/run/user/1000/docker.sock": one })).native).toBe(handedOver(["ps", "-q"]));
  expect((await list({ "/run/containerd/containerd.sock": one, "/run/user/7/podman/podman.sock": other })).native).toBe(
    handedOver(["ps", "-q"]),
  );
  expect((await list({})).native).toBe(handedOver(["ps", "-q"]));
});

natively(named("crictl's file names the runtime, where it is as plain as crictl writes it"), async () => {
  const { ids, paths, list } = await given();
  const [one = "", other = ""] = paths;
  const links = { "/run/containerd/containerd.sock": one };
  const files: readonly (readonly [string, number])[] = [
    [
      `runtime-endpoint: "unix://${other}"\nimage-endpoint: ""\ntimeout: 10\ndebug: false\npull-image-on-create: false\n`,
      1,
    ],
    [`# ours\n\nruntime-endpoint: unix://${other}\nimage-endpoint: unix://${other}`, 1],
    ["timeout: 2\n", 0],
    ['runtime-endpoint: ""\n', 0],
    ["", 0],
  ];
  for (const [file, which] of files)
    expect([file, await list(links, file)]).toEqual([file, { native: `${ids[which]}\n`, node: `${ids[which]}\n` }]);
  const rare = [
    `runtime-endpoint: 'unix://${other}'\n`,
    `runtime-endpoint:   unix://${other}  # ours\n`,
    `runtime-endpoint: unix://${other}\nruntime-endpoint: unix://${one}\n`,
    `timeout: 1\ntimeout: 2\nruntime-endpoint: unix://${other}\n`,
    `more: 1\nruntime-endpoint: unix://${other}\n`,
    `{runtime-endpoint: "unix://${other}"}\n`,
    `---\nruntime-endpoint: unix://${other}\n`,
    `runtime-endpoint: unix://${other}\r\n`,
    `? runtime-endpoint\n: unix://${other}\n`,
    `runtime-endpoint: >-\n  unix://${other}\n`,
    "\0",
    "#".repeat(5000),
  ];
  for (const file of rare) expect([file, (await list(links, file)).native]).toEqual([file, handedOver(["ps", "-q"])]);
});
