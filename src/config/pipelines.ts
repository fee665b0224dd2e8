import { parseId } from "./component-id.ts";
import { sectionEntries } from "./component-section.ts";
import type { ComponentSection } from "./component-section.ts";
import { sectionOf } from "./component-type.ts";
import type { ComponentType, PipelineKind } from "./component-type.ts";
import type { Pipeline } from "./config.ts";
import { unknownRule } from "./document/decode.ts";
import { nearest } from "./document/nearest.ts";
import { cannotUse, pathText, shown } from "./document/problem.ts";
import type { Place, Problem } from "./document/problem.ts";
import type { Entry, Tree } from "./document/tree.ts";

const signals = ["traces", "metrics", "logs", "profiles"];
const kinds: readonly PipelineKind[] = ["receiver", "processor", "exporter"];

type Sections = {
  readonly receivers: ComponentSection<ComponentType>;
  readonly processors: ComponentSection<ComponentType>;
  readonly exporters: ComponentSection<ComponentType>;
  readonly connectors: ReadonlyMap<string, Entry>;
};

type Read = { readonly pipelines: readonly Pipeline[]; readonly problems: readonly Problem[] };

/** Reads service::pipelines and checks each against the components that the file has. */
export function readPipelines(root: Tree, sections: Sections): Read {
  const problems: Problem[] = [];
  const service = sectionEntries(root, "service", []);
  const pipelines = service.get("pipelines");
  const entries =
    pipelines === undefined
      ? new Map<string, Entry>()
      : sectionEntries({ kind: "map", at: pipelines.keyAt, entries: service }, "pipelines", problems);
  if (entries.size === 0) {
    const at = pipelines?.keyAt ?? (root.kind === "map" ? root.entries.get("service")?.keyAt : undefined) ?? root.at;
    problems.push({
      severity: "error",
      at,
      message: cannotUse(
        ["service", "pipelines"],
        "service must have at least one pipeline, as traces: {receivers: […], exporters: […]}",
      ),
    });
  }
  const read = [...entries].map(([id, entry]) => readPipeline(id, entry, { sections, problems }));
  return { pipelines: read, problems };
}

type Context = { readonly sections: Sections; readonly problems: Problem[] };

function readPipeline(written: string, entry: Entry, { sections, problems }: Context): Pipeline {
  const path = ["service", "pipelines", written];
  const report = (at: Place, rule: string, below: readonly string[] = []) => {
    problems.push({ severity: "error", at, message: cannotUse([...path, ...below], rule) });
  };
  const id = parseId(written);
  const signal = id?.type ?? "";
  const isKnown = signals.includes(signal);
  if (!isKnown) report(entry.keyAt, `must be named by its signal, one of ${signals.join(", ")}, alone or with /name`);
  // What else is wrong in a pipeline that cannot be is not worth a word.
  const error = isKnown ? report : () => {};
  const own = entry.tree.kind === "map" ? entry.tree.entries : new Map<string, Entry>();
  if (entry.tree.kind !== "map" && !isNull(entry.tree)) error(entry.tree.at, "must be a map");
  const keys = kinds.map((kind) => sectionOf[kind]);
  for (const [key, { keyAt }] of own)
    if (!keys.some((known) => known === key)) error(keyAt, unknownRule("key", key, { names: keys }), [key]);
  const ids = (kind: PipelineKind): readonly string[] => {
    const list = own.get(sectionOf[kind]);
    const found =
      list === undefined || isNull(list.tree)
        ? []
        : readIds(list.tree, (at, rule) => error(at, rule, [sectionOf[kind]]));
    if (
      found.length === 0 &&
      kind !== "processor" &&
      (list === undefined || isNull(list.tree) || list.tree.kind === "list")
    ) {
      error(list?.keyAt ?? entry.keyAt, `must have at least one ${kind}`, [sectionOf[kind]]);
    }
    const seen = new Set<string>();
    for (const { id: name, at } of found) {
      const isAgain = seen.has(name);
      seen.add(name);
      // As in the Collector: twice the same exporter is one, and of processors the order would not be clear.
      if (isAgain && kind !== "processor") {
        if (isKnown)
          problems.push({
            severity: "warning",
            at,
            message: `${pathText([...path, sectionOf[kind]])} has ${shown(name)} more than once: once counts`,
          });
        continue;
      }
      const rule = isAgain
        ? `references ${kind} "${shown(name)}" multiple times`
        : referenceRule(name, { kind, signal, sections });
      if (rule !== undefined) error(at, rule, [sectionOf[kind]]);
    }
    return [...seen];
  };
  return {
    id: id?.text ?? written,
    signal,
    receivers: ids("receiver"),
    processors: ids("processor"),
    exporters: ids("exporter"),
  };
}

type ListedId = { readonly id: string; readonly at: Place };

function readIds(tree: Tree, error: (at: Place, rule: string) => void): readonly ListedId[] {
  if (tree.kind === "scalar" && typeof tree.value === "string")
    return tree.value.split(",").map((id) => ({ id: id.trim(), at: tree.at }));
  if (tree.kind !== "list") {
    error(tree.at, "must be a list of component ids");
    return [];
  }
  return tree.items.flatMap((item) => {
    const id = item.kind === "scalar" && typeof item.value === "string" ? parseId(item.value)?.text : undefined;
    if (id === undefined) error(item.at, "must be a component id, type or type/name");
    return id === undefined ? [] : [{ id, at: item.at }];
  });
}

type Reference = { readonly kind: PipelineKind; readonly signal: string; readonly sections: Sections };

/** What is wrong with a pipeline that names this component; undefined when nothing is. */
function referenceRule(id: string, { kind, signal, sections }: Reference): string | undefined {
  const section = sections[sectionOf[kind]];
  const found = section.declared.get(id);
  if (found === undefined) {
    if (sections.connectors.has(id)) return `references connector "${shown(id)}"; podstamp has no connectors`;
    const sameType = [...section.declared].find(
      ([, { type }]) => type !== undefined && type.type === id.split("/")[0],
    )?.[0];
    const like = sameType ?? nearest(id, section.declared.keys());
    return `references ${kind} "${shown(id)}" which is not configured${like === undefined ? "" : `; did you mean ${shown(like)}?`}`;
  }
  const { type } = found;
  if (type === undefined || !signals.includes(signal)) return undefined;
  if (!type.signals.includes(signal))
    return `${kind} "${shown(id)}" does not take part in ${signal}; it supports ${type.signals.join(" and ")}`;
  const settings = section.good.get(id)?.settings;
  const lack = settings === undefined ? undefined : type.lacksFor?.(settings, signal);
  return lack === undefined ? undefined : `references ${kind} "${shown(id)}", which ${lack}`;
}

function isNull(tree: Tree): boolean {
  return tree.kind === "scalar" && tree.value === null;
}
