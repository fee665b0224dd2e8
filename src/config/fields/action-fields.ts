import { invalid } from "../schema/schema.ts";
import { listOf } from "../schema/kinds.ts";
import type { Schema, Output } from "../schema/schema.ts";
import { notYet, section, text } from "./fields.ts";
import { anyValue } from "./match-fields.ts";
import { parsed } from "./parsed-field.ts";
import { compilePattern } from "./pattern.ts";
import type { Pattern } from "./pattern.ts";

/** A value, or the attribute whose value is taken, with the value for where it is absent. */
type Source =
  | { readonly value: unknown }
  | { readonly attribute: string; readonly otherwise?: { readonly value: unknown } };

/** One action of the Collector's resource and attributes processors, checked. */
export type ActionEntry =
  | {
      readonly action: "insert" | "update" | "upsert";
      readonly key: string;
      readonly source: Source;
    }
  | { readonly action: "delete" | "hash"; readonly key: string | undefined; readonly pattern: Pattern | undefined }
  | { readonly action: "extract"; readonly key: string; readonly pattern: Pattern }
  | { readonly action: "convert"; readonly key: string; readonly to: "string" | "int" | "double" };

const words = ["insert", "update", "upsert", "delete", "hash", "extract", "convert"] as const;
const conversions = ["string", "int", "double"] as const;

const action = section({
  key: text({ default: "" }).describe("The attribute that the action is about."),
  action: parsed<(typeof words)[number]>({
    default: undefined,
    facts: { form: "choice", words },
    read: (raw, fail) =>
      words.find((word) => typeof raw === "string" && word === raw.toLowerCase()) ??
      fail(`must be one of ${words.join(", ")}`),
  }).describe(
    "`insert` where the key is absent, `update` where it is there, `upsert` either way; `delete`; `hash` (SHA-256 in hex); `extract` the pattern's groups; `convert` to another type.",
  ),
  value: anyValue().optional().describe("For insert, update, upsert: the value; its type is kept."),
  from_attribute: text({ default: "" }).describe(
    "For insert, update, upsert: the attribute whose value is taken; where it is absent, nothing is done.",
  ),
  default_value: anyValue()
    .optional()
    .describe(
      "For insert, update, upsert: the value where from_attribute is absent, or where neither it nor value is set.",
    ),
  from_context: notYet("from_context; metadata and the address of the sender are not kept", "error"),
  pattern: text({ default: "" }).describe(
    "RE2; for extract with a name for every group, for delete and hash matched with keys.",
  ),
  converted_type: text({ default: "" }).describe(
    "For convert: `string`, `int` or `double`; a value that cannot be converted stays as it is.",
  ),
});

type Written = Output<typeof action>;
/** Complains about a key of the action. */
type Complain = (key: keyof Written, rule: string) => undefined;

/** A list of actions, done one after the other. */
export function actions(): Schema<readonly ActionEntry[]> {
  const entry = action.transform((written, context): ActionEntry => {
    const complain: Complain = (key, message) => {
      context.addIssue({ message, path: [key] });
      return undefined;
    };
    return compile(written, complain) ?? invalid;
  });
  return listOf(entry).min(1).max(1000);
}

function compile(written: Written, complain: Complain): ActionEntry | undefined {
  for (const key of unused(written)) return complain(key, `must not be set for ${written.action}`);
  switch (written.action) {
    case "insert":
    case "update":
    case "upsert": {
      const source = sourceOf(written, complain);
      return source && { action: written.action, key: written.key, source };
    }
    case "delete":
    case "hash": {
      if (written.key === "" && written.pattern === "")
        return complain("key", `must be set for ${written.action}, or pattern`);
      const pattern = written.pattern === "" ? undefined : patternOf(written, complain);
      return { action: written.action, key: written.key === "" ? undefined : written.key, pattern };
    }
    case "extract": {
      if (written.key === "") return complain("key", "must be set");
      const pattern = patternOf(written, complain);
      if (pattern === undefined) return undefined;
      if (pattern.names.length === 0 || pattern.unnamed > 0)
        return complain("pattern", "must have groups, each with a name as in (?P<name>…)");
      return { action: written.action, key: written.key, pattern };
    }
    case "convert": {
      const to = conversions.find((type) => type === written.converted_type);
      if (written.key === "") return complain("key", "must be set");
      return to === undefined
        ? complain("converted_type", "must be one of string, int, double")
        : { action: written.action, key: written.key, to };
    }
  }
}

/** The keys that are set and do nothing for the action. */
function unused(written: Written): readonly (keyof Written)[] {
  const { action: name, value, from_attribute, default_value, pattern, converted_type } = written;
  const isWrite = name === "insert" || name === "update" || name === "upsert";
  const set: readonly (readonly [keyof Written, boolean])[] = [
    ["value", isSet(value) && !isWrite],
    ["default_value", isSet(default_value) && !isWrite],
    ["from_attribute", from_attribute !== "" && !isWrite],
    ["pattern", pattern !== "" && (isWrite || name === "convert")],
    ["converted_type", converted_type !== "" && name !== "convert"],
  ];
  return set.filter(([, isUnused]) => isUnused).map(([key]) => key);
}

function sourceOf(written: Written, complain: Complain): Source | undefined {
  const { action: name, key, value, from_attribute: attribute, default_value: otherwise } = written;
  if (key === "") return complain("key", "must be set");
  if (isSet(value) && attribute !== "") return complain("from_attribute", "must not be set beside value");
  if (isSet(value)) return { value };
  if (attribute !== "") return { attribute, ...(isSet(otherwise) ? { otherwise: { value: otherwise } } : {}) };
  return isSet(otherwise)
    ? { value: otherwise }
    : complain("value", `must be set for ${name}, or from_attribute or default_value`);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function patternOf({ pattern }: Written, complain: Complain): Pattern | undefined {
  if (pattern === "") return complain("pattern", "must be set");
  const compiled = compilePattern(pattern);
  return "pattern" in compiled
    ? compiled.pattern
    : complain("pattern", `must be a regular expression (RE2): ${compiled.problem}`);
}
