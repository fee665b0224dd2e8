import { components } from "../../src/components.ts";
import type { ComponentType } from "../../src/config/component-type.ts";
import { PrefaultSchema } from "../../src/config/schema/schema.ts";
import { ListSchema, ObjectSchema } from "../../src/config/schema/kinds.ts";
import type { Schema } from "../../src/config/schema/schema.ts";
import { serviceSchema } from "../../src/config/service.ts";
import { metricShapes } from "../../src/telemetry/names.ts";

/** The line of docs/configuration.md below which everything comes from the code. */
export const marker = "<!-- Below this line: made by `npm run build:docs` from the schemas. Do not edit. -->";

/** What a schema tells of a setting, with the facts that config/fields/fields.ts adds. */
type Setting = {
  readonly form?: string;
  readonly what?: string;
  readonly severity?: string;
  readonly words?: readonly string[];
  readonly min?: number | string;
  readonly max?: number | string;
  readonly presence?: { readonly absent: string; readonly empty: string };
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Setting>>;
  readonly items?: Setting;
};

/** The reference of every setting and metric, as Markdown. */
export function renderReference(): string {
  const { receivers, processors, exporters, extensions } = components;
  return [
    ...part("Receivers", "receivers", receivers),
    ...part("Processors", "processors", processors),
    ...part("Exporters", "exporters", exporters),
    ...part("Extensions", "extensions", extensions),
    "## Service",
    "",
    "`service::pipelines` and `service::extensions` are described above.",
    "",
    ...settings(serviceSchema),
    "## Metrics",
    "",
    "Served in the text format of Prometheus at `http://localhost:8888/metrics` unless `service::telemetry::metrics` says otherwise.",
    "Names that begin with `otelcol_` are the Collector's.",
    "",
    "| name | kind | labels | level | counts |",
    "|---|---|---|---|---|",
    ...Object.entries(metricShapes).map(
      ([name, { kind, labels, level, description }]) =>
        `| \`${name}\` | ${kind} | ${labels.join(", ")} | ${level} | ${description} |`,
    ),
    "",
  ].join("\n");
}

function part(title: string, section: string, types: readonly ComponentType[]): readonly string[] {
  return [`## ${title}`, "", ...types.flatMap((type) => component(section, type))];
}

function component(
  section: string,
  { type, aliases, signals, stability, summary, notice, schema }: ComponentType,
): readonly string[] {
  const names = aliases.map(({ name, deprecated }) => `\`${name}\`${deprecated === true ? " (deprecated)" : ""}`);
  const also = names.length === 0 ? "" : ` Also known as ${names.join(", ")}.`;
  return [
    `### ${section}::${type}`,
    "",
    `${summary}${signals.length === 0 ? "" : ` Signals: ${signals.join(", ")}.`} Stability: ${stability}.${also}`,
    "",
    ...(notice === undefined ? [] : [`It ${notice}.`, ""]),
    ...settings(schema),
  ];
}

function settings(schema: Schema<unknown>): readonly string[] {
  const rows = flatten(settingOf(schema), "");
  const built = rows.filter(({ setting }) => setting.form !== "notYet");
  const later = rows.filter(({ setting }) => setting.form === "notYet");
  const named = (severity: string) =>
    later
      .filter(({ setting }) => setting.severity === severity)
      .map(({ path, setting }) => `- \`${path}\`: ${setting.what}`);
  if (rows.length === 0) return [];
  return [
    "| setting | value | default | |",
    "|---|---|---|---|",
    ...built.map(
      ({ path, setting }) =>
        `| \`${path}\` | ${cell(valueText(setting))} | ${cell(defaultText(setting))} | ${cell(setting.description ?? "")} |`,
    ),
    "",
    ...list("Known from the Collector and not built yet; setting one is an error:", named("error")),
    ...list("Known from the Collector and not built yet; setting one is ignored with a warning:", named("warn")),
  ];
}

/** What a schema and those within it tell; the outer ones know better. */
function settingOf(schema: Schema<unknown>): Setting {
  const inner: unknown = "inner" in schema ? schema.inner : undefined;
  const below = inner === undefined ? {} : settingOf(inner as Schema<unknown>);
  return {
    ...below,
    ...(schema instanceof ObjectSchema ? { properties: propertiesOf(schema) } : {}),
    ...(schema instanceof ListSchema ? { items: settingOf(schema.item), maxItems: schema.limits.max } : {}),
    ...(schema instanceof PrefaultSchema ? { default: schema.standard } : {}),
    ...schema.facts,
  } as Setting;
}

function propertiesOf({ shape }: ObjectSchema<Readonly<Record<string, Schema<unknown>>>>): Setting["properties"] {
  return Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, settingOf(field)]));
}

function list(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [title, "", ...items, ""];
}

type Row = { readonly path: string; readonly setting: Setting };

function flatten(setting: Setting, path: string): readonly Row[] {
  const below = setting.properties ?? setting.items?.properties ?? {};
  const prefix = setting.items === undefined ? path : `${path}[]`;
  return Object.entries(below).flatMap(([key, child]) => {
    const full = prefix === "" ? key : `${prefix}::${key}`;
    // Every section that can be off has `enabled`: the text above says so once.
    if (key === "enabled" && setting.presence !== undefined) return [];
    return [{ path: full, setting: child }, ...flatten(child, full)];
  });
}

function valueText({ form, words, presence, type, properties, items, ...setting }: Setting): string {
  if (presence !== undefined)
    return `section, ${presence.absent} by default${presence.absent === "off" && presence.empty === "on" ? "; on when the key is written" : ""}`;
  if (properties !== undefined) return "section";
  const listed = words?.map((word) => `\`${word === "" ? '""' : word}\``).join(", ");
  if (listed !== undefined) return form === "choice" ? listed : `list of ${listed}`;
  if (items !== undefined) return setting.maxItems === undefined ? "list" : `list of at most ${setting.maxItems}`;
  if (setting.enum !== undefined) return setting.enum.map((word) => `\`${String(word)}\``).join(", ");
  const noun = form ?? (type === "boolean" ? "true or false" : (type ?? "any"));
  return `${noun}${limits(setting.min ?? setting.minimum, setting.max ?? setting.maximum)}`;
}

function limits(min: number | string | undefined, max: number | string | undefined): string {
  const upper = max === Number.MAX_SAFE_INTEGER ? undefined : max;
  if (min !== undefined && upper !== undefined) return `, ${min} to ${upper}`;
  return min !== undefined ? `, at least ${min}` : upper !== undefined ? `, at most ${upper}` : "";
}

function defaultText({ default: standard, properties, presence }: Setting): string {
  if (standard === undefined || properties !== undefined || presence !== undefined) return "";
  return `\`${typeof standard === "string" && standard !== "" ? standard : JSON.stringify(standard)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
