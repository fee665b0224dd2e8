import { withExact } from "../schema/exact.ts";
import type { Issue, IssuePath, Schema, Shape } from "../schema/schema.ts";
import { nearest } from "./nearest.ts";
import { cannotUse, pathText, shown, valueText } from "./problem.ts";
import type { Place, Problem } from "./problem.ts";
import { redacted } from "./secret.ts";
import { find } from "./tree.ts";
import type { Tree } from "./tree.ts";
import { numberOf } from "./written-number.ts";

type Decoded<T> =
  | { readonly ok: true; readonly value: T; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** How a value is to be read after the schema refused it as it stands; "tree" is what YAML makes of a text. */
type Reading = "absent" | "text" | "tree";

/**
 * Reads the part of a file at `path` with its schema, as the Collector would: null is "not set", a value from a reference
 * is taken as its text where a string is wanted, a known key that is not built yet is a warning or an error.
 * All problems come at once, each with its place.
 */
export function decode<T>(schema: Schema<T>, tree: Tree, path: readonly string[]): Decoded<T> {
  const readings = new Map<Tree, Reading>();
  const warnings: Problem[] = [];
  for (;;) {
    const raw = isNull(tree) ? {} : read(tree, readings);
    const result = schema.safeParse(raw);
    if (result.success) return { ok: true, value: result.data, problems: warnings };
    const { issues } = result.error;
    // Each round reads at least one more value in another way, so that the rounds end.
    const repaired = issues.filter((issue) => repair(issue, { root: tree, path, readings, warnings }));
    if (repaired.length === 0)
      return {
        ok: false,
        problems: [
          ...warnings,
          ...issues.flatMap((issue) => describe(issue, { root: tree, path, readings, warnings })),
        ],
      };
  }
}

type Repair = {
  readonly root: Tree;
  readonly path: readonly string[];
  readonly readings: Map<Tree, Reading>;
  readonly warnings: Problem[];
};

/** Finds another reading for the value that an issue is about; false when there is none. */
function repair(issue: Issue, { root, path, readings, warnings }: Repair): boolean {
  const { tree, at } = find(root, issue.path);
  if (tree === undefined || tree === root) return false;
  const now = readings.get(tree);
  const next = nextReading(tree, now, typeof issue.path.at(-1) === "string");
  if (params(issue)["notYet"] === "warn" && now !== "absent") {
    readings.set(tree, "absent");
    if (!isNull(tree))
      warnings.push({
        severity: "warning",
        at,
        message: `Ignoring ${pathText([...path, ...issue.path])}: ${notBuilt(issue)}`,
      });
    return true;
  }
  if (next === undefined || (next === "absent" && params(issue)["isNeeded"] === true)) return false;
  readings.set(tree, next);
  return true;
}

function nextReading(tree: Tree, now: Reading | undefined, inMap: boolean): Reading | undefined {
  if (now === undefined && tree.text !== undefined) {
    if (!isText(tree)) return "text";
    if (tree.value !== tree.text) return "tree";
  }
  // A map whose text is refused, too, is a map with mistakes.
  if (now === "text" && tree.kind !== "scalar") return "tree";
  return now !== "absent" && isNull(tree) && inMap ? "absent" : undefined;
}

/** A string of YAML's; of a reference it may be more, such as what stands behind " #", and lines. */
function isText(tree: Tree): tree is Tree & { readonly value: string } {
  return tree.kind === "scalar" && typeof tree.value === "string";
}

function isNull(tree: Tree): boolean {
  return tree.kind === "scalar" && tree.value === null;
}

function read(tree: Tree, readings: ReadonlyMap<Tree, Reading>): unknown {
  if (readings.get(tree) === "text") return tree.text;
  switch (tree.kind) {
    case "scalar":
      return scalarOf(tree, readings.get(tree));
    case "list":
      // An ignored item leaves a hole, so that the others keep their places.
      return tree.items.map((item) => (readings.get(item) === "absent" ? undefined : read(item, readings)));
    case "map": {
      const map = Object.fromEntries(
        [...tree.entries].flatMap(([key, entry]) =>
          readings.get(entry.tree) === "absent" ? [] : [[key, read(entry.tree, readings)]],
        ),
      );
      return withExact(map, (key) => {
        const entry = tree.entries.get(key);
        return entry && readExactly(entry.tree, readings);
      });
    }
  }
}

/** Of a string that came from a reference all of its text, unless only what YAML makes of it will do. */
function scalarOf(tree: Tree & { readonly kind: "scalar" }, reading: Reading | undefined): unknown {
  return isText(tree) && reading !== "tree" ? (tree.text ?? tree.value) : tree.value;
}

/** The value with its numbers as they are written, and a string of a reference with all of its text, for a setting that takes any value. */
function readExactly(tree: Tree, readings: ReadonlyMap<Tree, Reading>): unknown {
  const reading = readings.get(tree);
  if (reading !== undefined && reading !== "tree") return read(tree, readings);
  switch (tree.kind) {
    case "scalar":
      return typeof tree.value === "number" && tree.written !== undefined
        ? numberOf(tree.value, tree.written)
        : scalarOf(tree, reading);
    case "list":
      return tree.items.map((item) => readExactly(item, readings));
    case "map":
      return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, readExactly(entry.tree, readings)]));
  }
}

function describe(issue: Issue, { root, path, readings }: Repair): readonly Problem[] {
  const { tree, at, valueAt } = find(root, issue.path);
  const full = [...path, ...issue.path];
  const { unknown } = issue;
  if (unknown !== undefined)
    return unknown.keys.map((key) =>
      unknownKey(key, { at: keyPlace(tree, key, at), path: full, known: unknown.known }),
    );
  const { notYet, secret, words } = params(issue);
  const isHidden = tree?.isHidden === true;
  const value = tree === undefined ? undefined : read(tree, readings);
  const missing = value === undefined || (tree !== undefined && readings.get(tree) === "absent");
  if (notYet !== undefined)
    return [{ severity: "error", at, message: cannotUse(full, notBuilt(issue)), path: full, because: "not_built" }];
  const is = missing
    ? ", is not set"
    : typeof value === "object" && issue.params !== undefined
      ? ""
      : `, is ${secret === true || isHidden ? redacted : valueText(value)}`;
  // Behind a colon stands more about the value, such as what is wrong with an expression, with part of it.
  const rule = isHidden ? issue.message.split(": ", 1).join("") : issue.message;
  const message = cannotUse(full, `${rule}${is}${isHidden ? "" : likely(value, words)}`);
  return [{ severity: "error", at: missing ? at : valueAt, message, path: full }];
}

/** The word that was meant, where a value is much like it. */
function likely(value: unknown, words: unknown): string {
  // Any two letters are alike.
  const near =
    typeof value === "string" && value.length > 2 && Array.isArray(words) ? nearest(value, words) : undefined;
  return near === undefined ? "" : `; did you mean ${near}?`;
}

function keyPlace(tree: Tree | undefined, key: string, otherwise: Place): Place {
  return (tree?.kind === "map" ? tree.entries.get(key)?.keyAt : undefined) ?? otherwise;
}

type Unknown = { readonly at: Place; readonly path: IssuePath; readonly known: Shape };

/** The problem of a key that the section does not have. */
function unknownKey(key: string, { at, path, known }: Unknown): Problem {
  const isLater = (name: string) => known[name]?.facts["form"] === "notYet";
  const all = Object.keys(known);
  const names = all.filter((name) => !isLater(name));
  const rule = unknownRule("key", key, { names, more: all.filter(isLater) });
  return { severity: "error", at, message: cannotUse([...path, key], rule) };
}

type Names = { readonly names: readonly string[]; readonly more?: readonly string[] };

/** "unknown key; did you mean wait? Known keys: …"; `more` are names that may be meant but are not listed. */
export function unknownRule(noun: string, written: string, { names, more = [] }: Names): string {
  const like = nearest(written, [...names, ...more]);
  const meant = like === undefined ? "" : `; did you mean ${like}?`;
  return `unknown ${noun}${meant}${meant === "" ? ";" : ""} ${meant === "" ? "known" : "Known"} ${noun}s: ${names.length === 0 ? "none" : names.map(shown).join(", ")}`;
}

function notBuilt(issue: Issue): string {
  return `known from the Collector and not built yet: ${issue.message}`;
}

function params(issue: Issue): Readonly<Record<string, unknown>> {
  return issue.params ?? {};
}
