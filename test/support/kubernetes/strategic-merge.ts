import { isTree, resolved, type Schema, type Tree } from "./schema.ts";

/**
 * Lays a patch over an object of the API as Kubernetes' strategic merge does: trees key by key, lists with a merge key by that key,
 * other lists as a whole. Refuses directives ($patch and the like).
 */
export function merged(base: Tree, patch: Tree, schema: Schema | undefined): Tree {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) throw new Error(`Cannot merge: must be without directives, has ${key}`);
    const before = result[key];
    const own = schema === undefined ? undefined : propertyOf(schema, key);
    if (value === null) delete result[key];
    else if (isTree(before) && isTree(value)) result[key] = merged(before, value, own);
    else if (Array.isArray(before) && Array.isArray(value)) result[key] = mergedList(before, value, own);
    else result[key] = value;
  }
  return result;
}

function propertyOf(schema: Schema, key: string): Schema | undefined {
  const { properties, additionalProperties } = resolved(schema);
  return properties?.[key] ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
}

/** New items come first, as kustomize writes them. */
function mergedList(before: readonly unknown[], patch: readonly unknown[], schema: Schema | undefined): unknown[] {
  const key = schema?.["x-kubernetes-patch-merge-key"];
  if (key === undefined || schema?.["x-kubernetes-patch-strategy"]?.includes("merge") !== true) return [...patch];
  const trees = [...before, ...patch].filter(isTree);
  if (trees.length < before.length + patch.length) throw new Error(`Cannot merge by ${key}: each item must be a tree`);
  const changes = new Map(trees.slice(before.length).map((item) => [item[key], item]));
  const kept = trees.slice(0, before.length).map((item) => {
    const change = changes.get(item[key]);
    changes.delete(item[key]);
    return change === undefined ? item : merged(item, change, schema.items);
  });
  return [...changes.values(), ...kept];
}
