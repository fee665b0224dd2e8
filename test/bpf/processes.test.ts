import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { disposition, execAt, exitAt, exitFlag, oomAt, signalAt } from "../../src/ebpf/abi.ts";
import { type Group, limitMemory, makeGroup, makeUnifiedGroup } from "../support/ebpf/groups.ts";
import { runIn, spawnIn } from "../support/ebpf/in-group.ts";
import { type Probes, startProbes } from "../support/ebpf/probes.ts";
import type { TestRecord } from "../support/ebpf/records.ts";
import { whyNoProbes } from "../support/ebpf/set-up.ts";

const why = whyNoProbes();
const uid = "6a0d3c1e-58b7-4f29-8e43-71c9f0b2d5aa";

describe.skipIf(why !== undefined)(`processes${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  let group: Group;
  let probes: Probes;
  let made = 0;

  beforeAll(async () => {
    group = makeGroup(`kubepods/besteffort/pod${uid}/${"d4".repeat(32)}`);
    probes = await startProbes({ probes: ["process", "oom", "signal"], groups: [group] });
  });
  afterAll(async () => {
    await probes.stop();
    await group.remove();
  });

  /** Runs a shell that names itself in its arguments, and returns how it ended and its records. */
  const run = async (script: string) => {
    const name = `case-${++made}`;
    const end = await runIn(group, ["/bin/sh", "-c", script, name]);
    const exec = await probes.record(
      `the start of ${name}`,
      (record) => record.type === "exec" && argsOf(record).includes(name),
    );
    const exit = await probes.record(
      `the end of ${name}`,
      (record) => record.type === "exit" && record.tgid === exec.tgid,
    );
    return { end, exec, exit };
  };

  test("a program that starts is told with its file, arguments, parent, user and namespaces", async () => {
    const { exec, exit } = await run("exit 0");
    expect(exec.text(execAt.comm, 16)).toBe("sh");
    expect(exec.text(execAt.file, 256)).toBe("/bin/sh");
    expect(argsOf(exec)).toEqual(["/bin/sh", "-c", "exit 0", `case-${made}`]);
    expect(exec.u32(execAt.argc)).toBe(4);
    expect(exec.u32(execAt.ppid)).toBe(process.pid);
    expect(exec.u32(execAt.uid)).toBe(0);
    expect(exec.u32(execAt.nsPid)).toBe(exec.tgid);
    expect(exec.u64(execAt.start)).toBe(exit.u64(exitAt.start));
    expect(exec.u64(execAt.start)).toBeLessThan(Number(exec.ts));
  });

  test.each([0, 1, 3, 127, 255])("exit status %i is told", async (status) => {
    const { end, exit } = await run(`exit ${status}`);
    expect(end).toBe(status);
    expect([exit.u32(exitAt.status), exit.u32(exitAt.signal), exit.u32(exitAt.flags)]).toEqual([status, 0, 0]);
  });

  test.each([
    ["TERM", 15],
    ["KILL", 9],
    ["SEGV", 11],
    ["ABRT", 6],
  ] as const)("a signal that ends a process is told: SIG%s with who sent it and what it does", async (name, number) => {
    const { end, exec, exit } = await run(`ulimit -c 0; kill -${name} $$`);
    expect(end).toBe(`SIG${name}`);
    expect([exit.u32(exitAt.status), exit.u32(exitAt.signal)]).toEqual([0, number]);
    const sent = await probes.record("its signal", (record) => record.type === "signal" && record.tgid === exec.tgid);
    expect(sent.i32(signalAt.signal)).toBe(number);
    expect(sent.u32(signalAt.senderTgid)).toBe(exec.tgid);
    expect(sent.u64(signalAt.senderCgroup)).toBe(group.cgroup);
    expect(sent.u32(signalAt.disposition)).toBe(disposition.default);
  });

  test("a signal from outside is told with the sender's cgroup, announced too, and that it is handled", async () => {
    const child = spawnIn(
      group,
      ["/bin/sh", "-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.02; done"],
      "pipe",
    );
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    child.kill("SIGTERM");
    const sent = await probes.record("the signal", ({ type, tgid }) => type === "signal" && tgid === child.pid);
    expect(sent.u32(signalAt.senderTgid)).toBe(process.pid);
    expect(sent.u32(signalAt.disposition)).toBe(disposition.handled);
    const exit = await probes.record("the end", ({ type, tgid }) => type === "exit" && tgid === child.pid);
    expect([exit.u32(exitAt.status), exit.u32(exitAt.signal)]).toEqual([7, 0]);
    const sender = [sent.u32(signalAt.senderHier), sent.u64(signalAt.senderCgroup)];
    const announced = probes.records.filter(({ type }) => type === "cgroup");
    expect(announced.map(({ hierarchy, cgroup }) => [hierarchy, cgroup])).toContainEqual(sender);
  });

  test("many threads end as one process", async () => {
    const code =
      "import threading,time,os\nfor i in range(20): threading.Thread(target=time.sleep,args=(0.05,)).start()\nos._exit(9)";
    const before = probes.records.length;
    expect(await runIn(group, ["/usr/bin/python3", "-S", "-c", code])).toBe(9);
    const exit = await probes.record("its end", (record) => record.type === "exit" && record.u32(exitAt.status) === 9);
    expect(probes.records.slice(before).filter(({ type, tgid }) => type === "exit" && tgid === exit.tgid)).toHaveLength(
      1,
    );
    expect(exit.u64(exitAt.maxrssBytes)).toBeGreaterThan(4 << 20);
  });

  test("the time that a process computed is told", async () => {
    const code = "import time,sys\nwhile time.process_time() < 0.1: pass\nsys.exit(11)";
    expect(await runIn(group, ["/usr/bin/python3", "-S", "-c", code])).toBe(11);
    const exit = await probes.record("its end", (record) => record.type === "exit" && record.u32(exitAt.status) === 11);
    const took = exit.u64(exitAt.utimeNs) + exit.u64(exitAt.stimeNs);
    expect(took).toBeGreaterThan(50e6);
    expect(took).toBeLessThan(500e6);
  });

  test("a process that its cgroup's limit of memory ends is told as the victim, and at its end", async () => {
    const small = makeGroup(`kubepods/besteffort/pod${uid}/${"e5".repeat(32)}`);
    limitMemory(small, 24 << 20);
    probes.loader.command(`cgroup ${small.hierarchy} ${small.cgroup} 31\n`);
    const end = await runIn(small, ["/usr/bin/python3", "-S", "-c", "x = bytearray(200 << 20)"]);
    expect(end).toBe("SIGKILL");
    const victim = await probes.record("the victim", ({ type }) => type === "oom");
    const exit = await probes.record("its end", ({ type, tgid }) => type === "exit" && tgid === victim.tgid);
    expect(victim).toMatchObject({ hierarchy: small.hierarchy, cgroup: small.cgroup });
    expect(victim.text(oomAt.comm, 16)).toMatch(/^python3/);
    expect(victim.u32(oomAt.triggerTgid)).toBe(victim.tgid);
    expect(exit.u32(exitAt.signal)).toBe(9);
    expect(exit.u32(exitAt.flags) & exitFlag.oom).toBe(exitFlag.oom);
    await small.remove();
  });

  test("a process in the root of version 1 is of its cgroup of version 2", async (context) => {
    const unified = makeUnifiedGroup(
      `kubepods.slice/kubepods-pod${uid.replaceAll("-", "_")}.slice/cri-containerd-${"f7".repeat(32)}.scope`,
    );
    if (unified === undefined) return context.skip("this machine has one version of cgroups only");
    probes.loader.command(`cgroup 0 ${unified.cgroup} 31\n`);
    const enter = `echo 0 > /sys/fs/cgroup/memory/cgroup.procs; echo 0 > ${unified.folder}/cgroup.procs; exec /bin/sh -c 'exit 21'`;
    expect(await runIn(group, ["/bin/sh", "-c", enter])).toBe(21);
    const exit = await probes.record("its end", (record) => record.type === "exit" && record.u32(exitAt.status) === 21);
    expect(exit).toMatchObject({ hierarchy: 0, cgroup: unified.cgroup });
    const announced = probes.records.find(
      ({ type, hierarchy, cgroup }) => type === "cgroup" && hierarchy === 0 && cgroup === unified.cgroup,
    );
    expect(announced?.text(48, 1024)).toBe(`${unified.path.slice(1).split("/").toReversed().join("/")}/`);
    await unified.remove();
  });

  test("each record's cgroup was announced before, with its path", () => {
    const paths = new Map<string, string>();
    for (const record of probes.records) {
      const key = `${record.hierarchy}:${record.cgroup}`;
      if (record.type === "cgroup") paths.set(key, record.text(48, record.u32(44)));
      else if (record.type !== "clock") expect(paths.has(key)).toBe(true);
    }
    expect(paths.get(`${group.hierarchy}:${group.cgroup}`)).toBe(
      `${basename(group.path)}/pod${uid}/besteffort/kubepods/`,
    );
  });
});

function argsOf(record: TestRecord): readonly string[] {
  return record.bytes
    .toString("utf8", execAt.args, execAt.args + record.u32(execAt.argsLen))
    .split("\0")
    .slice(0, -1);
}
