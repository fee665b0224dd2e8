import { parseId } from "./component-id.ts";
import { sectionEntries } from "./component-section.ts";
import type { ComponentSection } from "./component-section.ts";
import type { ComponentType } from "./component-type.ts";
import type { Configured } from "./config.ts";
import { nearest } from "./document/nearest.ts";
import { cannotUse, shown } from "./document/problem.ts";
import type { Place, Problem } from "./document/problem.ts";
import { find } from "./document/tree.ts";
import type { Tree } from "./document/tree.ts";

type Started<T extends ComponentType> = {
  /** In the order of the list. */
  readonly used: ReadonlyMap<string, Configured<T>>;
  readonly problems: readonly Problem[];
};

/** Reads service::extensions, the list of the extensions that are started; one that is configured and not in it is told. */
export function readExtensions<T extends ComponentType>(root: Tree, section: ComponentSection<T>): Started<T> {
  const problems: Problem[] = [];
  const error = (at: Place, rule: string) =>
    problems.push({ severity: "error", at, message: cannotUse(["service", "extensions"], rule) });
  const used = new Map<string, Configured<T>>();
  const seen = new Set<string>();
  for (const { tree, id } of listed(root, error)) {
    if (id === undefined) {
      error(tree.at, "must be a component id, type or type/name");
      continue;
    }
    if (seen.has(id)) error(tree.at, `references extension "${shown(id)}" multiple times`);
    seen.add(id);
    const known = section.good.get(id);
    if (known !== undefined) used.set(id, known);
    // One that is declared and not good is an error already.
    if (!section.declared.has(id)) error(tree.at, missingRule(id, section.declared.keys()));
  }
  for (const [id, { entry, type }] of section.declared) {
    if (seen.has(id) || type === undefined) continue;
    const message = `extensions::${shown(id)} is not in service::extensions: it is not started`;
    problems.push({ severity: "warning", at: entry.keyAt, message });
  }
  return { used, problems };
}

type Listed = { readonly tree: Tree; readonly id: string | undefined };

function listed(root: Tree, error: (at: Place, rule: string) => void): readonly Listed[] {
  const entry = sectionEntries(root, "service", []).get("extensions");
  if (entry === undefined || (entry.tree.kind === "scalar" && entry.tree.value === null)) return [];
  const { tree } = entry;
  if (tree.kind === "scalar" && typeof tree.value === "string")
    return tree.value.split(",").map((text) => ({ tree, id: parseId(text)?.text }));
  if (tree.kind !== "list") {
    error(tree.at, "must be a list of component ids");
    return [];
  }
  return tree.items.map((item) => ({
    tree: item,
    id: item.kind === "scalar" && typeof item.value === "string" ? parseId(item.value)?.text : undefined,
  }));
}

function missingRule(id: string, declared: Iterable<string>): string {
  const like = nearest(id, declared);
  const meant = like === undefined ? "" : `; did you mean ${shown(like)}?`;
  return `references extension "${shown(id)}" which is not configured${meant}`;
}

type Extensions<T extends ComponentType> = {
  readonly declared: ComponentSection<T>["declared"];
  readonly used: ReadonlyMap<string, Configured<T>>;
};

/** What is wrong with the extensions that exporters name as their storage. */
export function storageProblems(
  exporters: ComponentSection<ComponentType>,
  { declared, used }: Extensions<ComponentType>,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [written, { id, type, settings }] of exporters.good) {
    const entry = exporters.declared.get(written)?.entry;
    for (const reference of type.storagesOf?.(settings) ?? []) {
      const rule = storageRule(reference.id, { declared, used });
      if (rule === undefined || entry === undefined) continue;
      const { valueAt } = find(entry.tree, reference.path);
      problems.push({ severity: "error", at: valueAt, message: cannotUse(["exporters", id, ...reference.path], rule) });
    }
  }
  return problems;
}

function storageRule(id: string, { declared, used }: Extensions<ComponentType>): string | undefined {
  const found = declared.get(id);
  if (found === undefined) {
    const storages = [...declared].filter(([, { type }]) => type?.isStorage === true).map(([name]) => name);
    const like = storages.length === 1 ? storages[0] : nearest(id, storages);
    const meant =
      like === undefined ? "; add it to extensions and to service::extensions" : `; did you mean ${shown(like)}?`;
    return `references extension "${shown(id)}" which is not configured${meant}`;
  }
  if (found.type !== undefined && found.type.isStorage !== true)
    return `references extension "${shown(id)}" which is no storage; file_storage is one`;
  // One whose settings are wrong is an error already.
  if (found.type === undefined || used.has(id)) return undefined;
  return `references extension "${shown(id)}" which is not in service::extensions`;
}
