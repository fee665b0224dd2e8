import { attributeRules } from "../extract/attributes.ts";
import { prefixes } from "../extract/extraction.ts";
import type { KeyRule } from "../extract/key-rules.ts";
import type { Settings } from "../settings/settings.ts";
import { identities } from "./rule-values.ts";

/**
 * Why no pod is ever known by an attribute of this name; undefined where one may be. A rule with such a source is taken all the same where
 * telemetry has the attribute, and then finds nothing.
 */
export function whyDead(name: string, { extract, semconv }: Pick<Settings, "extract" | "semconv">): string | undefined {
  if (identities.includes(name)) return undefined;
  const isOfContainer = attributeRules.some((rule) => rule.name === name && rule.of === "container");
  // What labels say of the service is the pod's.
  const isField = extract.metadata.includes(name) && (!isOfContainer || name === "service.version");
  const isWritten = (kind: "label" | "annotation") => (rule: KeyRule) =>
    rule.from === "pod" && mayWrite(rule, name, prefixes("pod", kind, semconv));
  if (isField || extract.labels.some(isWritten("label"))) return undefined;
  if (extract.otel_annotations || extract.annotations.some(isWritten("annotation"))) return undefined;
  return isOfContainer
    ? `${name} is of a container, and pods are not told apart by it`
    : `${name} is not extracted from pods: extract::metadata, or a rule for labels or annotations, can do that`;
}

/** Whether the rule may write an attribute of that name: what a template makes of a key nobody knows before. */
function mayWrite(
  { key, key_regex: pattern, tag_name: tag }: KeyRule,
  name: string,
  starts: readonly string[],
): boolean {
  if (tag !== "" && pattern === undefined) return tag === name;
  if (tag === name || tag.includes("$")) return true;
  return starts.some((start) => {
    if (!name.startsWith(start)) return false;
    const rest = name.slice(start.length);
    return pattern === undefined ? rest === key : pattern.match(rest) !== undefined;
  });
}
