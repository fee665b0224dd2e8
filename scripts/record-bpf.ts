// Records what the probes say of test/support/ebpf/http-cases.py and of a few processes into test/fixtures/ebpf, so that tests
// without root read what a kernel wrote. As root, on Debian. Each file is the loader's output, without what others on the
// machine did; beside http-*.bin is what spans it must give.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { limitMemory, makeGroup, type Group } from "../test/support/ebpf/groups.ts";
import { runIn, spawnIn } from "../test/support/ebpf/in-group.ts";
import { startProbes, type Probes } from "../test/support/ebpf/probes.ts";
import { root, setUpProbes } from "../test/support/ebpf/set-up.ts";

const fixtures = join(root, "test/fixtures/ebpf");
const pod = "kubepods/burstable/pod3f1c9a52-7e64-4b0d-9c8a-5d2b61e0f7aa";
const [serverId, clientId, crashId] = ["a1", "b2", "c3"].map((byte) => byte.repeat(32));

const why = setUpProbes((line) => console.log(line));
if (why !== undefined) throw new Error(`Cannot record: ${why}`);

const groups = {
  server: makeGroup(`${pod}/${serverId}`),
  client: makeGroup(`${pod}/${clientId}`),
  crash: makeGroup(`${pod}/${crashId}`),
};
try {
  await recordHttp("socket");
  await recordHttp("syscall");
  await recordProcesses();
} finally {
  for (const group of Object.values(groups)) await group.remove();
}

async function recordHttp(backend: "socket" | "syscall"): Promise<void> {
  const script = join(root, "test/support/ebpf/http-cases.py");
  const cases = spawnIn(
    groups.client,
    ["/usr/bin/python3", "-B", script, groups.server.folder, groups.client.folder],
    ["pipe", "pipe", "inherit"],
  );
  const { stdout, stdin } = cases;
  if (stdout === null || stdin === null) throw new Error("Cannot record: the cases must have pipes");
  const lines = createInterface({ input: stdout });
  const expected: unknown[] = [];
  const ready = once(lines, "line");
  await ready;
  lines.on("line", (line) => expected.push(JSON.parse(line)));
  const probes = await startProbes({ probes: ["http", "tcp"], backend, groups: Object.values(groups) });
  stdin.write("go\n");
  await once(cases, "close");
  await sleep(300);
  save(`http-${backend}.bin`, probes, await finish(probes));
  writeFileSync(join(fixtures, `http-${backend}.json`), `${JSON.stringify(expected, undefined, 2)}\n`);
}

async function recordProcesses(): Promise<void> {
  const probes = await startProbes({ groups: Object.values(groups) });
  const python = (code: string) => ["/usr/bin/python3", "-S", "-c", code];
  await runIn(groups.server, ["/bin/sh", "-c", "exit 3"]);
  await runIn(groups.server, ["/bin/sh", "-c", "kill -TERM $$"]);
  await runIn(groups.server, ["/bin/sh", "-c", "kill -SEGV $$"]);
  await runIn(groups.client, python("import socket; s=socket.socket(); s.connect_ex(('127.0.0.1', 1))"));
  limitMemory(groups.crash, 32 << 20);
  await runIn(groups.crash, python("x = bytearray(256 << 20)"));
  await sleep(300);
  save("processes.bin", probes, await finish(probes));
}

async function finish(probes: Probes): Promise<string> {
  const { text } = await probes.stop();
  return text;
}

/** One clock is enough; records of others are those of signals that one of ours sent or got. */
function save(name: string, probes: Probes, how: string): void {
  const ours = new Set(Object.values(groups).map((group: Group) => group.cgroup));
  const [clock] = probes.records.filter(({ type }) => type === "clock");
  const kept = probes.records.filter((record) => record.type !== "clock" && ours.has(record.cgroup));
  const bytes = Buffer.concat([clock, ...kept].flatMap((record) => (record === undefined ? [] : [record.bytes])));
  writeFileSync(join(fixtures, name), bytes);
  console.log(`${name}: ${kept.length} of ${probes.records.length} records, ${bytes.length} bytes (${how})`);
}
