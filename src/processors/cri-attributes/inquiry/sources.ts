import { attributeRules } from "../extract/attributes.ts";
import { attributesOf, type Extraction } from "../extract/extraction.ts";
import type { AttributeFacts, AttributeRule } from "../extract/facts.ts";
import type { KeyRule } from "../extract/key-rules.ts";

/** Where the value of an attribute that was written comes from, in words. */
export function sourceOf(name: string, facts: AttributeFacts, extraction: Extraction): string {
  const rule = attributeRules.find((one) => one.name === name || one.legacy === name);
  if (rule !== undefined && extraction.metadata.has(rule.name))
    return toldBy(rule, facts) || `${rule.otherwise ?? "podstamp"}`;
  const lists = { labels: "label", annotations: "annotation", containerLabels: "label" } as const;
  for (const list of ["labels", "annotations", "containerLabels"] as const)
    for (const [at, key] of extraction[list].entries())
      if (writes(name, facts, { ...nothing(extraction), [list]: [key] }))
        return `${lists[list]} ${keyOf(key)} of the ${key.from}, by extract::${settingOf(list)}[${at}]`;
  if (writes(name, facts, { ...nothing(extraction), otelAnnotations: true }))
    return `annotation resource.opentelemetry.io/${name} of the pod`;
  return "what the telemetry and its connection say";
}

/** The call and field that tell an attribute, in the words of the runtime that was asked. */
export function toldBy({ source, engine }: AttributeRule, { container }: AttributeFacts): string {
  const type = container?.runtime.type;
  return type === "docker" || type === "podman" ? (engine ?? source) : source;
}

function settingOf(list: "labels" | "annotations" | "containerLabels"): string {
  return list === "containerLabels" ? "container_labels" : list;
}

function nothing(extraction: Extraction): Extraction {
  return {
    ...extraction,
    metadata: new Set(),
    labels: [],
    annotations: [],
    containerLabels: [],
    otelAnnotations: false,
  };
}

function writes(name: string, facts: AttributeFacts, extraction: Extraction): boolean {
  return attributesOf(facts, extraction).has(name);
}

function keyOf({ key, key_regex: pattern }: KeyRule): string {
  return pattern === undefined ? key : `that matches ${pattern.source}`;
}
