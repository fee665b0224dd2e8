import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { compileProbeFor } from "../../scripts/bpf/compile.ts";
import { type Probes, startProbes } from "../support/ebpf/probes.ts";
import { root, whyNoProbes } from "../support/ebpf/set-up.ts";

const why = whyNoProbes();
let probes: Probes | undefined;

afterEach(async () => {
  await probes?.stop();
  probes = undefined;
});

describe.skipIf(why !== undefined)(`probes in this kernel${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  test.each([
    ["socket", 0b11111],
    ["syscall", 0b11111],
  ] as const)("the verifier takes each, with HTTP's backend %s", async (backend, mask) => {
    probes = await startProbes({ backend });
    expect(probes.reports.map(({ probe, status, text }) => `${probe} ${status} ${text}`)).toEqual([
      "process attached ",
      "tcp attached ",
      "http attached ",
      "oom attached ",
      "signal attached ",
    ]);
    expect(probes.ready.probes).toBe(mask);
    expect(probes.reports.find(({ probe }) => probe === "http")?.backend).toBe(backend);
  });

  test("a kernel without the sockets' tracepoints gets the other backend", async () => {
    probes = await startProbes({ without: ["sock_length"] });
    expect(probes.reports.find(({ probe }) => probe === "http")).toMatchObject({
      status: "attached",
      backend: "syscall",
    });
  });

  test("where neither backend can be had, HTTP says so and the others run", async () => {
    probes = await startProbes({ without: ["sock_length", "sys_exit"] });
    const failed = probes.reports.filter(({ status }) => status === "failed");
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ probe: "http", reason: "noHook" });
    expect(failed[0]?.text).toBe(
      "Cannot attach probe http: the kernel must have its tracepoints, has not; a newer one has",
    );
    expect(probes.ready.probes).toBe(0b11011);
  });

  test("a kernel without BTF is said to lack it, and what to do", async () => {
    probes = await startProbes({ without: ["btf"] });
    expect(probes.ready.probes).toBe(0);
    expect(probes.reports.map(({ reason }) => reason)).toEqual(["noBtf", "noBtf", "noBtf", "noBtf", "noBtf"]);
    expect(probes.reports[0]?.text).toContain(
      "Cannot use the kernel's types: /sys/kernel/btf/vmlinux must be readable, is not",
    );
  });

  test("probes are switched while others run", async () => {
    probes = await startProbes({ probes: ["process"] });
    const { loader, reports } = probes;
    expect(probes.ready.probes).toBe(1);
    for (const [command, expected] of [
      ["probe http on", "http attached"],
      ["probe process off", "process off"],
      ["probe tcp on", "tcp attached"],
      ["probe http off", "http off"],
      ["probe process on", "process attached"],
    ] as const) {
      const before = reports.length;
      loader.command(`${command}\n`);
      await expect.poll(() => reports.length, { timeout: 20_000 }).toBe(before + 1);
      const last = reports.at(-1);
      expect(`${last?.probe} ${last?.status}`).toBe(expected);
    }
    expect(probes.complaints).toEqual([]);
  });

  test("a command that cannot be used is told, and the next one is taken", async () => {
    probes = await startProbes({ probes: ["process"] });
    const { loader, complaints } = probes;
    loader.command("nonsense\nport 99999 include\ncgroup 1\nset ring_bytes 4096\nport 80 exclude\nprobe oom on\n");
    await expect.poll(() => probes?.reports.at(-1)?.probe, { timeout: 20_000 }).toBe("oom");
    expect(complaints).toEqual([
      'Cannot use command "nonsense": must be a command',
      'Cannot use command "port 99999 include": must be a port',
      'Cannot use command "cgroup 1": must have more words',
      'Cannot use command "set ring_bytes 4096": must come before load',
    ]);
  });

  test("each compiles for arm64", () => {
    const folder = mkdtempSync(join(tmpdir(), "podstamp-arm64-"));
    try {
      for (const probe of ["process", "tcp", "http", "oom", "signal", "self"])
        compileProbeFor(root, probe, { architecture: "arm64", to: join(folder, `${probe}.o`) });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
