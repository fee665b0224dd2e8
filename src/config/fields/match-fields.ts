import { listOf } from "../schema/kinds.ts";
import type { Schema } from "../schema/schema.ts";
import { choice, flag, integer, section, stringList, text } from "./fields.ts";
import { parsed } from "./parsed-field.ts";
import { compilePattern } from "./pattern.ts";

/*
 * What the `include` and `exclude` sections of the Collector's processors are made of. Each comes out compiled: a test for
 * each list of texts, in the way that match_type says.
 */

/** strict: the whole text as written; regexp: an RE2 pattern that matches any part of it. */
export type MatchType = "strict" | "regexp";

/** A test of one text. */
export type TextTest = (text: string) => boolean;

/** match_type, which must be written. */
export function matchType(): Schema<MatchType> {
  return choice(["strict", "regexp"]).describe(
    "`strict`: whole texts as written; `regexp`: RE2 patterns that match any part.",
  );
}

/** The cache of regular expressions, whose settings do nothing here. */
export function regexpSettings(): Schema<unknown> {
  return section({
    cacheenabled: flag(false).describe("Accepted: podstamp always remembers some answers."),
    cachemaxnumentries: integer({ default: 0, min: 0 }).describe("Accepted, see cacheenabled."),
  })
    .optional()
    .describe("Settings of the Collector's cache.");
}

/** An attribute that must be there, with a value or any. */
export type AttributeEntry = { readonly key: string; readonly value?: unknown };

/** A list of attributes, all of which must be there. */
export function attributeEntries(): Schema<readonly AttributeEntry[]> {
  const entry = section({
    key: text({ minLength: 1 }).describe("The attribute's key."),
    value: anyValue().optional().describe("Its value; without one, any will do."),
  });
  return listOf(entry).max(1000).prefault([]) as unknown as Schema<readonly AttributeEntry[]>;
}

/** Any value: text, number, true or false, list or map. */
export function anyValue(): Schema<unknown> {
  return parsed<unknown>({ default: undefined, facts: { form: "any value" }, read: (raw) => raw });
}

/** A list of texts or patterns. */
export function texts(): Schema<readonly string[]> {
  return stringList({ default: [] });
}

/** Where a problem stands, and the rule. */
type Report = (path: readonly (string | number)[], rule: string) => void;

/** Makes tests of what stands in an include or exclude section, and reports patterns that are none. */
export function createTests(type: MatchType, report: Report) {
  const one = (written: string, path: readonly (string | number)[]): TextTest => {
    if (type === "strict") return (text) => text === written;
    const compiled = compilePattern(written);
    if ("pattern" in compiled) return compiled.pattern.matches;
    report(path, `must be a regular expression (RE2): ${compiled.problem}`);
    return () => false;
  };
  return {
    one,
    /** Passes what passes any of the list; undefined for an empty one. */
    any(written: readonly string[], path: string): TextTest | undefined {
      if (written.length === 0) return undefined;
      if (type === "strict") {
        const set = new Set(written);
        return (text) => set.has(text);
      }
      const tests = written.map((text, index) => one(text, [path, index]));
      return (text) => tests.some((test) => test(text));
    },
    /** Attributes with their values as they are or, of patterns, with a test; a pattern must be text. */
    attributes(written: readonly AttributeEntry[], path: string): readonly CompiledAttribute[] {
      return written.map(({ key, value }, index): CompiledAttribute => {
        if (value === undefined || value === null) return { key, kind: "present" };
        if (type === "strict") return { key, kind: "equal", value };
        if (typeof value === "string") return { key, kind: "pattern", test: one(value, [path, index, "value"]) };
        report([path, index, "value"], "must be a string, since match_type is regexp");
        return { key, kind: "present" };
      });
    },
  };
}

/** What is asked of one attribute. */
export type CompiledAttribute =
  | { readonly key: string; readonly kind: "present" }
  | { readonly key: string; readonly kind: "equal"; readonly value: unknown }
  | { readonly key: string; readonly kind: "pattern"; readonly test: TextTest };

/** The `severity_number` of the Collector: a number or a name, and what is done with records that have none. */
export function severityNumber() {
  return section({
    min: parsed<number>({
      default: undefined,
      facts: { form: "a severity such as INFO, or its number" },
      read: (raw, fail) =>
        severityOf(raw) ?? fail("must be a severity such as INFO or WARN2, or its number from 1 to 24"),
    }).describe("The lowest severity that matches."),
    match_undefined: flag(false).describe("Whether records without a severity match."),
  })
    .optional()
    .describe("The severity number of log records.");
}

const severities = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

function severityOf(raw: unknown): number | undefined {
  const written = String(raw).toUpperCase();
  const number = Number(written);
  if (Number.isInteger(number)) return number >= 1 && number <= 24 ? number : undefined;
  const [, name = "", step = "1"] = /^([A-Z]+)([2-4])?$/.exec(written) ?? [];
  const index = severities.indexOf(name);
  return index < 0 ? undefined : index * 4 + Number(step);
}
