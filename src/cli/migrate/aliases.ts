import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
} from "yaml";
import { joined } from "./comments.ts";
import { limits } from "../../config/document/tree.ts";
import type { Anchors } from "./manifest.ts";
import { type Refuse, type Tell, textOf } from "./notes.ts";

type Options = {
  readonly tell: Tell;
  readonly refuse: Refuse;
  /** Of the manifest that the file was taken out of. */
  readonly anchors: Anchors;
};

/**
 * Writes out what aliases and merge keys (`<<`) stand for: what is changed in one place would else change in another, and what is
 * taken out may be what others stand for. Refuses what stands for itself, or makes too much of the file.
 */
export function writeOutAliases(doc: Document, { tell, refuse, anchors }: Options): void {
  let copied = 0;
  let hasAliases = false;
  visit(doc, {
    Alias(_, alias, path) {
      const own = alias.resolve(doc);
      const target = own ?? anchors.get(alias.source);
      const [at = 0] = alias.range ?? [];
      if (target === undefined) return refuse(at, "must not refer to an anchor that does not stand before it");
      if (path.includes(target)) refuse(at, `must not have *${alias.source} in what it stands for`);
      hasAliases = true;
      tell(alias, "changed", `*${alias.source} is written out`);
      const copy = target.clone() as Node;
      if (isScalar(copy)) copy.comment = alias.comment ?? copy.comment ?? null;
      copy.commentBefore = joined(alias.commentBefore, isScalar(copy) ? "" : alias.comment, copy.commentBefore);
      visit(copy, {
        Node(_key, node) {
          if (++copied > limits.values)
            refuse(at, `must hold at most ${limits.values} values, aliases counted each time`);
          if (!isAlias(node)) delete node.anchor;
          // Places in the manifest are none of this file.
          if (own === undefined) node.range = alias.range ?? null;
        },
      });
      return copy;
    },
  });
  if (!hasAliases) return;
  visit(doc, {
    Node(_, node) {
      if (!isAlias(node)) delete node.anchor;
    },
    Map(_, map) {
      delete map.anchor;
      merge(map);
    },
  });
}

/** Puts the pairs of what is merged where the merge key stood; what the map has itself counts, then what is merged first. */
function merge(map: YAMLMap): void {
  if (!map.items.some(isMergeKey)) return;
  const taken = new Set(map.items.map(({ key }) => textOf(key)));
  map.items = map.items.flatMap((pair) => {
    if (!isMergeKey(pair)) return [pair];
    const sources = isSeq(pair.value) ? pair.value.items : [pair.value];
    if (!sources.every(isMap)) return [pair];
    const merged = sources.flatMap((source) => {
      merge(source);
      return source.items.filter(({ key }) => {
        const isNew = !taken.has(textOf(key));
        taken.add(textOf(key));
        return isNew;
      });
    });
    const [first] = merged;
    const { key } = pair;
    const above = sources.map(({ commentBefore }) => commentBefore);
    if (isPair(first) && isScalar(first.key) && isScalar(key))
      first.key.commentBefore = joined(key.commentBefore, ...above, first.key.commentBefore);
    return merged;
  });
}

function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && key.value === "<<";
}
