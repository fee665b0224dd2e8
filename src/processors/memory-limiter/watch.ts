import { getHeapStatistics } from "node:v8";
import type { Component, Host, MemoryUse } from "../../pipeline/contract.ts";
import type { Gate } from "../../pipeline/gate.ts";
import type { Logger } from "../../telemetry/log.ts";
import { collector } from "./collect.ts";
import type { Collect } from "./collect.ts";
import type { Limits } from "./limits.ts";

/** Decides whether data may come in. */
export type Watch = Component & {
  /** Whether this many bytes more are to be refused; measures when much has come since the last time. */
  refuses(bytes: number): boolean;
};

/** Between two collections of the whole heap: the least time, and the most that fruitless ones grow it to. */
export type Pace = { readonly minMs: number; readonly maxMs: number };

type WatchOptions = {
  readonly checkMs: number;
  readonly limits: () => Limits;
  readonly soft: Pace;
  readonly hard: Pace;
  readonly memory: Host["memory"];
  /** Resident memory that no file stands behind; undefined when nobody tells. */
  readonly anonymous: () => number | undefined;
  readonly log: Logger;
  /** Closed from halfway between the limits on: to read what is refused would take memory too. */
  readonly gate?: Gate | undefined;
  /** Stands in for V8's own. */
  readonly collect?: Collect;
};

type Level = "free" | "soft" | "hard";

/** Memory is measured again when this share of the spike has come in … */
const sharesOfSpike = 8;
/** … but not for less than this, nor only for more than that. */
const minStep = 256 * 1024;
const maxStep = 16 * 1024 * 1024;

/** V8 ends the process when its heap is full, whatever the machine has: from here on it counts as too much. */
const heapShare = 0.85;

/** While data is refused memory is measured this often at least: what receivers turn away does not come by here. */
const pressedCheckMs = 50;

/** Growth by this share of the spike since the last collection is worth another one. */
const growthShare = 4;

/** Collections of the whole heap rest so many times as long as they took; in danger nothing else matters as much. */
const restShare = { soft: 4, hard: 1 } as const;

/** One that frees less than this did not help. */
const fruitful = 0.05;

/**
 * malloc takes more pages than the buffers in it are long, and gives freed ones back late or never: 22 MiB beside 88 MiB of buffers were
 * measured when the kernel ended a process of 128 MiB that had counted the buffers alone.
 */
export const pagesPerByte = 1.25;

const mebibyte = 1024 * 1024;

/**
 * Measures the memory of the process. What decides is what it needs: the program at rest, the heap in use, and buffers. The
 * resident size would not do: malloc keeps what was freed for what comes next, and would lock the agent out for ever.
 */
export function createWatch(options: WatchOptions): Watch {
  const { memory, log } = options;
  const collect = options.collect ?? collector();
  let limits: Limits = { hard: Infinity, soft: Infinity };
  /** What the process takes beside its heap and its buffers. */
  let program = 0;
  let level: Level = "free";
  const me = {};
  let step = maxStep;
  /** One word each time that data is refused, and one more when it comes to the hard limit. */
  let isHardTold = false;
  let sinceCheck = 0;
  let isStopped = true;
  let timer: NodeJS.Timeout | undefined;
  let nextCollection = 0;
  let restedAt = 0;
  let lastNeeded = 0;
  let pauseMs = 0;

  const needed = ({ heapUsed, external }: MemoryUse): number => program + heapUsed + pagesPerByte * external;

  const levelOf = (use: MemoryUse): Level => {
    if (needed(use) > limits.hard) return "hard";
    return needed(use) > limits.soft || use.heapUsed > heapShare * getHeapStatistics().heap_size_limit
      ? "soft"
      : "free";
  };

  const measure = (): void => {
    sinceCheck = 0;
    clearTimeout(timer);
    let use = memory();
    if (levelOf(use) !== "free" && collect !== undefined) {
      collect("young");
      use = memory();
      const now = levelOf(use);
      if (now !== "free" && isTimeToCollect(use)) use = collectAll(collect, use, now);
    }
    become(levelOf(use), use);
    timer = setTimeout(measure, level === "free" ? options.checkMs : Math.min(options.checkMs, pressedCheckMs));
  };

  /** When it is its turn, or earlier when so much has come since the last one that it may be garbage. */
  const isTimeToCollect = (use: MemoryUse): boolean => {
    const now = performance.now();
    const hasGrown = needed(use) - lastNeeded >= (limits.hard - limits.soft) / growthShare;
    return now >= restedAt && (now >= nextCollection || hasGrown);
  };

  /** Collects the whole heap and says when to do so again. */
  const collectAll = (run: Collect, before: MemoryUse, now: Exclude<Level, "free">): MemoryUse => {
    const { minMs, maxMs } = options[now];
    const started = performance.now();
    run("all");
    const ended = performance.now();
    const after = memory();
    const hasHelped = needed(before) - needed(after) >= fruitful * needed(before);
    pauseMs = hasHelped ? minMs : Math.min(Math.max(2 * pauseMs, minMs, options.checkMs), Math.max(maxMs, minMs));
    nextCollection = ended + pauseMs;
    restedAt = ended + restShare[now] * (ended - started);
    lastNeeded = needed(after);
    return after;
  };

  const become = (now: Level, use: MemoryUse): void => {
    const before = level;
    level = now;
    options.gate?.set(me, needed(use) > (limits.soft + limits.hard) / 2);
    if (now === before) return;
    const isWorse = now === "hard" && !isHardTold;
    isHardTold = now === "hard" || (isHardTold && now !== "free");
    const fields = { cur_mem_mib: Math.round(needed(use) / mebibyte), rss_mib: Math.round(use.rss / mebibyte) };
    if (now === "free") log.info(fields, "Memory usage back within limits. Resuming normal operation.");
    else if (isWorse) log.warn(fields, "Memory usage is above hard limit. Refusing data.");
    else if (before === "free") log.warn(fields, "Memory usage is above soft limit. Refusing data.");
  };

  return {
    async start() {
      const wanted = options.limits();
      collect?.("all");
      const rest = memory();
      // Pages of the program's files are the kernel's to give back and to read again.
      const own = options.anonymous() ?? rest.rss;
      program = Math.max(0, own - rest.heapTotal - pagesPerByte * rest.external);
      if (needed(rest) > wanted.soft) throw new Error(tooLow(wanted, needed(rest)));
      limits = wanted;
      isStopped = false;
      step = Math.min(maxStep, Math.max(minStep, (limits.hard - limits.soft) / sharesOfSpike));
      log.info(
        {
          limit_mib: Math.round(limits.hard / mebibyte),
          spike_limit_mib: Math.round((limits.hard - limits.soft) / mebibyte),
          at_rest_mib: Math.round(needed(rest) / mebibyte),
        },
        "Memory limiter configured",
      );
      timer = setTimeout(measure, options.checkMs);
    },
    async stop() {
      clearTimeout(timer);
      isStopped = true;
      // Those who drain behind it need memory too and give more back.
      limits = { hard: Infinity, soft: Infinity };
      level = "free";
      options.gate?.set(me, false);
    },
    refuses(bytes) {
      sinceCheck += bytes;
      if (sinceCheck >= step && !isStopped) measure();
      return level !== "free";
    },
  };
}

function tooLow({ soft }: Limits, rest: number): string {
  const least = Math.ceil(rest / mebibyte);
  return `Cannot use the memory limits: limit less spike_limit must be above the ${least} MiB that podstamp takes at rest, is ${Math.floor(soft / mebibyte)} MiB`;
}
