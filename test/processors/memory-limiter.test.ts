import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Batch } from "../../src/pipeline/contract.ts";
import { bytesInFlight, totalMemory } from "../../src/net/total-memory.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import { createGate } from "../../src/pipeline/gate.ts";
import type { Gate } from "../../src/pipeline/gate.ts";
import { memoryLimiterProcessor } from "../../src/processors/memory-limiter.ts";
import { collector } from "../../src/processors/memory-limiter/collect.ts";
import { limitsOf } from "../../src/processors/memory-limiter/limits.ts";
import { anonymousMemory } from "../../src/processors/memory-limiter/anonymous-memory.ts";
import { createWatch, pagesPerByte } from "../../src/processors/memory-limiter/watch.ts";
import { testHost } from "../support/agent/host.ts";
import { givenNext, settled, sharingHost } from "./given-next.ts";

const mebibyte = 1024 * 1024;
const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

type Given = {
  /** Buffers in use, in MiB, and how many of them the next collection of the whole heap frees. */
  hold(mib: number, garbageMib?: number): void;
  collections(): number;
  readonly watch: ReturnType<typeof createWatch>;
  readonly host: ReturnType<typeof testHost>;
  readonly gate: Gate;
};

/** A watch with 20 MiB of program and 10 of heap, a soft limit of 80 and a hard one of 100. */
async function given(pace = { minMs: 1000, maxMs: 5000 }): Promise<Given> {
  const host = testHost("memory_limiter");
  const gate = createGate();
  let held = 0;
  let garbage = 0;
  let collections = 0;
  const watch = createWatch({
    checkMs: 1000,
    limits: () => ({ hard: 100 * mebibyte, soft: 80 * mebibyte }),
    soft: pace,
    hard: { minMs: 0, maxMs: 5000 },
    memory: () => ({
      rss: 500 * mebibyte,
      heapUsed: 10 * mebibyte,
      heapTotal: 10 * mebibyte,
      // What they hold, less what malloc takes beside.
      external: ((held + garbage) * mebibyte) / pagesPerByte,
    }),
    anonymous: () => 30 * mebibyte,
    log: host.log,
    gate,
    collect: (which) => {
      if (which !== "all") return;
      collections++;
      garbage = 0;
    },
  });
  await watch.start();
  collections = 0;
  onTestFinished(() => watch.stop(never));
  const hold = (mib: number, garbageMib = 0) => {
    held = mib;
    garbage = garbageMib;
  };
  return { hold, collections: () => collections, watch, host, gate };
}

describe("when data is refused", () => {
  test("from the soft limit on, at the next measurement, and no more when memory is back", async () => {
    const { hold, watch } = await given();
    hold(51);
    expect(watch.refuses(1)).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(watch.refuses(1)).toBe(true);
    hold(49);
    vi.advanceTimersByTime(1000);
    expect(watch.refuses(1)).toBe(false);
  });

  test("before the next measurement when much comes in at once", async () => {
    const { hold, watch } = await given();
    hold(51);
    const taken = Array.from({ length: 100 }, () => watch.refuses(mebibyte / 4)).filter((refuses) => !refuses);
    // An eighth of the spike of 20 MiB.
    expect(taken.length * 0.25).toBe(2.25);
  });

  test("from halfway between the limits on the gate of the receivers is closed, and open again below that and behind the stop", async () => {
    const { hold, watch, gate } = await given();
    const after = (mib: number) => {
      hold(mib);
      vi.advanceTimersByTime(1000);
      return gate.isClosed;
    };
    expect([10, 55, 62, 75, 55, 75].map(after)).toEqual([false, false, true, true, false, true]);
    await watch.stop(never);
    expect(gate.isClosed).toBe(false);
  });

  test("garbage does not count: it is collected before anybody is refused", async () => {
    const { hold, watch, collections } = await given();
    hold(10, 60);
    vi.advanceTimersByTime(1000);
    expect(watch.refuses(1)).toBe(false);
    expect(collections()).toBe(1);
  });

  test("what malloc keeps does not count: the resident size alone refuses nothing", async () => {
    const { hold, watch } = await given();
    hold(0);
    vi.advanceTimersByTime(60_000);
    expect(watch.refuses(mebibyte)).toBe(false);
  });

  test("collections that free nothing become rarer, up to the limit", async () => {
    const { hold, collections } = await given();
    hold(55);
    vi.advanceTimersByTime(60_000);
    expect(collections()).toBeGreaterThanOrEqual(10);
    expect(collections()).toBeLessThanOrEqual(16);
  });

  test("it is said once, and once more at the hard limit, and when it is over", async () => {
    const { hold, watch, host } = await given();
    for (const mib of [55, 75, 55, 75, 10]) {
      hold(mib);
      vi.advanceTimersByTime(1000);
    }
    expect(host.logged.slice(1).map(({ level, message }) => `${level} ${message}`)).toEqual([
      "warn Memory usage is above soft limit. Refusing data.",
      "warn Memory usage is above hard limit. Refusing data.",
      "info Memory usage back within limits. Resuming normal operation.",
    ]);
    expect(host.logged[1]?.fields).toEqual({ cur_mem_mib: 85, rss_mib: 500 });
    expect(watch.refuses(1)).toBe(false);
  });

  test("limits below what the program takes at rest are told at the start, not by refusing all", async () => {
    const watch = createWatch({
      checkMs: 1000,
      limits: () => ({ hard: 40 * mebibyte, soft: 30 * mebibyte }),
      soft: { minMs: 0, maxMs: 0 },
      hard: { minMs: 0, maxMs: 0 },
      memory: () => ({ rss: 60 * mebibyte, heapUsed: 15 * mebibyte, heapTotal: 20 * mebibyte, external: mebibyte }),
      anonymous: () => undefined,
      log: testHost("").log,
      collect: () => {},
    });
    await expect(watch.start()).rejects.toThrow(
      "Cannot use the memory limits: limit less spike_limit must be above the 55 MiB that podstamp takes at rest, is 30 MiB",
    );
  });
});

const batch = (signal: Batch["signal"], items: number): Batch => ({ signal, items, bytes: new Uint8Array(100) });

describe("the processor", () => {
  test("counts what malloc takes beside buffers: a quarter of what they hold", async () => {
    const host = sharingHost("memory_limiter");
    const config = memoryLimiterProcessor.schema.parse({
      check_interval: "1s",
      limit_mib: 10_000,
      spike_limit_mib: 2000,
    });
    let external = 0;
    const memory = () => ({ rss: 0, heapUsed: 0, heapTotal: 0, external });
    const processor = memoryLimiterProcessor.create(config, { ...host, memory }, givenNext());
    const [watch] = host.shared.values();
    await watch?.start();
    onTestFinished(() => watch?.stop(never));
    external = 6300 * mebibyte;
    vi.advanceTimersByTime(1000);
    expect(await processor.consume(batch("traces", 1), never)).toBe(accepted);
    external = 6500 * mebibyte;
    vi.advanceTimersByTime(1000);
    expect(await processor.consume(batch("traces", 1), never)).toMatchObject({ status: "retry" });
  });

  test("refuses with a delivery that can be sent again, in the Collector's words, and counts", async () => {
    const host = sharingHost("memory_limiter");
    const next = givenNext();
    const config = memoryLimiterProcessor.schema.parse({ check_interval: "1s", limit_mib: 10_000 });
    let external = 0;
    const memory = () => ({ rss: 0, heapUsed: 0, heapTotal: 0, external });
    const processor = memoryLimiterProcessor.create(config, { ...host, memory }, next);
    const [watch] = host.shared.values();
    await watch?.start();
    onTestFinished(() => watch?.stop(never));
    expect(await processor.consume(batch("traces", 3), never)).toBe(accepted);
    external = 20_000 * mebibyte;
    vi.advanceTimersByTime(1000);
    const delivery = await processor.consume(batch("logs", 5), never);
    expect(delivery).toMatchObject({ status: "retry", cause: { message: "data refused due to high memory usage" } });
    expect(next.taken).toHaveLength(1);
    const labels = { processor: "memory_limiter" };
    expect(host.metric("otelcol_processor_memory_limiter_accepted_spans", labels)).toBe(3);
    expect(host.metric("otelcol_processor_memory_limiter_refused_log_records", labels)).toBe(5);
    expect(host.metric("otelcol_processor_memory_limiter_refused_spans", labels)).toBe(0);
  });

  test("two pipelines with the same id have one watch", () => {
    const host = sharingHost("memory_limiter");
    const config = memoryLimiterProcessor.schema.parse({ check_interval: "1s", limit_mib: 100 });
    memoryLimiterProcessor.create(config, host, givenNext());
    memoryLimiterProcessor.create(config, host, givenNext());
    expect(host.shared.size).toBe(1);
  });
});

describe("limits", () => {
  const written = { limit_mib: 0, spike_limit_mib: 0, limit_percentage: 0, spike_limit_percentage: 0 };

  test.each([
    [{ limit_mib: 100 }, { hard: 100, soft: 80 }],
    [
      { limit_mib: 100, spike_limit_mib: 30 },
      { hard: 100, soft: 70 },
    ],
    [{ limit_percentage: 50 }, { hard: 500, soft: 400 }],
    [
      { limit_percentage: 80, spike_limit_percentage: 25 },
      { hard: 800, soft: 550 },
    ],
    [
      { limit_mib: 100, limit_percentage: 80, spike_limit_percentage: 25 },
      { hard: 100, soft: 80 },
    ],
  ])("%j of 1000 are %j", (part, expected) => {
    expect(limitsOf({ ...written, ...part }, () => 1000)).toEqual(expected);
  });

  test("percentages of nothing that is known are told", () => {
    expect(() => limitsOf({ ...written, limit_percentage: 80 }, () => undefined)).toThrow(
      "Cannot use limit_percentage: neither the cgroup nor /proc/meminfo tells how much memory there is; set limit_mib",
    );
  });

  test.each([
    [{ limit_mib: 100 }, "must be greater than zero, such as 1s"],
    [{ check_interval: "1s" }, "must be greater than zero, or limit_percentage must be"],
    [{ check_interval: "1s", limit_mib: 100, spike_limit_mib: 100 }, "must be smaller than limit_mib"],
    [
      { check_interval: "1s", limit_percentage: 50, spike_limit_percentage: 60 },
      "must be smaller than limit_percentage",
    ],
  ])("%j is refused: %s", (settings, rule) => {
    const result = memoryLimiterProcessor.schema.safeParse(settings);
    expect(result.error?.issues.map(({ message }) => message)).toEqual([rule]);
  });

  test("every key of the Collector is taken", () => {
    const settings = {
      check_interval: "1s",
      limit_mib: 400,
      spike_limit_mib: 80,
      min_gc_interval_when_soft_limited: "10s",
      max_gc_interval_when_soft_limited: "30s",
      min_gc_interval_when_hard_limited: "0s",
      max_gc_interval_when_hard_limited: "30s",
      limit_percentage: 80,
      spike_limit_percentage: 25,
    };
    expect(memoryLimiterProcessor.schema.safeParse(settings).success).toBe(true);
  });
});

describe("how much memory there is", () => {
  function machine(files: Readonly<Record<string, string>>): string {
    const root = mkdtempSync(join(tmpdir(), "podstamp-memory-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    for (const [name, content] of Object.entries({ "proc/meminfo": "MemTotal:       16000000 kB\n", ...files })) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), content);
    }
    return root;
  }
  const machineBytes = 16_000_000 * 1024;

  test.each([
    ["version 2", { "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "1000000\n" }, 1_000_000],
    [
      "version 2, with a smaller limit above",
      {
        "proc/self/cgroup": "0::/a/b\n",
        "sys/fs/cgroup/a/b/memory.max": "1000000\n",
        "sys/fs/cgroup/a/memory.max": "900000\n",
      },
      900_000,
    ],
    [
      "version 2 without a limit",
      { "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n" },
      machineBytes,
    ],
    [
      "version 2 in a container, whose group is the root",
      { "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "2000000\n" },
      2_000_000,
    ],
    [
      "version 1",
      {
        "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/a\n0::/\n",
        "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "3000000\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      },
      3_000_000,
    ],
    [
      "version 1 in a container, where the path is the host's",
      {
        "proc/self/cgroup": "4:memory:/kubepods/pod1/c1\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "4000000\n",
      },
      4_000_000,
    ],
    ["no cgroup", {}, machineBytes],
    ["nothing at all", { "proc/meminfo": "" }, undefined],
  ])("%s", (_, files, expected) => {
    expect(totalMemory(machine(files))).toBe(expected);
  });

  test.each([
    [0, 16, 4],
    [0, 128, 8],
    [0, 512, 32],
    [0, 16_384, 256],
    [0, undefined, 256],
    [7, 128, 7],
  ])("a server that is told %d of %s MiB holds %d MiB of requests at most", (written, total, expected) => {
    const bytes = bytesInFlight(written * mebibyte, () => (total === undefined ? undefined : total * mebibyte));
    expect(bytes).toBe(expected * mebibyte);
  });

  test("on this machine is known", () => {
    expect(totalMemory()).toBeGreaterThan(64 * mebibyte);
    expect(anonymousMemory()).toBeGreaterThan(mebibyte);
  });
});

test("V8's collector can be had without a flag of Node", async () => {
  const collect = collector();
  const held: { buffers: readonly ArrayBuffer[] } = { buffers: [] };
  held.buffers = Array.from({ length: 64 }, () => new ArrayBuffer(mebibyte));
  const before = process.memoryUsage().external;
  held.buffers = [];
  // Not in the same turn: the stack may still hold what it held.
  await settled();
  collect?.("young");
  collect?.("all");
  expect(before - process.memoryUsage().external).toBeGreaterThan(48 * mebibyte);
});
