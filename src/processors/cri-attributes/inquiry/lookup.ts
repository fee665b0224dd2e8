import type { Candidate } from "../../../containers/association.ts";
import type { Entry } from "../../../containers/index/entry.ts";
import { pause } from "../../../containers/following/wait.ts";
import { accepted, type Batch, type Consumer } from "../../../pipeline/contract.ts";
import { createIdle } from "../../../pipeline/idle.ts";
import { noMetrics } from "../../../telemetry/no-metrics.ts";
import { createDecider, type DeciderOptions, type Reason } from "../decider.ts";
import { attributeRules } from "../extract/attributes.ts";
import { attributesOf, type Extraction } from "../extract/extraction.ts";
import { factsOf } from "../extract/facts.ts";
import type { Supplement } from "../extract/supplement.ts";
import { resourceKeys } from "../association/identity.ts";
import { createResolver, type ResolverOptions } from "../resolver.ts";
import { whyAbsent } from "./absence.ts";
import { candidatesOf } from "../association/candidates.ts";
import { identityWords, type RuleWords } from "./identity-words.ts";
import type { LookupQuestion } from "./question.ts";
import { whyNot } from "./reasons.ts";
import { attributesIn, type JsonValue, requestOf } from "./request.ts";
import { sourceOf } from "./sources.ts";
import type { Seen } from "./samples.ts";

export type LookupOptions = {
  /** The instance, as the file calls it: "k8s_attributes/own". */
  readonly id: string;
  /** Of the data path, whose very code answers: only what is counted, held and sent is not. */
  readonly resolving: Omit<ResolverOptions, "decider" | "next" | "metrics" | "waiting" | "idle" | "tap">;
  readonly deciding: Omit<DeciderOptions, "metrics">;
  readonly extraction: Extraction;
  readonly supplement: Supplement;
  readonly nodeName: string;
};

/** One attribute of the resource as it would leave, or one that is missing from it. */
export type LookedUp =
  | { readonly name: string; readonly value: JsonValue; readonly source: string; readonly isOwn: boolean }
  | { readonly name: string; readonly value: null; readonly absent: string };

/** Whose telemetry is that says what was asked, and how it would leave. */
export type LookupAnswer = {
  readonly processor: string;
  readonly asked: LookupQuestion;
  readonly isFound: boolean;
  /** Why not, as in podstamp_unstamped_items, and in words. */
  readonly reason: Reason | null;
  readonly why: string | null;
  /** By what it was decided. */
  readonly rule: RuleWords;
  /** Those that were looked for, in order: IDs, and other names of containers and pods as containers/index/aliases.ts has them. */
  readonly lookedFor: readonly { readonly name: string; readonly found: "found" | "missing" | "ambiguous" }[];
  readonly entry: FoundEntry | null;
  readonly attributes: readonly LookedUp[];
};

/** The container or the sandbox that was found. */
export type FoundEntry = {
  readonly kind: "container" | "sandbox";
  readonly id: string;
  readonly runtime: Entry["runtime"];
  readonly isGone: boolean;
  readonly state: string;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string } | null;
  /** The container's name in its pod, else the runtime's for it. */
  readonly name: string | null;
};

/** Whoever asks waits for the answer, and not for a container that is just being made. */
const maxWaitMs = 500;

/** So long a directory that has just started may take to learn what its lists do not tell: addresses, cgroups, processes. */
const maxSettleMs = 2000;
const lookAgainMs = 20;

/** Makes telemetry of a question, sends it the way of all telemetry, and tells what became of it. */
export function createLookup(options: LookupOptions) {
  const waitMs = Math.min(options.resolving.waitMs, maxWaitMs);
  const resolving = { ...options.resolving, waitMs };
  const decider = createDecider({ ...options.deciding, waitMs, metrics: noMetrics });
  const ownOrder = { ...resolving, rules: undefined, keys: resourceKeys([]) };

  const send = async (batch: Batch, way: LookupOptions["resolving"], signal: AbortSignal) => {
    const seen: Seen[] = [];
    let left: Batch | undefined;
    const next: Consumer = {
      async consume(each) {
        left = each;
        return accepted;
      },
      whenIdle: () => undefined,
    };
    const tap = { isOpen: true, see: (one: Seen) => void seen.push(one) };
    const own = { waiting: { bytes: 0 }, idle: createIdle() };
    const delivery = await createResolver({ ...way, ...own, decider, next, metrics: noMetrics, tap })(batch, signal);
    const [only] = seen;
    // It was given up, since who asked is gone.
    if (delivery.status !== "accepted" || only === undefined || left === undefined) return undefined;
    return { outcome: only.outcome, left };
  };

  /** Undefined when who asks has gone. */
  return async (asked: LookupQuestion, signal: AbortSignal): Promise<LookupAnswer | undefined> => {
    const batch = requestOf(asked);
    for (let waited = 0; waited < maxSettleMs && !resolving.directory.isSettled(); waited += lookAgainMs)
      await pause(lookAgainMs, signal);
    const byFile = await send(batch, resolving, signal);
    if (byFile === undefined) return undefined;
    const isUnread = asked.isPlain && resolving.rules !== undefined && byFile.outcome.reason === "no_identity";
    const sent = isUnread ? await send(batch, ownOrder, signal) : byFile;
    if (sent === undefined) return undefined;
    const { outcome, left } = sent;
    const { entry, reason = null } = outcome;
    const { directory } = resolving;
    const { identity } = outcome.target;
    return {
      processor: options.id,
      asked,
      isFound: entry !== undefined,
      reason,
      why: reason === null ? null : identity.kind === "absent" ? absent : whyNot(reason, directory.runtimes()),
      rule: identityWords(outcome, { hasRules: resolving.rules !== undefined, isUnread, find: directory.find, asked }),
      lookedFor: candidatesOf(identity).map(({ ref }: Candidate) => ({
        name: ref.id,
        found: directory.find(ref).status,
      })),
      entry: entry === undefined ? null : entryWords(entry, directory.gone().has(entry.id)),
      attributes: attributesLeft({ asked, left, entry, isRunKnown: outcome.isRunKnown ?? true }, options),
    };
  };
}

const absent =
  "nobody here has what it names: a process that has ended or is another program's, or a text that names nobody";

function entryWords(entry: Entry, isGone: boolean): FoundEntry {
  const { id, runtime } = entry;
  const pod = entry.kind === "pod" ? entry : entry.pod;
  const ofPod = pod === undefined ? null : { namespace: pod.facts.namespace, name: pod.facts.name, uid: pod.facts.uid };
  const rest = { isGone, pod: ofPod, runtime };
  if (entry.kind === "pod")
    return { kind: "sandbox", id, name: null, state: entry.facts.isReady ? "ready" : "not ready", ...rest };
  const { facts, details } = entry;
  const state = typeof details === "object" ? details.state : facts.state;
  return { kind: "container", id, name: facts.name || facts.runtimeName || null, state, ...rest };
}

type Left = {
  readonly asked: LookupQuestion;
  readonly left: Batch;
  readonly entry: Entry | undefined;
  readonly isRunKnown: boolean;
};

/** Those with which it leaves, in their order, then those that are asked for by the settings and missing. */
function attributesLeft({ asked, left, entry, isRunKnown }: Left, options: LookupOptions): readonly LookedUp[] {
  const { extraction } = options;
  const facts = entry && factsOf(entry, options);
  const wanted = facts === undefined ? new Map() : attributesOf(facts, extraction, { isRunKnown });
  const { resource, record } = attributesIn(left);
  const all = new Map([...resource, ...[...record].filter(([name]) => wanted.has(name))]);
  const present = [...all].map(([name, value]): LookedUp => {
    const isOwn = Object.hasOwn(asked.resource, name) && asked.resource[name] === value;
    const instead =
      isOwn && wanted.has(name) && !isSame(wanted.get(name), value) ? ", which stays without override" : "";
    const source = isOwn
      ? `the telemetry itself${instead}`
      : facts === undefined
        ? "what the telemetry and its connection say"
        : sourceOf(name, facts, extraction);
    return { name, value, source, isOwn };
  });
  if (facts === undefined) return present;
  const missing = attributeRules
    .filter(({ name, only }) => extraction.metadata.has(name) && (only === undefined || only !== otherThan(extraction)))
    .filter(({ name, legacy }) => !all.has(name) && (legacy === undefined || !all.has(legacy)))
    .map((rule): LookedUp => {
      const isOfAnyRun = !isRunKnown && rule.isOfRun === true;
      const absent = isOfAnyRun ? "nobody knows this run of the container" : whyAbsent(facts, rule);
      return { name: rule.name, value: null, absent };
    });
  return [...present, ...missing];
}

/** The scheme whose names are not written. */
function otherThan({ semconv }: Extraction): "stable" | "legacy" | undefined {
  return semconv === "both" ? undefined : semconv === "stable" ? "legacy" : "stable";
}

function isSame(a: unknown, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
