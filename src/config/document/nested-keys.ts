import type { Place } from "./problem.ts";
import type { Entry, Tree } from "./tree.ts";

/** Refuses the file for what stands at a place. */
type Refuse = (at: Place, rule: string) => never;

/**
 * Reads `a::b: c` as `a: {b: c}`, as the Collector does in every map that is in no list. Where the same is written both ways with two
 * values, the file is refused: in the Collector the one or the other counts.
 */
export function nestKeys(tree: Tree, { refuse, depth }: { readonly refuse: Refuse; readonly depth: number }): Tree {
  if (tree.kind !== "map") return tree;
  const entries = new Map<string, Entry>();
  for (const [key, { keyAt, tree: below }] of tree.entries) {
    const [first = "", ...rest] = key.split("::");
    if (rest.length > depth) refuse(keyAt, "has too many :: in a key");
    const value = nestKeys(below, { refuse, depth: depth - rest.length - 1 });
    const inner = rest.reduceRight<Tree>(
      (each, part) => ({ kind: "map", at: keyAt, entries: new Map([[part, { keyAt, tree: each }]]) }),
      value,
    );
    const before = entries.get(first);
    entries.set(first, before === undefined ? { keyAt, tree: inner } : { ...before, tree: both(before.tree, inner) });
  }
  return { ...tree, entries };

  function both(one: Tree, other: Tree): Tree {
    if (isNull(one)) return other;
    if (isNull(other)) return one;
    if (one.kind !== "map" || other.kind !== "map")
      return refuse(other.at, "the same key is written twice, once with ::");
    const joined = new Map(one.entries);
    for (const [key, entry] of other.entries) {
      const before = joined.get(key);
      joined.set(key, before === undefined ? entry : { ...before, tree: both(before.tree, entry.tree) });
    }
    return { ...one, entries: joined };
  }
}

function isNull(tree: Tree): boolean {
  return tree.kind === "scalar" && tree.value === null;
}
