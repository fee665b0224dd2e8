import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLoader, type Loader } from "../../../src/ebpf/loader/loader.ts";
import { findLoader } from "../../../src/ebpf/loader/path.ts";
import type { ProbeName } from "../../../src/ebpf/loader/reports.ts";
import { type StandIn, writeStandIn } from "../../support/ebpf/stand-in.ts";
import { testHost } from "../../support/agent/host.ts";

let folder: string;
let loader: Loader | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "podstamp-loader-"));
});
afterEach(async () => {
  await loader?.stop(AbortSignal.timeout(5000));
  loader = undefined;
  rmSync(folder, { recursive: true });
});

/** A program that is no loader. */
function program(script: string): string {
  const path = join(folder, "program");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** One that speaks as ours does. */
function standIn(what: StandIn): string {
  const path = join(folder, "stand-in");
  writeStandIn(path, what);
  return path;
}

function start(path: string, backoffMs: (failures: number) => number, probes: readonly ProbeName[] = ["process"]) {
  const host = testHost("ebpf");
  loader = createLoader({
    path,
    settings: {
      probes,
      ringBytes: 65_536,
      connections: 64,
      argsMax: 0,
      requestMax: 64,
      responseMax: 64,
      signals: [9],
      backend: "auto",
    },
    filters: {},
    log: host.log,
    metrics: host.metrics,
    receiver: "ebpf",
    onRecord: () => undefined,
    onPause: () => undefined,
    onRestart: () => undefined,
    backoffMs,
  });
  loader.start();
  return { host, running: loader };
}

describe("podstamp beside a loader that does not work", () => {
  test("says how to get one that is not there, and looks again later", async () => {
    const path = join(folder, "none");
    const { host, running } = start(path, () => 60_000);
    expect(running.state()).toEqual({
      status: "waiting",
      why: `Cannot use loader: must be an executable file, is "${path}"`,
    });
    expect(host.logged).toHaveLength(1);
  });

  test("names the build where none is set", () => {
    const found = findLoader("");
    expect("path" in found ? found.path : found.why).toMatch(/podstamp-probes$|npm run build:bpf/);
  });

  test.each([
    ["ends at once", "echo no >&2; exit 3", "died", "ended with status 3; it said: no"],
    ["writes something else", "echo this is no record of any probe", "malformed", "Cannot read the loader's records"],
    [
      "has the form of a record and is none of ours",
      `printf '\\210\\000\\000\\000\\001\\000\\000\\000'; head -c 128 /dev/zero; sleep 60`,
      "refused",
      "must be podstamp-probes, is something else",
    ],
  ])("counts one that %s, says so once and tries again after ever longer pauses", async (_, script, reason, text) => {
    const asked: number[] = [];
    const { host } = start(program(script), (deaths) => {
      asked.push(deaths);
      return 1;
    });
    await vi.waitFor(
      () => expect(host.metric("podstamp_ebpf_loader_exits", { receiver: "ebpf", reason })).toBeGreaterThan(2),
      { timeout: 10_000 },
    );
    expect(asked.slice(0, 3)).toEqual([1, 2, 3]);
    const errors = host.logged.filter(({ level }) => level === "error");
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain(text);
  });

  test("ends one that says nothing for forty seconds, once it has loaded", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const { host, running } = start(standIn({}), () => 1);
      const pass = (seconds: number) => void vi.advanceTimersByTime(seconds * 1000);
      const exits = () => host.metric("podstamp_ebpf_loader_exits", { receiver: "ebpf", reason: "silent" });
      // While it loads it may take its time.
      pass(60);
      await vi.waitFor(() => expect(running.state().status).toBe("running"), { timeout: 10_000 });
      pass(30);
      expect(running.state().status).toBe("running");
      pass(10);
      expect(exits()).toBe(1);
      await vi.waitFor(() => expect(running.state().status).toBe("running"), { timeout: 10_000 });
    } finally {
      vi.useRealTimers();
    }
  });

  test("stops while it waits", async () => {
    const { running } = start(program("exit 1"), () => 3_600_000);
    await vi.waitFor(() => expect(running.state().status).toBe("waiting"));
    await running.stop(AbortSignal.timeout(1000));
    expect(running.state()).toEqual({ status: "stopped" });
    await running.stop(AbortSignal.timeout(1000));
  });
});

describe("probes that cannot be attached", () => {
  const statusOf = (running: Loader) => [...running.probes().values()].map(({ probe, status }) => `${probe} ${status}`);
  const failuresOf = (host: ReturnType<typeof testHost>, probe: string, reason: string) =>
    host.metric("podstamp_ebpf_probe_failures", { receiver: "ebpf", probe, reason });

  test("are asked for again after ever longer pauses while the others run, where the reason may pass", async () => {
    const until = join(folder, "memory");
    const asked: number[] = [];
    const { host, running } = start(
      standIn({ fails: { probes: ["http"], reason: "noMemory", until } }),
      (failures) => {
        asked.push(failures);
        return 1;
      },
      ["process", "http"],
    );
    await vi.waitFor(() => expect(failuresOf(host, "http", "noMemory")).toBeGreaterThan(2), { timeout: 10_000 });
    expect(asked.slice(0, 3)).toEqual([1, 2, 3]);
    writeFileSync(until, "");
    await vi.waitFor(() => expect(statusOf(running)).toEqual(["process attached", "http attached"]));
    expect(host.metric("podstamp_ebpf_loader_exits", { receiver: "ebpf", reason: "died" })).toBe(0);
    const told = host.logged.filter(({ level }) => level !== "debug").map(({ message }) => message);
    expect(told).toEqual(["Cannot load probe http: noMemory", "eBPF probes attached", "eBPF probe attached after all"]);
  });

  test("all of them: another loader is started to ask anew, which finds what has been mended", async () => {
    const until = join(folder, "capabilities");
    const fails = { probes: ["process", "http"] as const, reason: "noCapability" as const, until };
    const { host, running } = start(standIn({ fails }), () => 1, ["process", "http"]);
    await vi.waitFor(() => expect(failuresOf(host, "http", "noCapability")).toBeGreaterThan(2), { timeout: 10_000 });
    expect(running.state()).not.toMatchObject({ status: "running" });
    writeFileSync(until, "");
    await vi.waitFor(() => expect(running.state().status).toBe("running"), { timeout: 10_000 });
    expect(statusOf(running)).toEqual(["process attached", "http attached"]);
    expect(host.metric("podstamp_ebpf_loader_exits", { receiver: "ebpf", reason: "died" })).toBe(0);
    const errors = host.logged.filter(({ level }) => level === "error").map(({ message }) => message);
    expect(errors).toEqual(["Cannot load probe process: noCapability", "Cannot load probe http: noCapability"]);
  });

  test("stops while one is to be asked for again", async () => {
    const fails = { probes: ["http"] as const, reason: "other" as const, until: join(folder, "none") };
    const { running } = start(standIn({ fails }), () => 3_600_000, ["process", "http"]);
    await vi.waitFor(() => expect(running.state().status).toBe("running"), { timeout: 10_000 });
    await running.stop(AbortSignal.timeout(5000));
    expect(running.state()).toEqual({ status: "stopped" });
  });
});
