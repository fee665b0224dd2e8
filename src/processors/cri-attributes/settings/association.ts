import { listOf } from "../../../config/schema/kinds.ts";
import type { Schema } from "../../../config/schema/schema.ts";
import { choice, section, text } from "../../../config/fields/fields.ts";

/** Where a value by which a pod is known comes from. */
export const sourceKinds = ["resource_attribute", "connection", "record_attribute", "process.pid", "cgroup"] as const;

export type SourceKind = (typeof sourceKinds)[number];

/** One value of a rule. */
export type AssociationSource = { readonly from: SourceKind; readonly name: string };

/** A rule: it is taken when all of its sources have a value, and decides then. */
export type AssociationRule = { readonly sources: readonly AssociationSource[] };

const maxSources = 4;

const source = section({
  from: choice(sourceKinds).describe(
    "`resource_attribute` and `record_attribute` (of spans, data points, log records, samples) with a name; `connection`, the sender's address; `process.pid`; `cgroup`, the attributes process.linux.cgroup and podstamp.cgroup.id.",
  ),
  name: text({ default: "", maxLength: 1024 }).describe("The attribute."),
}).superRefine(({ from, name }, context) => {
  if (from.endsWith("_attribute") && name === "")
    context.addIssue({ path: ["name"], message: `must be an attribute's name, since from is ${from}` });
});

const rule = section({
  sources: listOf(source)
    .superRefine((sources, context) => {
      if (sources.length === 0)
        context.addIssue({
          message: "must have at least one source: a rule without any would decide for all and find nothing",
        });
      if (sources.length > maxSources)
        context.addIssue({ message: `must have at most ${maxSources} sources, has ${sources.length}` });
    })
    .describe("All of them must have a value, and be of the pod."),
});

/** The `pod_association` of k8s_attributes. */
export function associationRules(): Schema<readonly AssociationRule[]> {
  const rules = listOf(rule)
    .max(100)
    .superRefine((list, context) => {
      const seen = new Set<string>();
      for (const [index, each] of list.entries()) {
        const key = keyOf(each);
        if (seen.has(key)) context.addIssue({ path: [index], message: `must not be there twice: ${key}` });
        seen.add(key);
      }
    })
    .prefault([]);
  return rules as unknown as Schema<readonly AssociationRule[]>;
}

/** The sources as `from/name`, in an order that does not depend on how they are written. */
function keyOf({ sources }: AssociationRule): string {
  return sources
    .map(({ from, name }) => `${from}/${from.endsWith("_attribute") ? name : ""}`)
    .toSorted()
    .join(",");
}
