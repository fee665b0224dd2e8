import type { Question } from "../telemetry/answers.ts";
import type { Entry } from "./index/entry.ts";

/** Which containers and pods somebody wants to hear of: all that is said must fit. */
export type EntryFilter = {
  readonly namespace?: string;
  readonly pod?: string;
  /** A container's name, or its ID or the beginning of it. */
  readonly container?: string;
};

const keys = ["namespace", "pod", "container"] as const;

/** Reads a filter as it came over the control socket; what is no text is not looked at. */
export function readFilter(question: Question): EntryFilter {
  return Object.fromEntries(keys.map((key) => [key, question[key]]).filter(([, value]) => typeof value === "string"));
}

/** Whether an entry fits; one that is not known fits no filter that says something. */
export function fits({ namespace, pod: podName, container }: EntryFilter, entry: Entry | undefined): boolean {
  const pod = entry?.kind === "container" ? entry.pod : entry;
  if (namespace !== undefined && pod?.facts.namespace !== namespace) return false;
  if (podName !== undefined && pod?.facts.name !== podName) return false;
  return container === undefined || (entry?.kind === "container" && isCalled(entry, container));
}

/** Shorter beginnings than this are names. */
const minPrefix = 4;

function isCalled({ id, facts }: Extract<Entry, { kind: "container" }>, text: string): boolean {
  return facts.name === text || facts.runtimeName === text || (text.length >= minPrefix && id.startsWith(text));
}
