import { listOf } from "../../../config/schema/kinds.ts";
import type { Schema } from "../../../config/schema/schema.ts";
import { choiceOrEmpty, section, text } from "../../../config/fields/fields.ts";
import { parsed } from "../../../config/fields/parsed-field.ts";
import { compilePattern, type Pattern } from "../../../config/fields/pattern.ts";
import type { Dialect } from "../extract/facts.ts";

/** The pod has this label, or not. */
export type LabelFilter = {
  readonly key: string;
  readonly value: string;
  readonly op: "equals" | "not-equals" | "exists" | "does-not-exist";
};

/** A field of the pod has this value, or not. */
export type FieldFilter = { readonly key: string; readonly value: string; readonly op: "equals" | "not-equals" };

/** Which pods are known at all; telemetry of the others passes as it is. */
export type FilterSettings = {
  readonly node: string;
  readonly node_from_env_var: string;
  readonly namespace: string;
  readonly labels: readonly LabelFilter[];
  readonly fields: readonly FieldFilter[];
};

const labelName =
  /^(?:(?=[^/]{1,253}\/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

const label = section({
  key: parsed<string>({
    default: "",
    facts: { form: "label" },
    read: (raw, fail) =>
      typeof raw === "string" && labelName.test(raw)
        ? raw
        : fail("must be the name of a label, such as app.kubernetes.io/name"),
  }).describe("The label."),
  value: text({ default: "", maxLength: 1024 }).describe("Its value."),
  op: choiceOrEmpty(["equals", "not-equals", "exists", "does-not-exist"], "equals").describe(
    "What must be so; `not-equals` is also so of pods without the label.",
  ),
}).superRefine(({ value, op }, context) => {
  if (op.endsWith("equals") && !labelValue.test(value))
    context.addIssue({ path: ["value"], message: "must be what a label can hold" });
});

const field = section({
  key: text({ default: "", maxLength: 1024 }).describe(
    "metadata.name, metadata.namespace, metadata.uid, spec.nodeName, spec.hostNetwork or status.podIP; a runtime knows no others.",
  ),
  value: text({ default: "", maxLength: 1024 }).describe("Its value."),
  op: choiceOrEmpty(["equals", "not-equals"], "equals").describe("What must be so."),
});

/** The `filter` of k8s_attributes. */
export function filterSection(): Schema<FilterSettings> {
  const schema = section({
    node: text({ default: "", maxLength: 253 }).describe(
      "Only pods of this node: all or none, since a runtime has those of its own.",
    ),
    node_from_env_var: text({ default: "", maxLength: 1024 }).describe(
      "An environment variable that holds the node; it must exist, and goes before `node`.",
    ),
    namespace: text({ default: "", maxLength: 253 }).describe("Only pods of this namespace."),
    labels: listOf(label).max(100).prefault([]).describe("Labels that pods must have; all must hold."),
    fields: listOf(field).max(100).prefault([]).describe("Fields that pods must have; all must hold."),
  }) as unknown as Schema<FilterSettings>;
  return schema.prefault({}).describe("Which pods are known; telemetry of the others passes as it is.");
}

/** A pod that is not known, by its name; without a name it is every pod. */
export type Exclusion = { readonly name: Pattern | undefined };

/** The `exclude` of k8s_attributes. */
export function excludeSection(dialect: Dialect): Schema<{ readonly pods: readonly Exclusion[] }> {
  const standard = dialect === "collector" ? [{ name: "jaeger-agent" }, { name: "jaeger-collector" }] : [];
  const pod = section({
    name: namePattern().optional().describe("An RE2 pattern that matches any part of the pod's name."),
  });
  const schema = section({
    pods: listOf(pod)
      .max(1000)
      .prefault(standard)
      .transform((list) => (list.length === 0 ? standardOf(standard) : list))
      .describe("Pods by name; an empty list leaves the default."),
  })
    .prefault({})
    .describe("Pods that are not known; their telemetry passes as it is.");
  return schema as unknown as Schema<{ readonly pods: readonly Exclusion[] }>;
}

function standardOf(list: readonly { readonly name: string }[]): readonly Exclusion[] {
  return list.flatMap(({ name }) => {
    const compiled = compilePattern(name);
    return "pattern" in compiled ? [{ name: compiled.pattern }] : [];
  });
}

function namePattern(): Schema<Pattern> {
  return parsed<Pattern>({
    default: undefined,
    facts: { form: "RE2 pattern" },
    read(raw, fail) {
      if (typeof raw !== "string" || raw.length > 4096) return fail("must be a string of at most 4096 characters");
      if (raw === "") return fail("must not be empty: it would be every pod");
      const compiled = compilePattern(raw);
      return "pattern" in compiled ? compiled.pattern : fail(`must be a regular expression (RE2): ${compiled.problem}`);
    },
  });
}
