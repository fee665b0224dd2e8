import type { Component, Host } from "../../../src/pipeline/contract.ts";
import type { Labels } from "../../../src/telemetry/metrics.ts";

/** What a component logged. */
export type Logged = {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** A host that remembers what its component counts and logs. */
export type TestHost = Host & {
  readonly logged: readonly Logged[];
  /** The value of a series, 0 when it was never asked for. */
  metric(name: string, labels?: Labels): number;
};

/** A host for one component under test. */
export function testHost(id: string): TestHost {
  const logged: Logged[] = [];
  const counters = new Map<string, number>();
  const gauges = new Map<string, () => number>();
  const log = (level: Logged["level"]) => (fields: object, message: string) =>
    void logged.push({ level, message, fields: fields as Logged["fields"] });
  return {
    id,
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    metrics: {
      counter: (name, labels = {}) => ({
        add: (count) => void counters.set(seriesOf(name, labels), (counters.get(seriesOf(name, labels)) ?? 0) + count),
      }),
      gauge: (name, labels, read) => void gauges.set(seriesOf(name, labels), read),
    },
    environment: {},
    userAgent: "podstamp/test",
    memory: () => ({ rss: 0, heapUsed: 0, heapTotal: 0, external: 0 }),
    storage: (extension) => {
      throw new Error(`Cannot have a storage ${extension}: this test has none`);
    },
    share: <T extends Component>(_: string, create: () => T) => create(),
    logged,
    metric: (name, labels = {}) => gauges.get(seriesOf(name, labels))?.() ?? counters.get(seriesOf(name, labels)) ?? 0,
  };
}

function seriesOf(name: string, labels: Labels): string {
  return `${name}{${Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(",")}}`;
}
