import { check } from "../../src/otlp/check.ts";
import { keySet } from "../../src/otlp/wire/keys.ts";
import { read } from "../../src/otlp/reading.ts";
import type { Signal } from "../../src/otlp/signals.ts";
import { eachSpan, numberAt } from "../load/span-ids.ts";

/** What arrived at the sink. */
export type Arrived = {
  readonly requests: number;
  readonly items: number;
  /** Different numbers in span IDs, and how many spans came with one that had come before. */
  readonly different: number;
  readonly repeated: number;
  /** Requests in which every resource has the pod's name that its container.id leads to, no pod's name, or a wrong one. */
  readonly stamped: number;
  readonly unstamped: number;
  readonly wrong: number;
  /** Requests that are none. */
  readonly broken: number;
};

export type Arrivals = {
  take(signal: Signal, message: Buffer): void;
  /** What has come since the last report. */
  report(): Arrived;
};

const wanted = keySet(["container.id", "k8s.pod.name"]);
/** Numbers of spans that can be told apart. */
const maxSpans = 1 << 24;

/** Keeps the books; `pods` has the pod's name for each container ID. */
export function createArrivals(pods: Readonly<Record<string, string>>): Arrivals {
  const seen = new Uint8Array(maxSpans);
  const none = {
    requests: 0,
    items: 0,
    different: 0,
    repeated: 0,
    stamped: 0,
    unstamped: 0,
    wrong: 0,
    broken: 0,
  };
  let counts = { ...none };

  const mark = (message: Buffer, offset: number) => {
    const number = numberAt(message, offset);
    if (number === undefined || number >= maxSpans) return;
    if (seen[number] === 0) counts.different++;
    else counts.repeated++;
    seen[number] = 1;
  };

  return {
    take(signal, message) {
      counts.requests++;
      const checked = check(signal, message);
      if (checked.status !== "valid") {
        counts.broken++;
        return;
      }
      counts.items += checked.items;
      if (signal === "traces") eachSpan(message, (offset) => mark(message, offset));
      const states = read(signal, message, wanted).resources.map(({ values: [id, name] }) => {
        if (name === undefined) return "unstamped";
        return id !== undefined && pods[id] === name ? "stamped" : "wrong";
      });
      if (states.includes("wrong")) counts.wrong++;
      else if (states.includes("unstamped")) counts.unstamped++;
      else counts.stamped++;
    },
    report() {
      const told = counts;
      counts = { ...none };
      seen.fill(0);
      return told;
    },
  };
}
