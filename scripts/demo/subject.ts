import type { Attributes, Plain } from "../../test/support/otlp/plain.ts";

/** A container whose telemetry the demo follows, with what must be on it at the end. */
export type Subject = {
  /** service.name of its telemetry. */
  readonly service: string;
  readonly containerId: string;
  /** What podstamp must have written, from what creation and the registry answered. */
  readonly expected: Attributes;
};

/** One value that is not as it must be. */
export type Difference = { readonly key: string; readonly expected: Plain; readonly arrived: Plain };

/** What differs between the attributes that arrived and those that were sent and expected: missing, other and unexpected ones. */
export function differences(arrived: Attributes, expected: Attributes): Difference[] {
  const keys = new Set([...Object.keys(expected), ...Object.keys(arrived)]);
  return [...keys]
    .filter((key) => JSON.stringify(arrived[key]) !== JSON.stringify(expected[key]))
    .map((key) => ({ key, expected: expected[key], arrived: arrived[key] }));
}

/** What of the expected is missing or other; what else arrived does not matter. */
export function missing(arrived: Attributes, expected: Attributes): Difference[] {
  return differences(Object.fromEntries(Object.keys(expected).map((key) => [key, arrived[key]])), expected);
}
