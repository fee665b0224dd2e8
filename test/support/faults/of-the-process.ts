import { spawnSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startCriServer } from "../cri/server.ts";
import { eventually } from "../eventually.ts";
import { createWorkspace, wipe } from "../machine/workspace.ts";
import { templateOf } from "./ledger.ts";
import { scenario } from "./stage.ts";
import type { Scenario, Stage } from "./stage.ts";
import { createSubject } from "./subject.ts";

const big = templateOf({ spans: 4, bytes: 16_000 });

/** Files of a queue as they are at this moment, in a folder of their own. */
function copyQueue(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from).filter((one) => /\.db(-wal)?$/.test(one)))
    copyFileSync(join(from, name), join(to, name));
}

async function killAtRandom({ backend, subject, scale, load, settle }: Stage): Promise<void> {
  await subject.start();
  await backend.up();
  const sending = load({ requestsPerSecond: 300, maxInFlight: 40 });
  for (let i = 0; i < 6 * scale; i++) {
    // Now and then there is a backlog, so that it dies while it reads the disk too.
    if (i % 3 === 1) backend.down();
    await sleep(100 + Math.random() * 400);
    await subject.end("SIGKILL");
    if (i % 3 === 1) await backend.up();
    await subject.start();
  }
  await sending.stop();
  await settle();
}

/** What a power cut may leave of a queue: all that was told to be on the disk, and anything of what was not. */
async function cutPower({ backend, subject, ledger, scale, load, pass, settle, later }: Stage): Promise<void> {
  await subject.start();
  const sending = load();
  const folder = createWorkspace();
  later(() => wipe(folder));
  await pass(500);
  for (let i = 0; i < 2 * scale; i++) {
    await sleep(100 + Math.random() * 200);
    subject.signal("SIGSTOP");
    // What has been acknowledged up to here is on the disk, and what is behind its log now perhaps is not.
    await sleep(50);
    const told = ledger.acknowledged().size;
    copyQueue(subject.folder, join(folder, `queue-${i}`));
    subject.signal("SIGCONT");
    await sleep(100);
    spoilTail(join(folder, `queue-${i}`), i);
    if (ledger.acknowledged().size < told) throw new Error("The books shrank");
  }
  await sending.stop();
  await subject.end("SIGKILL");
  // Each of the copies, and what the process itself left, is a disk that somebody finds after the cut.
  await backend.up();
  for (const queue of readdirSync(folder).filter((name) => name.startsWith("queue-"))) {
    const other = await createSubject({ backend: backend.address }, { stored: join(folder, queue) });
    later(() => other.clean());
    await other.start();
    await sleep(300);
    await other.end("SIGTERM");
  }
  await subject.start();
  await settle();
}

/** Adds what a disk may have of writes that were under way: a part of them, or noise. */
function spoilTail(folder: string, how: number): void {
  for (const name of readdirSync(folder).filter((one) => one.endsWith("-wal"))) {
    const log = join(folder, name);
    if (how % 2 === 0) appendFileSync(log, Buffer.alloc(1 + Math.floor(Math.random() * 20_000), 0xa5));
    else {
      const whole = readFileSync(log);
      appendFileSync(log, whole.subarray(whole.length - Math.min(whole.length, 10_000)));
    }
  }
}

/** Whether a small file system can be mounted. */
function cannotMount(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "a small file system can be mounted by root only";
  const folder = createWorkspace();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status === 0;
  if (mounted) spawnSync("umount", [folder]);
  void wipe(folder);
  return mounted ? undefined : "no file system can be mounted here";
}

/** What can happen to the process and its disk. */
export const ofTheProcess: readonly Scenario[] = [
  scenario({ name: "killed at random moments", act: killAtRandom }),
  scenario({ name: "power cut", act: cutPower }),
  scenario({
    name: "disk full",
    cannot: cannotMount,
    async act({ backend, subject, load, pass, settle, later }) {
      spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", subject.folder]);
      later(() => void spawnSync("umount", ["-l", subject.folder]));
      await subject.start();
      const sending = load({ template: big, requestsPerSecond: 200 });
      await pass(1000);
      await eventually(() => sending.refusals.size > 0, { what: "a full disk", timeoutMs: 30_000 });
      await subject.end("SIGKILL");
      await subject.start();
      await pass(300);
      await backend.up();
      await pass(1000);
      await sending.stop();
      await settle();
    },
  }),
  scenario({
    name: "header of the queue's file overwritten",
    async act({ backend, subject, load, pass, settle }) {
      await subject.start();
      const sending = load({ template: big });
      await pass(1000);
      await sending.stop();
      await subject.end("SIGTERM");
      for (const name of readdirSync(subject.folder).filter((one) => one.endsWith(".db"))) {
        const bytes = readFileSync(join(subject.folder, name));
        writeFileSync(join(subject.folder, name), bytes.fill(0, 0, 200));
      }
      await backend.up();
      await subject.start();
      await settle();
    },
  }),
  scenario({
    name: "the clock jumps",
    async act({ backend, subject, load, pass, settle }) {
      const jumping = `data:text/javascript,${encodeURIComponent(
        "const now = Date.now; let at = 0; setInterval(() => { at = (Math.random() - 0.5) * 2e9; }, 50).unref(); Date.now = () => Math.round(now() + at);",
      )}`;
      await subject.start({ NODE_OPTIONS: `--import=${jumping}` });
      const sending = load();
      await pass(1000);
      await backend.up();
      await pass(500);
      await sending.stop();
      await settle();
    },
  }),
  scenario({
    name: "container runtime frozen",
    async act({ backend, subject, load, pass, settle, later }) {
      const runtime = await startCriServer({ pods: [] });
      later(() => runtime.close());
      subject.configure({
        backend: backend.address,
        processors: {
          cri_attributes: `{runtimes: [{type: cri, endpoint: "${runtime.endpoint}"}], wait: 300ms}`,
          batch: "{}",
        },
      });
      await backend.up();
      await subject.start();
      const sending = load();
      await pass(300);
      runtime.freeze();
      await pass(1000);
      runtime.thaw();
      await pass(300);
      await sending.stop();
      await settle();
    },
  }),
  scenario({
    name: "100 MiB/s into a queue of 64 MiB",
    async act({ backend, subject, load, pass, settle }) {
      subject.configure({ backend: backend.address, storage: "{max_size_mib: 64, fsync: 1s}" });
      await subject.start();
      const sending = load({
        template: templateOf({ spans: 4, bytes: 65_536 }),
        requestsPerSecond: 400,
        connections: 4,
      });
      await pass(1000);
      await eventually(() => sending.refusals.size > 0, { what: "a full queue", timeoutMs: 30_000 });
      await backend.up();
      await sending.stop();
      await settle();
    },
  }),
  scenario({
    name: "SIGTERM under load, queue on disk",
    async act({ backend, subject, scale, load, pass, settle }) {
      await backend.up();
      await subject.start();
      const sending = load({ requestsPerSecond: 300, maxInFlight: 40 });
      for (let i = 0; i < 2 * scale; i++) {
        await sleep(400);
        await subject.end("SIGTERM");
        await subject.start();
      }
      await pass(200);
      await sending.stop();
      await settle();
    },
  }),
  scenario({
    name: "SIGTERM under load, queue in memory",
    wish: () => ({ queue: "{queue_size: 100000}" }),
    async act({ backend, subject, load, pass, settle }) {
      backend.be(() => sleep(20, undefined));
      await backend.up();
      await subject.start();
      const sending = load({ requestsPerSecond: 300 });
      await pass(800);
      await subject.end("SIGTERM");
      await sending.stop();
      await settle(1000);
    },
  }),
  scenario({
    name: "SIGHUP under load, queue on disk",
    act: (stage) => reloads(stage, "{storage: file_storage, queue_size: 100000}"),
  }),
  scenario({ name: "SIGHUP under load, queue in memory", act: (stage) => reloads(stage, "{queue_size: 100000}") }),
];

/** Reloads with other exporters, other processors, a dead address and a broken file, while data comes. */
async function reloads({ backend, subject, scale, load, settle }: Stage, queue: string): Promise<void> {
  const dead = "127.0.0.4:1";
  const wishes = [
    { backend: dead, queue },
    { backend: backend.address, queue, processors: { batch: "{}" } },
    { backend: backend.address, queue, exporter: "{compression: none}" },
  ];
  subject.configure({ backend: backend.address, queue });
  await backend.up();
  await subject.start();
  const sending = load({ requestsPerSecond: 300 });
  for (let i = 0; i < 6 * scale; i++) {
    const wish = wishes[i % wishes.length];
    await sleep(150);
    if (wish !== undefined) subject.configure(i % 6 === 4 ? { ...wish, queue: "{nonsense: 1}" } : wish);
    subject.signal("SIGHUP");
    await sleep(250);
  }
  subject.configure({ backend: backend.address, queue });
  subject.signal("SIGHUP");
  await sleep(300);
  const refused = [...sending.refusals].map(([said, count]) => `${count} x ${said}`);
  await sending.stop();
  if (refused.length > 0) throw new Error(`A reload was felt by senders: ${refused.join("; ")}`);
  await settle();
}
