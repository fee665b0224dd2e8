import type { Container, Entry } from "../../containers/index/entry.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Counter, Metrics } from "../../telemetry/metrics.ts";
import { isSandboxItself } from "./association/candidates.ts";
import type { Outcome } from "./decider.ts";
import { podOfResource } from "./association/identity.ts";
import { isOfOther } from "./association/other-pod.ts";
import type { Target } from "./association/targets.ts";

/** Counts what was written and what was not, and why. */
export type Books = {
  /** A part of a request that leaves, with its items. */
  enter(outcome: Outcome, items: number, signal: Signal): void;
};

export type BooksOptions = {
  /** Its id: what passes two of them is counted by each. */
  readonly processor: string;
  readonly hasRules: boolean;
  readonly uidOf: (uid: string) => string;
  /** Whether somebody beside the runtime has told the container's image. */
  readonly isImageTold: (container: Container) => boolean;
};

export function createBooks(metrics: Metrics, options: BooksOptions): Books {
  const { processor, hasRules } = options;
  const stamped = metrics.counter("podstamp_stamped_items", { processor });
  const unstamped = remembering((reason) => metrics.counter("podstamp_unstamped_items", { processor, reason }));
  const partly = remembering((reason) => metrics.counter("podstamp_partly_stamped_items", { processor, reason }));
  const associations = { success: associationsOf(metrics, "success"), error: associationsOf(metrics, "error") };
  return {
    enter({ target, entry, reason }, items, signal) {
      const counter = entry === undefined ? associations.error : associations.success;
      // The Collector asks for no pod then, and counts none.
      if (reason !== "passthrough") counter(signal, identifierOf(target, hasRules)).add(1);
      if (entry === undefined) return unstamped(reason ?? "not_found").add(items);
      stamped.add(items);
      const lack = lackOf(target, entry, options);
      if (lack !== undefined) partly(lack).add(items);
    },
  };
}

/** The counters of one status; that of the last resource is mostly that of the next. */
function associationsOf(metrics: Metrics, status: string): (signal: Signal, identifier: string) => Counter {
  let last: { readonly signal: Signal; readonly identifier: string; readonly counter: Counter } | undefined;
  return (otelcol_signal, pod_identifier) => {
    if (last?.signal === otelcol_signal && last.identifier === pod_identifier) return last.counter;
    const counter = metrics.counter("otelcol_k8s_pod_association", { status, pod_identifier, otelcol_signal });
    last = { signal: otelcol_signal, identifier: pod_identifier, counter };
    return counter;
  };
}

/** As the Collector tells it: the sources of the rule that decided, nothing when none did, the connection without rules. */
function identifierOf({ identity }: Target, hasRules: boolean): string {
  if (!hasRules) return "connection";
  return identity.kind === "ruled" ? identity.taken.label : "";
}

/** Why less was written than there could be. */
export type Lack = "sandbox" | "ambiguous_image" | "conflict";

function lackOf(target: Target, entry: Entry, { uidOf, isImageTold }: BooksOptions): Lack | undefined {
  if (isSandboxItself(target.identity, entry)) return "sandbox";
  if (entry.kind === "container" && entry.image.isAmbiguous && !isImageTold(entry)) return "ambiguous_image";
  if (target.isRecordLevel) return undefined;
  return isOfOther(podOfResource(target.resource), entry, uidOf) ? "conflict" : undefined;
}

function remembering(make: (key: string) => Counter): (key: string) => Counter {
  const known = new Map<string, Counter>();
  return (key) => {
    let counter = known.get(key);
    if (counter === undefined) known.set(key, (counter = make(key)));
    return counter;
  };
}
