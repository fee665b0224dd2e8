import type { KeyPattern } from "../../../config/fields/pattern.ts";
import { expandTemplate } from "./expand-template.ts";

/** Whose labels and annotations a rule is about. */
export type KeySource =
  | "pod"
  | "namespace"
  | "deployment"
  | "replicaset"
  | "statefulset"
  | "daemonset"
  | "job"
  | "cronjob"
  | "node"
  | "container";

/** A rule of extract.labels or extract.annotations: one key, or all keys that a pattern matches whole. */
export type KeyRule = {
  readonly tag_name: string;
  readonly key: string;
  readonly key_regex: KeyPattern | undefined;
  readonly from: KeySource;
};

/** Labels or annotations of something. */
export type Entries = Readonly<Record<string, string>>;

/** Longer names of attributes than this are not written: a key has at most 317 characters. */
const maxNameLength = 1024;

/**
 * Calls `write` with the attribute's name for each key that the rule takes; `prefixes` are what the default names begin with.
 * A key by name is taken also when its value is empty, one by a pattern is not; a template counts only with a pattern that has groups.
 */
export function applyKeyRule(
  rule: KeyRule,
  entries: Entries,
  { prefixes, write }: { prefixes: readonly string[]; write: (name: string, value: string) => void },
): void {
  const defaults = (key: string, value: string) => prefixes.forEach((prefix) => named(`${prefix}${key}`, value));
  const named = (name: string, value: string) => name !== "" && name.length <= maxNameLength && write(name, value);
  const { key_regex: pattern } = rule;
  if (pattern === undefined) {
    const value = Object.hasOwn(entries, rule.key) ? entries[rule.key] : undefined;
    if (value === undefined) return;
    if (rule.tag_name === "") defaults(rule.key, value);
    else named(rule.tag_name, value);
    return;
  }
  for (const [key, value] of Object.entries(entries)) {
    const groups = value === "" ? undefined : pattern.match(key);
    if (groups === undefined) continue;
    if (rule.tag_name === "" || groups.count === 0) defaults(key, value);
    else named(expandTemplate(rule.tag_name, groups), value);
  }
}
