import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { linkLoader } from "../../scripts/bpf/compile.ts";
import { headerAt, layoutHash, recordType } from "../../src/ebpf/abi.ts";
import { createFraming } from "../../src/ebpf/loader/framing.ts";
import { readReady } from "../../src/ebpf/loader/reports.ts";
import { createLoader, type Loader } from "../../src/ebpf/loader/loader.ts";
import { type Exit, startLoader } from "../../src/ebpf/loader/process.ts";
import { eventually } from "../support/eventually.ts";
import { type Probes, standard, startProbes } from "../support/ebpf/probes.ts";
import { loaderPath, root, whyNoProbes } from "../support/ebpf/set-up.ts";
import { testHost, type TestHost } from "../support/agent/host.ts";
import { systemPath } from "../support/machine/machine.ts";

const why = whyNoProbes();
let probes: Probes | undefined;
let loader: Loader | undefined;

afterEach(async () => {
  await probes?.stop();
  await loader?.stop(AbortSignal.timeout(5000));
  probes = undefined;
  loader = undefined;
});

describe.skipIf(why !== undefined)(`the loader${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  test("has two capabilities, no way to more, a filter of system calls and no user of its own", async () => {
    probes = await startProbes();
    const status = statusOf(probes.loader.pid ?? -1);
    const bpfAndPerfmon = "000000c000000000";
    const none = "0000000000000000";
    expect(status).toMatchObject({
      CapEff: bpfAndPerfmon,
      CapPrm: bpfAndPerfmon,
      CapInh: none,
      CapBnd: none,
      CapAmb: none,
      NoNewPrivs: "1",
      Seccomp: "2",
      Uid: "65534\t65534\t65534\t65534",
      Gid: "65534\t65534\t65534\t65534",
    });
  });

  test("knows who it is and who its parent is", async () => {
    probes = await startProbes();
    expect(probes.ready).toMatchObject({ loaderPid: probes.loader.pid, parentPid: process.pid });
  });

  test("dies when its parent is killed, even while something else holds its pipes", async () => {
    const code = `
      const { spawn } = require("node:child_process");
      const child = spawn(process.argv[1], [], { stdio: ["inherit", "inherit", "inherit"] });
      console.error(child.pid);
      setInterval(() => {}, 1000);
    `;
    const parent = spawn(process.execPath, ["-e", code, loaderPath], { stdio: ["pipe", "pipe", "pipe"] });
    const [line] = (await once(parent.stderr, "data")) as [Buffer];
    const pid = Number(line.toString());
    // Its greeting: it has set up all that it does for its death.
    await once(parent.stdout, "data");
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await eventually(() => !isAlive(pid), { what: "the end of the loader" });
    parent.stdin.destroy();
  });

  test("ends by itself with its stdin, and what it had has come", async () => {
    probes = await startProbes({ probes: ["process"] });
    const exit = await probes.stop();
    expect(exit).toMatchObject({ reason: "died", text: `The loader ${loaderPath} ended with status 0` });
    expect(probes.totals()?.written).toBe(probes.records.filter(({ type }) => type !== "clock").length);
    probes = undefined;
  });

  test("without the capabilities says which are missing", async () => {
    const child = spawn("setpriv", ["--bounding-set", "-all", "--inh-caps", "-all", loaderPath], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
    child.stdin.end("probe process on\nload\nstart\n");
    await once(child, "close");
    expect(said).toContain(
      "Cannot load probes: the loader must have CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN), lacks CAP_BPF and CAP_PERFMON.",
    );
  });

  test("works for an ordinary user when its file has the capabilities", async () => {
    const folder = mkdtempSync(join(tmpdir(), "podstamp-file-capabilities-"));
    const path = join(folder, "podstamp-probes");
    copyFileSync(loaderPath, path);
    for (const file of [folder, path]) chmodSync(file, 0o755);
    expect(spawnSync("setcap", ["cap_bpf,cap_perfmon+ep", path], { env: { PATH: systemPath } }).status).toBe(0);
    const child = spawn("setpriv", ["--reuid=1234", "--regid=1234", "--clear-groups", path], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const mask = new Promise<number>((resolve) => {
      const framing = createFraming((bytes, at) => {
        if (bytes.readUInt16LE(at + headerAt.type) === recordType.ready) resolve(readReady(bytes, at).probes);
      });
      child.stdout.on("data", (chunk: Buffer) => framing.push(chunk));
    });
    child.stdin.write("probe process on\nprobe tcp on\nprobe http on\nprobe oom on\nprobe signal on\nload\nstart\n");
    expect(await mask).toBe(0b11111);
    expect(statusOf(child.pid ?? -1)).toMatchObject({ Uid: "1234\t1234\t1234\t1234", NoNewPrivs: "1", Seccomp: "2" });
    child.stdin.end();
    await once(child, "close");
    rmSync(folder, { recursive: true });
  });

  test("without the capabilities is started again until its file has them, and then needs no restart of podstamp", async () => {
    const folder = mkdtempSync(join(tmpdir(), "podstamp-late-capabilities-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [path, copy] = [join(folder, "loader"), join(folder, "podstamp-probes")];
    copyFileSync(loaderPath, copy);
    writeFileSync(path, `#!/bin/sh\nexec setpriv --reuid=1234 --regid=1234 --clear-groups ${copy}\n`);
    for (const file of [folder, path, copy]) chmodSync(file, 0o755);
    const host = testHost("ebpf");
    const running = loaderAt(path, host);
    loader = running;
    running.start();
    const labels = { receiver: "ebpf", probe: "process", reason: "noCapability" };
    const hasFailed = () => host.metric("podstamp_ebpf_probe_failures", labels) > 1;
    await eventually(hasFailed, { what: "the second failure", timeoutMs: 20_000 });
    expect(running.state()).not.toMatchObject({ status: "running" });
    expect(spawnSync("setcap", ["cap_bpf,cap_perfmon+ep", copy], { env: { PATH: systemPath } }).status).toBe(0);
    await eventually(() => running.state().status === "running", { what: "the probes", timeoutMs: 20_000 });
    const errors = host.logged.filter(({ level }) => level === "error").map(({ message }) => message);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(new RegExp(`setcap cap_bpf,cap_perfmon\\+ep ${copy}$`));
  });

  test("in a container that hides the kernel's types says so", async () => {
    const hide = 'mount -t tmpfs none /sys/kernel/btf && exec "$0"';
    const child = spawn("unshare", ["-m", "/bin/sh", "-c", hide, loaderPath], { stdio: ["pipe", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
    child.stdin.end("probe process on\nload\nstart\n");
    await once(child, "close");
    expect(said).toContain("/sys/kernel/btf/vmlinux must be readable, is not (No such file or directory)");
  });

  test("of another layout is refused before it is told anything", async () => {
    const folder = mkdtempSync(join(tmpdir(), "podstamp-other-"));
    const path = join(folder, "podstamp-probes");
    linkLoader(root, (layoutHash ^ 1) >>> 0, path);
    const exit = await new Promise<Exit>((resolve) => {
      startLoader({
        path,
        commands: "load\nstart\n",
        onRecord: () => undefined,
        onPause: () => undefined,
        onProbe: () => undefined,
        onReady: () => undefined,
        onTotals: () => undefined,
        onComplaint: () => undefined,
        onExit: resolve,
      });
    });
    rmSync(folder, { recursive: true });
    expect(exit.reason).toBe("refused");
    expect(exit.text).toContain("must have the layout of records");
    expect(exit.text).toContain("npm run build:bpf");
  });

  test("tells the time each ten seconds while nothing else happens", async () => {
    const { records } = (probes = await startProbes({ probes: ["oom"] }));
    const times = () => records.filter(({ type }) => type === "clock").length;
    const first = times();
    await eventually(() => times() >= first + 1, { what: "the time", timeoutMs: 12_000 });
  });

  test("that was stopped by a signal is found out, ended and started again", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const host = testHost("ebpf");
    const running = loaderAt("", host);
    loader = running;
    running.start();
    const pidOf = () => pidOfRunning(running);
    const first = await eventually(pidOf, { what: "the loader", timeoutMs: 20_000 });
    process.kill(first, "SIGSTOP");
    vi.advanceTimersByTime(30_000);
    expect(pidOf()).toBe(first);
    vi.advanceTimersByTime(10_000);
    const other = () => (pidOf() === first ? undefined : pidOf());
    await eventually(other, { what: "the next one", timeoutMs: 20_000 });
    expect(isAlive(first)).toBe(false);
    expect(host.metric("podstamp_ebpf_loader_exits", { receiver: "ebpf", reason: "silent" })).toBe(1);
  });

  test("that was killed is reported, counted and started again", async () => {
    const host = testHost("ebpf");
    let restarts = 0;
    const running = loaderAt("", host, () => (restarts += 1));
    loader = running;
    running.start();
    const pidOf = () => pidOfRunning(running);
    const first = await eventually(pidOf, { what: "the loader", timeoutMs: 20_000 });
    process.kill(first, "SIGKILL");
    const other = () => (pidOf() === first ? undefined : pidOf());
    const second = await eventually(other, { what: "the next one", timeoutMs: 20_000 });
    expect(second).not.toBe(first);
    expect(restarts).toBe(2);
    expect(host.metric("podstamp_ebpf_loader_exits", { receiver: "ebpf", reason: "died" })).toBe(1);
    expect(host.logged.filter(({ level }) => level === "error").map(({ message }) => message)).toEqual([
      `The loader ${loaderPath} ended by SIGKILL`,
    ]);
    expect([...running.probes().values()].map(({ probe, status }) => `${probe} ${status}`)).toEqual([
      "process attached",
    ]);
    await running.stop(AbortSignal.timeout(5000));
    expect(isAlive(second)).toBe(false);
  });
});

function loaderAt(path: string, host: TestHost, onRestart: () => void = () => undefined): Loader {
  return createLoader({
    path,
    settings: { ...standard, probes: ["process"] },
    filters: {},
    log: host.log,
    metrics: host.metrics,
    receiver: "ebpf",
    onRecord: () => undefined,
    onPause: () => undefined,
    onRestart,
    backoffMs: (failures) => failures * 10,
  });
}

/** The process of a loader that runs. */
function pidOfRunning(one: Loader): number | undefined {
  const state = one.state();
  return state.status === "running" ? state.pid : undefined;
}

function statusOf(pid: number): Readonly<Record<string, string>> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(":\t", 2) as [string, string]));
}

function isAlive(pid: number): boolean {
  try {
    return statusOf(pid)["State"]?.startsWith("Z") === false;
  } catch {
    return false;
  }
}
