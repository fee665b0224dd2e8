import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLoader, type Loader } from "../../src/ebpf/loader.ts";
import { findLoader } from "../../src/ebpf/loader-path.ts";
import { testHost } from "../support/host.ts";

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

function start(path: string, backoffMs: (deaths: number) => number) {
  const host = testHost("ebpf");
  loader = createLoader({
    path,
    settings: {
      probes: ["process"],
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

  test("stops while it waits", async () => {
    const { running } = start(program("exit 1"), () => 3_600_000);
    await vi.waitFor(() => expect(running.state().status).toBe("waiting"));
    await running.stop(AbortSignal.timeout(1000));
    expect(running.state()).toEqual({ status: "stopped" });
    await running.stop(AbortSignal.timeout(1000));
  });
});
