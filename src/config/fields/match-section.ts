import { listOf } from "../schema/kinds.ts";
import type { Schema, Output, Context } from "../schema/schema.ts";
import { notYet, section, text } from "./fields.ts";
import { attributeEntries, createTests, matchType, regexpSettings, severityNumber, texts } from "./match-fields.ts";
import type { CompiledAttribute, TextTest } from "./match-fields.ts";

/** What an include or exclude section asks for, compiled; all of it must be so. */
export type CompiledMatch = {
  readonly services?: TextTest | undefined;
  readonly resources?: readonly CompiledAttribute[];
  readonly libraries?: readonly { readonly name: TextTest; readonly version: TextTest | undefined }[];
  readonly spanNames?: TextTest | undefined;
  readonly spanKinds?: TextTest | undefined;
  readonly metricNames?: TextTest | undefined;
  readonly bodies?: TextTest | undefined;
  readonly severityTexts?: TextTest | undefined;
  readonly severityNumber?: { readonly min: number; readonly matchUndefined: boolean } | undefined;
  readonly attributes?: readonly CompiledAttribute[];
};

const library = section({
  name: text({ minLength: 1 }).describe("The name of the instrumentation scope."),
  version: text().optional().describe("Its version; without one, any will do."),
});

const common = {
  match_type: matchType(),
  regexp: regexpSettings(),
  services: texts().describe("service.name of the resource is one of these."),
  resources: attributeEntries().describe("The resource has all of these attributes."),
  libraries: listOf(library).max(1000).prefault([]).describe("The instrumentation scope is all of these."),
  attributes: attributeEntries().describe("The span, log record or data point has all of these attributes."),
  span_names: texts().describe("The span's name is one of these; only spans match."),
  span_kinds: texts().describe("The span's kind is one of these, as `SPAN_KIND_SERVER`; only spans match."),
};

const ofSpans = section(common);
const ofAll = section({
  ...common,
  log_bodies: texts().describe("The log record's body, as text, is one of these; only log records match."),
  log_severity_texts: texts().describe("The log record's severity text is one of these; only log records match."),
  log_severity_number: severityNumber(),
  metric_names: texts().describe("The metric's name is one of these; only metrics match."),
  expressions: notYet("expressions; only names and attributes are matched", "error"),
});

/** The `include` and `exclude` of the Collector's attributes processor; undefined when it is not there. */
export function matchSection(sentence: string): Schema<CompiledMatch | undefined> {
  const compiled = ofAll.transform((set, context): CompiledMatch => {
    const tests = testsOf(set, context);
    const match: CompiledMatch = {
      ...commonMatch(set, tests),
      bodies: tests.any(set.log_bodies, "log_bodies"),
      severityTexts: tests.any(set.log_severity_texts, "log_severity_texts"),
      severityNumber: set.log_severity_number && {
        min: set.log_severity_number.min,
        matchUndefined: set.log_severity_number.match_undefined,
      },
      metricNames: tests.any(set.metric_names, "metric_names"),
    };
    return something(match, context);
  });
  return compiled.optional().describe(sentence);
}

/** The same with what only spans have. */
export function spanMatchSection(sentence: string): Schema<CompiledMatch | undefined> {
  const compiled = ofSpans.transform((set, context) => something(commonMatch(set, testsOf(set, context)), context));
  return compiled.optional().describe(sentence);
}

const spanKinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
  (kind) => `SPAN_KIND_${kind}`,
);

/** A name that no span's kind has would quietly match nothing. */
function checkSpanKinds({ match_type, span_kinds }: Written, context: Context): void {
  if (match_type !== "strict") return;
  for (const [index, kind] of span_kinds.entries())
    if (!spanKinds.includes(kind))
      context.addIssue({ message: `must be one of ${spanKinds.join(", ")}`, path: ["span_kinds", index] });
}

type Written = Output<typeof ofSpans>;
type Tests = ReturnType<typeof createTests>;

function testsOf(set: Written, context: Context): Tests {
  checkSpanKinds(set, context);
  return createTests(set.match_type, (path, message) => {
    context.addIssue({ message, path: [...path] });
  });
}

function commonMatch(set: Written, tests: Tests): CompiledMatch {
  return {
    services: tests.any(set.services, "services"),
    resources: tests.attributes(set.resources, "resources"),
    libraries: set.libraries.map(({ name, version }, index) => ({
      name: tests.one(name, ["libraries", index, "name"]),
      version: version === undefined ? undefined : tests.one(version, ["libraries", index, "version"]),
    })),
    spanNames: tests.any(set.span_names, "span_names"),
    spanKinds: tests.any(set.span_kinds, "span_kinds"),
    attributes: tests.attributes(set.attributes, "attributes"),
  };
}

function something(match: CompiledMatch, context: Context): CompiledMatch {
  if (asksNothing(match)) context.addIssue({ message: "must name at least one thing to match", path: [] });
  return match;
}

/** Whether a match would match everything. */
export function asksNothing(match: CompiledMatch): boolean {
  return Object.values(match).every((asked) => asked === undefined || (Array.isArray(asked) && asked.length === 0));
}
