import { insteadOf } from "./absent-extension.ts";
import { elsewhere, isOfCollector } from "./collector-names.ts";
import { parseId } from "./component-id.ts";
import { sectionOf } from "./component-type.ts";
import type { ComponentKind, ComponentType } from "./component-type.ts";
import type { Configured } from "./config.ts";
import { decode, unknownRule } from "./document/decode.ts";
import type { Env } from "./document/reference.ts";
import { nearest } from "./document/nearest.ts";
import { cannotUse, pathText, shown } from "./document/problem.ts";
import type { Problem } from "./document/problem.ts";
import { find } from "./document/tree.ts";
import { fingerprintOf } from "./document/tree.ts";
import type { Entry, Tree } from "./document/tree.ts";

/** Types of the Collector that podstamp will have. */
const planned: Readonly<Record<ComponentKind, readonly string[]>> = {
  receiver: ["kafka"],
  processor: [],
  exporter: ["kafka"],
  extension: [],
};

/** The components of one section of the file. */
export type ComponentSection<T extends ComponentType> = {
  /** Those whose settings are right. */
  readonly good: ReadonlyMap<string, Configured<T>>;
  /** The type of every id that the section has; undefined when the type is not known. */
  readonly declared: ReadonlyMap<string, { readonly entry: Entry; readonly type: T | undefined }>;
  readonly problems: readonly Problem[];
};

/** The types that a section may hold, and the environment that some of them look into. */
export type Known<T> = { readonly types: readonly T[]; readonly env: Env };

/** Reads `receivers`, `processors`, `exporters` or `extensions`; all problems at once. */
export function readComponents<T extends ComponentType>(
  root: Tree,
  kind: ComponentKind,
  { types, env }: Known<T>,
): ComponentSection<T> {
  const name = sectionOf[kind];
  const good = new Map<string, Configured<T>>();
  const declared = new Map<string, { entry: Entry; type: T | undefined }>();
  const problems: Problem[] = [];
  const warned = new Set<string>();
  for (const [written, entry] of sectionEntries(root, name, problems)) {
    const id = parseId(written);
    const error = (rule: string) =>
      problems.push({ severity: "error", at: entry.keyAt, message: cannotUse([name, written], rule) });
    if (id === undefined) {
      declared.set(written, { entry, type: undefined });
      error(
        `the id of a component must be type or type/name, with a type of letters, digits and _ that begins with a letter`,
      );
      continue;
    }
    const type = types.find((known) => known.type === id.type || known.aliases.some((alias) => alias.name === id.type));
    if (declared.has(id.text)) error(`must not be written twice (${shown(id.text)})`);
    declared.set(id.text, { entry, type });
    if (type === undefined) {
      error(unknownType(kind, id.type, types));
      continue;
    }
    if (!warned.has(id.type) && type.aliases.some((alias) => alias.name === id.type && alias.deprecated === true)) {
      warned.add(id.type);
      problems.push({
        severity: "warning",
        at: entry.keyAt,
        message: `${name}::${written}: "${id.type}" alias is deprecated; use "${type.type}" instead`,
      });
    }
    const decoded = decode(type.schema, entry.tree, [name, written]);
    problems.push(
      ...decoded.problems.map((problem) => (problem.at === entry.tree.at ? { ...problem, at: entry.keyAt } : problem)),
    );
    if (!decoded.ok) continue;
    const findings = review(type, decoded.value, { env, entry, path: [name, written] });
    problems.push(...findings);
    if (findings.every(({ severity }) => severity === "warning"))
      good.set(id.text, { id: id.text, type, settings: decoded.value, fingerprint: fingerprintOf(entry.tree) });
  }
  return { good, declared, problems };
}

type Reviewed = { readonly env: Env; readonly entry: Entry; readonly path: readonly string[] };

/** What the type has to say of its settings, with the places in the file. */
function review(type: ComponentType, settings: unknown, { env, entry, path }: Reviewed): readonly Problem[] {
  return (type.review?.(settings, env) ?? []).map(({ severity, path: below, text, because }) => {
    const { at } = find(entry.tree, below);
    const full = [...path, ...below];
    return {
      severity,
      at: at === entry.tree.at ? entry.keyAt : at,
      message: severity === "error" ? cannotUse(full, text) : `${pathText(full)} ${text}`,
      path: full,
      ...(because && { because }),
    };
  });
}

/** The entries of a section of the file; none when it is absent, empty or (which is a problem) not a map. */
export function sectionEntries(root: Tree, name: string, problems: Problem[]): ReadonlyMap<string, Entry> {
  const entry = root.kind === "map" ? root.entries.get(name) : undefined;
  if (entry === undefined || (entry.tree.kind === "scalar" && entry.tree.value === null)) return new Map();
  if (entry.tree.kind === "map") return entry.tree.entries;
  problems.push({ severity: "error", at: entry.tree.at, message: cannotUse([name], "must be a map") });
  return new Map();
}

function unknownType(kind: ComponentKind, written: string, types: readonly ComponentType[]): string {
  if (planned[kind].includes(written)) return `known from the Collector and not built yet: the ${kind} "${written}"`;
  const names = types.map((type) => type.type).toSorted();
  const more = types.flatMap((type) => type.aliases.map((alias) => alias.name));
  const like = nearest(written, [...names, ...more]);
  if (kind === "extension")
    return like === undefined ? insteadOf(written) : unknownRule("type", written, { names, more });
  if (isOfCollector(kind, written)) return elsewhere(kind, shown(written));
  if (like !== undefined) return unknownRule("type", written, { names, more });
  return `${elsewhere(kind, shown(written))}; known types: ${names.map(shown).join(", ")}`;
}
