import type { Output } from "../config/schema/schema.ts";
import { duration, integer, mebibytes, section } from "../config/fields/fields.ts";
import { totalMemory } from "../net/total-memory.ts";
import { shapes, signals } from "../otlp/signals.ts";
import type { Signal } from "../otlp/signals.ts";
import type { Consumer, Delivery, Host, Processor } from "../pipeline/contract.ts";
import type { ProcessorFactory } from "../pipeline/graph/factory.ts";
import type { Counter } from "../telemetry/metrics.ts";
import { limitsOf } from "./memory-limiter/limits.ts";
import { anonymousMemory } from "./memory-limiter/anonymous-memory.ts";
import { createWatch } from "./memory-limiter/watch.ts";
import type { Watch } from "./memory-limiter/watch.ts";

const schema = section({
  check_interval: duration({ default: "0s", max: "1h" }).describe(
    "Time between two measurements, 1s is good; must be set. Under load memory is also measured whenever an eighth of the spike has come in.",
  ),
  limit_mib: mebibytes({ default: 0, max: 2 ** 24 }).describe(
    "The hard limit. What counts is what podstamp needs: the program at rest, the JavaScript heap in use, and buffers. From halfway between the point of refusing and this on, receivers refuse before they read.",
  ),
  spike_limit_mib: mebibytes({ default: 0, max: 2 ** 24 }).describe(
    "What may come in between; data is refused from limit_mib less this on. 0 is a fifth of limit_mib.",
  ),
  limit_percentage: integer({ default: 0, min: 0, max: 100 }).describe(
    "The hard limit in percent of the cgroup's memory, or of the machine's where there is no limit; limit_mib goes before it.",
  ),
  spike_limit_percentage: integer({ default: 0, min: 0, max: 100 }).describe(
    "spike_limit_mib in percent; 0 is a fifth of the limit.",
  ),
  min_gc_interval_when_soft_limited: duration({ default: "1s", max: "1h" }).describe(
    "Least time between two collections of the whole heap while data is refused below the hard limit; the Collector's default is 10s, but podstamp's heap is small.",
  ),
  max_gc_interval_when_soft_limited: duration({ default: "5s", max: "1h" }).describe(
    "Each collection that frees less than 5 % doubles the time to the next, up to this; the Collector's default is 30s.",
  ),
  min_gc_interval_when_hard_limited: duration({ default: "0s", max: "1h" }).describe(
    "The same above the hard limit; collections never take more than half of the time, below it a fifth.",
  ),
  max_gc_interval_when_hard_limited: duration({ default: "5s", max: "1h" }).describe(
    "The same above the hard limit; the Collector's default is 30s.",
  ),
})
  .refine((set) => set.check_interval > 0, {
    path: ["check_interval"],
    error: "must be greater than zero, such as 1s",
  })
  .refine((set) => set.limit_mib > 0 || set.limit_percentage > 0, {
    path: ["limit_mib"],
    error: "must be greater than zero, or limit_percentage must be",
  })
  .refine((set) => set.limit_mib === 0 || set.spike_limit_mib < set.limit_mib, {
    path: ["spike_limit_mib"],
    error: "must be smaller than limit_mib",
  })
  .refine((set) => set.limit_percentage === 0 || set.spike_limit_percentage < set.limit_percentage, {
    path: ["spike_limit_percentage"],
    error: "must be smaller than limit_percentage",
  });

type Settings = Output<typeof schema>;

/** Refuses data, so that it can be sent again, before the process runs out of memory. */
export const memoryLimiterProcessor: ProcessorFactory<Settings> = {
  kind: "processor",
  type: "memory_limiter",
  aliases: [],
  signals,
  stability: "beta",
  summary: "Refuses data with a retryable status before the process runs out of memory.",
  schema,
  create: createMemoryLimiter,
};

/** In the Collector's words; the door makes UNAVAILABLE and 503 of it. */
const refused: Delivery = { status: "retry", cause: new Error("data refused due to high memory usage") };

function createMemoryLimiter(config: Settings, host: Host, next: Consumer): Processor {
  const watch = sharedWatch(config, host);
  const books = new Map<Signal, Books>();

  const bookOf = (signal: Signal): Books => {
    const known = books.get(signal);
    if (known !== undefined) return known;
    const made = openBooks(host, signal);
    books.set(signal, made);
    return made;
  };

  return {
    async start() {},
    async stop() {},
    consume(batch, signal) {
      const { accepted, refused: refusals } = bookOf(batch.signal);
      if (watch.refuses(batch.bytes.length)) {
        refusals.add(batch.items);
        return Promise.resolve(refused);
      }
      accepted.add(batch.items);
      return next.consume(batch, signal);
    },
    whenIdle: () => next.whenIdle(),
  };
}

type Books = { readonly accepted: Counter; readonly refused: Counter };

function openBooks({ metrics, id }: Host, signal: Signal): Books {
  const { items } = shapes[signal];
  const labels = { processor: id };
  return {
    accepted: metrics.counter(`otelcol_processor_memory_limiter_accepted_${items}`, labels),
    refused: metrics.counter(`otelcol_processor_memory_limiter_refused_${items}`, labels),
  };
}

/** One watch for all pipelines that name the same id: they fill the same memory. */
function sharedWatch(config: Settings, host: Host): Watch {
  return host.share(`${host.id}'s watch ${JSON.stringify(config)}`, () =>
    createWatch({
      checkMs: config.check_interval,
      limits: () => limitsOf(config, totalMemory),
      soft: { minMs: config.min_gc_interval_when_soft_limited, maxMs: config.max_gc_interval_when_soft_limited },
      hard: { minMs: config.min_gc_interval_when_hard_limited, maxMs: config.max_gc_interval_when_hard_limited },
      memory: host.memory,
      anonymous: anonymousMemory,
      log: host.log,
      gate: host.gate,
    }),
  );
}
