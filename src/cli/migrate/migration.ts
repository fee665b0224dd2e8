import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Pair,
  Scalar,
  type YAMLMap,
} from "yaml";
import { insteadOf } from "../../config/absent-extension.ts";
import { elsewhere } from "../../config/collector-names.ts";
import { parseId } from "../../config/component-id.ts";
import type { ComponentKind, ComponentType } from "../../config/component-type.ts";
import { sectionOf } from "../../config/component-type.ts";
import type { Factories } from "../../pipeline/graph/factory.ts";
import { migrateAttributes } from "./attributes.ts";
import type { Note, Tell } from "./notes.ts";

export type Migration = { readonly text: string; readonly notes: readonly Note[] };

/**
 * Makes a configuration of podstamp's of one of the Collector's: names of today, the defaults of k8s_attributes written out, and
 * nothing that podstamp has not. Comments stay where they are. Throws with a place for what is no YAML.
 */
export function migrate(source: string, components: Factories): Migration {
  const lines = new LineCounter();
  const doc = parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const [error] = doc.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Error(`${line}:${col}: Cannot read YAML: ${error.message}`);
  }
  const notes: Note[] = [];
  const tell: Tell = (node, kind, text) => notes.push({ line: lineOf(node, lines), kind, text });
  if (isMap(doc.contents)) {
    const moved = migrateComponents(doc, components, tell);
    migratePipelines(doc, moved, tell);
  }
  return { text: doc.toString({ lineWidth: 0 }), notes: notes.toSorted((a, b) => a.line - b.line) };
}

function lineOf(node: unknown, lines: LineCounter): number {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? lines.linePos(range[0]).line : 1;
}

/** For each section the new name of an id; undefined where it is gone. */
type Moved = Readonly<Record<string, ReadonlyMap<string, string | undefined>>>;

function migrateComponents(doc: Document, components: Factories, tell: Tell): Moved {
  const kinds: readonly ComponentKind[] = ["receiver", "processor", "exporter", "extension"];
  const moved: Record<string, ReadonlyMap<string, string | undefined>> = {};
  for (const kind of kinds) {
    const section = sectionOf[kind];
    moved[section] = migrateSection(doc, { kind, types: components[section], tell });
  }
  const connectors = doc.get("connectors");
  if (isMap(connectors)) {
    moved["connectors"] = new Map(
      connectors.items.map((pair) => {
        const id = textOf(pair.key);
        tell(pair.key, "missing", `connectors::${id}: ${elsewhere("connector", typeOf(id))}`);
        return [id, undefined] as const;
      }),
    );
    doc.delete("connectors");
  }
  return moved;
}

type Section = { readonly kind: ComponentKind; readonly types: readonly ComponentType[]; readonly tell: Tell };

function migrateSection(doc: Document, { kind, types, tell }: Section): ReadonlyMap<string, string | undefined> {
  const name = sectionOf[kind];
  const map = doc.get(name);
  const moved = new Map<string, string | undefined>();
  if (!isMap(map)) return moved;
  const taken = new Set(map.items.map(({ key }) => textOf(key)));
  for (const pair of map.items.slice()) {
    const id = textOf(pair.key);
    const found = types.find(
      (type) => type.type === typeOf(id) || type.aliases.some((alias) => alias.name === typeOf(id)),
    );
    if (found === undefined) {
      const type = typeOf(id);
      const how = closest[type] ?? (kind === "extension" ? insteadOf(type) : elsewhere(kind, type));
      tell(pair.key, "missing", `${name}::${id}: ${how}`);
      map.delete(pair.key);
      moved.set(id, undefined);
      continue;
    }
    // Under podstamp's own name the processor has podstamp's defaults: those of the Collector are written out.
    const type = found.type === "k8s_attributes" ? "cri_attributes" : found.type;
    const next = id.replace(/^[^/]*/, type);
    if (next === id || taken.has(next)) continue;
    rename(pair, next);
    moved.set(id, next);
    tell(pair.key, "changed", `${name}::${id} is ${next} here`);
    if (type === "cri_attributes") migrateAttributes(doc, pair, tell);
  }
  return moved;
}

/** Where something of podstamp's own is nearer than another Collector. */
const closest: Readonly<Record<string, string>> = {
  logging: "the debug exporter does that",
  groupbyattrs: "cri_attributes moves the records of containers into resources of their own by itself",
  k8s_observer: "podstamp finds the node's containers by itself",
};

/** A key keeps what is written around it. */
function rename(pair: Pair, name: string): void {
  if (isScalar(pair.key)) pair.key.value = name;
  else pair.key = new Scalar(name);
}

function migratePipelines(doc: Document, moved: Moved, tell: Tell): void {
  const extensions = doc.getIn(["service", "extensions"]);
  if (isSeq(extensions)) replaceIds(extensions, [moved["extensions"]]);
  const pipelines = doc.getIn(["service", "pipelines"]);
  if (!isMap(pipelines)) return;
  for (const pair of pipelines.items.slice()) {
    if (!isMap(pair.value)) continue;
    const id = textOf(pair.key);
    for (const section of ["receivers", "processors", "exporters"]) {
      const list = pair.value.get(section);
      // A connector stands where receivers and exporters do.
      if (isSeq(list)) replaceIds(list, [moved[section], section === "processors" ? undefined : moved["connectors"]]);
    }
    const lacks = ["receivers", "exporters"].filter((section) => isEmpty(pair.value as YAMLMap, section));
    if (lacks.length === 0) continue;
    tell(pair.key, "missing", `service::pipelines::${id}: it has no ${lacks.join(" and no ")} left, and is taken out`);
    pipelines.delete(pair.key);
  }
}

function isEmpty(map: YAMLMap, section: string): boolean {
  const list = map.get(section);
  return isSeq(list) ? list.items.length === 0 : list === undefined;
}

type Ids = ReadonlyMap<string, string | undefined> | undefined;

function replaceIds(list: { items: unknown[] }, all: readonly Ids[]): void {
  list.items = list.items.filter((item) => {
    const id = textOf(item);
    const moved = all.find((one) => one?.has(id));
    if (moved === undefined) return true;
    const next = moved.get(id);
    if (next === undefined) return false;
    if (isScalar(item)) item.value = next;
    return true;
  });
}

function textOf(node: unknown): string {
  return String(isScalar(node) ? node.value : node);
}

function typeOf(id: string): string {
  return parseId(id)?.type ?? id;
}
