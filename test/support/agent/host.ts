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
  /** The sum of all series of a metric that have these labels, 0 when none was ever asked for. */
  metric(name: string, labels?: Labels): number;
};

/** A host for one component under test. */
export function testHost(id: string): TestHost {
  const logged: Logged[] = [];
  const series = new Map<string, Series>();
  const seriesOf = (name: string, labels: Labels): Series => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
    const key = [name, ...pairs.toSorted()].join(" ");
    const known = series.get(key) ?? { name, labels, value: 0 };
    series.set(key, known);
    return known;
  };
  const log = (level: Logged["level"]) => (fields: object, message: string) =>
    void logged.push({ level, message, fields: fields as Logged["fields"] });
  return {
    id,
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    metrics: {
      counter: (name, labels = {}) => ({ add: (count) => void (seriesOf(name, labels).value += count) }),
      gauge: (name, labels, read) => void (seriesOf(name, labels).read = read),
      histogram: (name, labels = {}) => ({
        record: (value) => {
          seriesOf(`${name}_count`, labels).value += 1;
          seriesOf(`${name}_sum`, labels).value += value;
        },
      }),
    },
    environment: {},
    userAgent: "podstamp/test",
    memory: () => ({ rss: 0, heapUsed: 0, heapTotal: 0, external: 0 }),
    storage: (extension) => {
      throw new Error(`Cannot have a storage ${extension}: this test has none`);
    },
    share: <T extends Component>(_: string, create: () => T) => create(),
    logged,
    metric: (name, labels = {}) =>
      [...series.values()]
        .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
        .reduce((sum, { value, read }) => sum + (read?.() ?? value), 0),
  };
}

type Series = { readonly name: string; readonly labels: Labels; value: number; read?: () => number };
