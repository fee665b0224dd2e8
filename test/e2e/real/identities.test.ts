import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { events } from "../../../src/cli/events/events.ts";
import { lookup } from "../../../src/cli/lookup/lookup.ts";
import { components } from "../../../src/components.ts";
import { givenIo } from "../../cli/given-cli.ts";
import { eventually } from "../../support/eventually.ts";
import type { Pod } from "../../support/node/kubelet.ts";
import { lendAgent, lendSender, lendSink } from "../../support/lend.ts";
import type { Attributes } from "../../support/otlp/plain.ts";
import { runPodstamp } from "../../support/agent/podstamp.ts";
import { realNode } from "../../support/node/real-node.ts";

let pod: Pod | undefined;
let container = "";
let image = "";

const node = realNode(async ({ push, kubelet }) => {
  const pushed = await push("shop/web", "1.0", "image");
  image = `${pushed.repository}:${pushed.tag}`;
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

/** The options of a command that asks the real containerd itself. */
const alone = { loadComponents: () => Promise.resolve(components), uid: undefined };

test("podstamp lookup finds a real container by all that names it, and says when nothing does", async () => {
  const pid = await pidOf(container);
  const { hierarchy, inode } = cgroupOf(pid);
  const path =
    readFileSync(`/proc/${pid}/cgroup`, "utf8")
      .split("\n")
      .find((line) => line.includes(container)) ?? "";
  const asked = [container, container.slice(0, 12), String(pid), path, `${hierarchy}:${inode}`, `cgroup:${inode}`];
  const tell = async (what: string) => {
    const { io, out } = givenIo();
    const code = await lookup([what, "-r", node().containerd.endpoint, "-o", "json"], io, alone);
    return { code, ...(JSON.parse(out()) as object) };
  };
  for (const what of [...asked, pod?.uid ?? ""])
    expect(await tell(what), what).toMatchObject({ code: 0, entry: { id: container, pod: { name: "web-1" } } });
  expect(await tell(`pid:${process.pid}`)).toMatchObject({ code: 1, isFound: false, reason: "not_found" });
});

test("podstamp events tells the life of a real container", async () => {
  let said = "";
  const stop = new AbortController();
  const { io, out } = givenIo({ signal: stop.signal, err: (text) => (said += text) });
  const ended = events(["-r", node().containerd.endpoint, "--container", "brief", "-o", "json"], io, alone);
  const seen = () =>
    out()
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { readonly event: string }).event);
  const { kubelet } = node();
  try {
    await eventually(() => said.includes("Following containerd"), { what: "that it follows" });
    if (pod === undefined) throw new Error("Cannot run a container: its pod must be there first");
    const brief = await kubelet.run(pod, { name: "brief", image });
    await eventually(() => seen().includes("started"), { what: "its start" });
    await kubelet.stop(brief);
    await eventually(() => seen().includes("exited"), { what: "its exit" });
    await kubelet.remove(brief);
    await eventually(() => seen().includes("deleted"), { what: "its end" });
  } finally {
    stop.abort();
  }
  expect(await ended).toBe(0);
  expect(seen().filter((event) => event !== "learnt")).toEqual(["created", "started", "exited", "deleted"]);
  expect(said).not.toContain("left out");
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
