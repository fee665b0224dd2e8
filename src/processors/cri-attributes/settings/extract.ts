import { listOf, trueOrFalse } from "../../../config/schema/kinds.ts";
import type { Schema, Context } from "../../../config/schema/schema.ts";
import { choiceOrEmpty, flag, section, stringList, text } from "../../../config/fields/fields.ts";
import { parsed } from "../../../config/fields/parsed-field.ts";
import { compileKeyPattern, type KeyPattern } from "../../../config/fields/pattern.ts";
import { attributeRules } from "../extract/attributes.ts";
import type { Dialect } from "../extract/facts.ts";
import type { KeyRule, KeySource } from "../extract/key-rules.ts";

const fields = attributeRules.map(({ name }) => name);

/** The fields that are written when the file does not say which. */
export function defaultFields(dialect: Dialect): readonly string[] {
  return attributeRules.filter(({ defaults }) => defaults.includes(dialect)).map(({ name }) => name);
}

const sources = [
  "pod",
  "namespace",
  "deployment",
  "replicaset",
  "statefulset",
  "daemonset",
  "job",
  "cronjob",
  "node",
] as const satisfies readonly KeySource[];

/** What is written. */
export type ExtractSettings = {
  readonly metadata: readonly string[];
  readonly labels: readonly KeyRule[];
  readonly annotations: readonly KeyRule[];
  readonly container_labels: readonly KeyRule[];
  readonly otel_annotations: boolean;
  readonly deployment_name_from_replicaset?: boolean | undefined;
};

/** The `extract` of k8s_attributes. */
export function extractSection(dialect: Dialect): Schema<ExtractSettings> {
  const schema: Schema<ExtractSettings> = section({
    metadata: stringList({ default: defaultFields(dialect), words: fields, listedIn: "docs/attributes.md" }).describe(
      "The attributes to write; docs/attributes.md has all of them.",
    ),
    labels: keyRules("label").describe("Labels to write."),
    annotations: keyRules("annotation").describe("Annotations to write."),
    container_labels: containerRules().describe(
      "Labels of the container itself to write, by default as `container.label.<key>`.",
    ),
    otel_annotations: flag(false).describe(
      "Whether annotations `resource.opentelemetry.io/<x>` of the pod are written as x.",
    ),
    deployment_name_from_replicaset: trueOrFalse()
      .optional()
      .describe("Accepted: the Collector has removed it, and podstamp always does so."),
  });
  return schema.prefault({}).describe("What is written.");
}

const ruleFields = (what: string) => ({
  tag_name: text({ default: "", maxLength: 1024 }).describe(
    `The attribute; \`$1\` and \`\${name}\` are groups of \`key_regex\`, which must have one for this to count. Empty means the default name.`,
  ),
  key: text({ default: "", maxLength: 1024 }).describe(`The ${what}.`),
  key_regex: keyPattern().optional().describe(`An RE2 pattern of whole keys, instead of \`key\`.`),
});

function keyRules(what: "label" | "annotation"): Schema<readonly KeyRule[]> {
  const rule = section({
    ...ruleFields(what),
    from: choiceOrEmpty(sources, "pod").describe(
      "Whose; only the pod's is known to a runtime, the others need `overlay` or `kubelet`.",
    ),
  }).superRefine(oneKey);
  return listOf(rule).max(1000).prefault([]) as unknown as Schema<readonly KeyRule[]>;
}

function containerRules(): Schema<readonly KeyRule[]> {
  const rule = section(ruleFields("label"))
    .superRefine(oneKey)
    .transform((set): KeyRule => ({ key_regex: undefined, ...set, from: "container" }));
  return listOf(rule).max(1000).prefault([]) as unknown as Schema<readonly KeyRule[]>;
}

type Keys = { readonly key: string; readonly key_regex?: KeyPattern | undefined };

function oneKey({ key, key_regex: pattern }: Keys, context: Context): void {
  if ((key === "") !== (pattern === undefined)) return;
  const message =
    pattern === undefined
      ? "must have one of key and key_regex: without it nothing is written"
      : `must have only one of key and key_regex, is ${JSON.stringify({ key, key_regex: pattern.source })}`;
  context.addIssue({ message });
}

/** A pattern of whole keys; an empty one counts as not set. */
function keyPattern(): Schema<KeyPattern | undefined> {
  return parsed<KeyPattern | undefined>({
    default: undefined,
    facts: { form: "RE2 pattern" },
    read(raw, fail) {
      if (raw === "") return undefined;
      if (typeof raw !== "string" || raw.length > 4096) return fail("must be a string of at most 4096 characters");
      const compiled = compileKeyPattern(raw);
      return "pattern" in compiled ? compiled.pattern : fail(`must be a regular expression (RE2): ${compiled.problem}`);
    },
  });
}
