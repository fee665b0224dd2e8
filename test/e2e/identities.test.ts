import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { Pod } from "../support/kubelet.ts";
import { lendAgent, lendSender, lendSink } from "../support/lend.ts";
import type { Attributes } from "../support/plain.ts";
import { runPodstamp } from "../support/podstamp.ts";
import { realNode } from "../support/real-node.ts";

let pod: Pod | undefined;
let container = "";

const node = realNode(async ({ push, kubelet }) => {
  const pushed = await push("shop/web", "1.0", "image");
  const image = `${pushed.repository}:${pushed.tag}`;
  await kubelet.pull(image);
  pod = await kubelet.runPod({ name: "web-1", namespace: "shop" });
  container = await kubelet.run(pod, { name: "web", image });
});

/** The number of the container's first process on this host. */
async function pidOf(id: string): Promise<number> {
  const ps = await runPodstamp(["ps", "-o", "json", "--runtime-endpoint", node().containerd.endpoint]);
  const listed = JSON.parse(ps.stdout) as readonly { readonly id: string; readonly pid: number }[];
  return listed.find((each) => each.id === id)?.pid ?? 0;
}

/** Where its cgroup's directory is: in version 2's hierarchy, where that has it, else in version 1's of memory. */
function cgroupOf(pid: number): { readonly hierarchy: string; readonly inode: number } {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  const path = (pattern: RegExp) => lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
  const memory = path(/^\d+:memory:(\/.+)$/);
  const hierarchy = memory === undefined ? "unified" : "memory";
  const folder =
    memory === undefined ? join("/sys/fs/cgroup", path(/^0::(\/.+)$/) ?? "") : join("/sys/fs/cgroup/memory", memory);
  return { hierarchy, inode: statSync(folder).ino };
}

test("a real container is known by its uid and name, its cgroup by path and by ID, and its process", async () => {
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: node().containerd.endpoint, sink: sink.address });
  const sender = lendSender(agent.grpc);
  const pid = await pidOf(container);
  expect(pid).toBeGreaterThan(0);
  const { hierarchy, inode } = cgroupOf(pid);
  const identities: Readonly<Record<string, Attributes>> = {
    uid: { "k8s.pod.uid": pod?.uid ?? "", "k8s.container.name": "web" },
    cgroup: { "process.linux.cgroup": readFileSync(`/proc/${pid}/cgroup`, "utf8") },
    "cgroup id": { "podstamp.cgroup.id": inode, "podstamp.cgroup.hierarchy": hierarchy },
    "cgroup id alone": { "podstamp.cgroup.id": inode },
    pid: { "process.pid": pid, "process.executable.name": "busybox" },
  };
  for (const [name, resource] of Object.entries(identities)) {
    await sender.traces([{ resource, records: [{ name }] }]);
    const arrived = await sink.waitFor((record) => record.name === name, `the span by ${name}`);
    expect(arrived.resource, name).toMatchObject({ "k8s.pod.name": "web-1", "container.id": container });
  }
  // A process of the host, this one, is of no container.
  await sender.traces([{ resource: { "process.pid": process.pid }, records: [{ name: "host" }] }]);
  const host = await sink.waitFor((record) => record.name === "host", "the span of the host's process");
  expect(host.resource).toEqual({ "process.pid": process.pid });
});

test(
  "a real containerd that is frozen is down, its containers stay known, and it is up again when it goes on",
  { timeout: 90_000 },
  async () => {
    const sink = await lendSink();
    const { containerd } = node();
    const agent = await lendAgent({ runtime: containerd.endpoint, sink: sink.address });
    const sender = lendSender(agent.grpc);
    const up = () => agent.metric("podstamp_runtime_up", { runtime: containerd.endpoint });
    await sender.spanOf(container, "before");
    expect(await up()).toBe(1);
    process.kill(containerd.pid(), "SIGSTOP");
    try {
      await eventually(async () => (await up()) === 0, { what: "that it is down", timeoutMs: 30_000, everyMs: 100 });
      await sender.spanOf(container, "during");
    } finally {
      process.kill(containerd.pid(), "SIGCONT");
    }
    const during = await sink.waitFor(({ name }) => name === "during", "the span while it was frozen");
    expect(during.resource).toMatchObject({ "k8s.pod.name": "web-1" });
    await eventually(async () => (await up()) === 1, { what: "that it is up", timeoutMs: 30_000, everyMs: 100 });
  },
);
