import { isCollection, isNode, isScalar, type Pair, visit, type YAMLMap, type YAMLSeq } from "yaml";

/** Takes a pair out of a map; what is written above it stays, and with `all` each comment in it, too. */
export function takeOut(map: YAMLMap, pair: Pair, { all }: { readonly all: boolean }): void {
  const index = map.items.indexOf(pair);
  if (index < 0) return;
  const left = all ? everyComment(pair) : [aboveOf(pair.key), aboveOf(pair.value), behindOf(pair.value)];
  map.items.splice(index, 1);
  put(left, map.items[index]?.key, map);
}

/** Takes out of a list what is not kept; what is written above it stays. */
export function keepItems(list: YAMLSeq, isKept: (item: unknown) => boolean): void {
  let left: (string | undefined)[] = [];
  list.items = list.items.filter((item) => {
    if (!isKept(item)) {
      left.push(aboveOf(item), behindOf(item));
      return false;
    }
    put(left, item, list);
    left = [];
    return true;
  });
  put(left, undefined, list);
}

/** In front of a node, or at the end of the collection. */
function put(comments: readonly (string | undefined)[], next: unknown, collection: YAMLMap | YAMLSeq): void {
  const text = comments.filter((comment) => comment !== undefined && comment !== "").join("\n");
  if (text === "") return;
  if (isNode(next)) next.commentBefore = joined(text, next.commentBefore);
  else collection.comment = joined(text, collection.comment);
}

/** One comment of several, without those that say nothing. */
export function joined(...parts: readonly (string | null | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== null && part !== "").join("\n");
}

function aboveOf(node: unknown): string | undefined {
  return isNode(node) ? (node.commentBefore ?? undefined) : undefined;
}

/** On the same line: a block's is what stands at its end. */
function behindOf(node: unknown): string | undefined {
  const isOnLine = isScalar(node) || (isCollection(node) && node.flow === true);
  return isOnLine ? (node.comment ?? undefined) : undefined;
}

function everyComment(pair: Pair): readonly string[] {
  const found: string[] = [];
  const look = (node: unknown) => {
    if (!isNode(node)) return;
    visit(node, {
      Node(_, each) {
        found.push(each.commentBefore ?? "");
        if (isScalar(each)) found.push(each.comment ?? "");
      },
      Collection(_, each) {
        found.push(each.commentBefore ?? "", each.comment ?? "");
      },
    });
  };
  look(pair.key);
  look(pair.value);
  return found;
}
