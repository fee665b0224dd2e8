import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Pair,
  Scalar,
  type ToStringOptions,
  type YAMLMap,
} from "yaml";
import { insteadOf } from "../../config/absent-extension.ts";
import { elsewhere } from "../../config/collector-names.ts";
import { parseId } from "../../config/component-id.ts";
import type { ComponentKind, ComponentType } from "../../config/component-type.ts";
import { sectionOf } from "../../config/component-type.ts";
import type { Factories } from "../../pipeline/graph/factory.ts";
import { writeOutAliases } from "./aliases.ts";
import { hasItsSettings, migrateAssociations, migrateAttributes } from "./attributes.ts";
import { keepItems, takeOut } from "./comments.ts";
import type { Note, Refuse, Tell } from "./notes.ts";

export type Migration = { readonly text: string; readonly notes: readonly Note[] };

/**
 * Makes a configuration of podstamp's of one of the Collector's: names of today, the defaults of k8s_attributes written out, and
 * nothing that podstamp has not. Comments stay where they are. Throws with a place for what is no YAML.
 */
export function migrate(source: string, components: Factories): Migration {
  const lines = new LineCounter();
  const doc = parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const refuse: Refuse = (offset, rule) => {
    const { line, col } = lines.linePos(offset);
    throw new Error(`${line}:${col}: Cannot read YAML: ${rule}`);
  };
  const [error] = doc.errors;
  if (error?.code === "MULTIPLE_DOCS") refuse(error.pos[0], "must be one document: podstamp reads no second one");
  if (error !== undefined) refuse(error.pos[0], error.message);
  const notes: Note[] = [];
  const tell: Tell = (node, kind, text) => notes.push({ line: lineOf(node, lines), kind, text });
  if (isMap(doc.contents)) {
    writeOutAliases(doc, { tell, refuse });
    const moved = migrateComponents(doc, components, tell);
    migratePipelines(doc, moved, tell);
  }
  return { text: textOfDocument(doc, source), notes: notes.toSorted((a, b) => a.line - b.line) };
}

/** In the manner of the source, so that a comparison shows what has changed. */
function textOfDocument(doc: Document, source: string): string {
  if (doc.contents === null) return source;
  const manner: ToStringOptions = {
    lineWidth: 0,
    flowCollectionPadding: /[[{] \S/.test(source),
    indentSeq: !/^( *)[^\s#-][^#\n]*:[^\S\n]*\r?\n\1- /m.test(source),
  };
  const text = doc.toString(manner);
  return source.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
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
    const root = doc.contents as YAMLMap;
    const pair = root.items.find(({ value }) => value === connectors);
    if (pair !== undefined) takeOut(root, pair, { all: false });
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
    const called = name === "exporters" && typeOf(id) === "logging" ? "debug" : typeOf(id);
    const found = types.find((type) => type.type === called || type.aliases.some((alias) => alias.name === called));
    if (found === undefined) {
      const type = typeOf(id);
      const how = closest[type] ?? (kind === "extension" ? insteadOf(type) : elsewhere(kind, type));
      tell(pair.key, "missing", `${name}::${id}: ${how}`);
      takeOut(map, pair, { all: false });
      moved.set(id, undefined);
      continue;
    }
    const isAttributes = found.type === "k8s_attributes";
    if (isAttributes) migrateAssociations(doc, pair.value, tell);
    const next = namesOf(found, pair)
      .map((type) => id.replace(/^[^/]*/, type))
      .find((one) => one === id || !taken.has(one));
    if (next === undefined || next === id) continue;
    taken.delete(id);
    taken.add(next);
    rename(pair, next);
    moved.set(id, next);
    tell(pair.key, "changed", `${name}::${id} is ${next} here`);
    if (called !== typeOf(id)) migrateLogging(pair.value, tell);
    if (next.startsWith("cri_attributes")) migrateAttributes(doc, pair, tell);
    else if (isAttributes)
      tell(pair.key, "changed", `${next} has the Collector's defaults, so that nothing is written out`);
  }
  return moved;
}

/**
 * What a component may be called here, the best name first. Under podstamp's own name the processor has podstamp's defaults, and
 * those of the Collector are written out, which takes a block that says itself what it has.
 */
function namesOf({ type }: ComponentType, { value }: Pair): readonly string[] {
  return type === "k8s_attributes" && hasItsSettings(value) ? ["cri_attributes", type] : [type];
}

/** What the debug exporter was called once had levels of its own. */
const verbosities: Readonly<Record<string, string>> = {
  debug: "detailed",
  info: "normal",
  warn: "basic",
  error: "basic",
};

function migrateLogging(block: unknown, tell: Tell): void {
  const pair = isMap(block) ? block.items.find(({ key }) => textOf(key) === "loglevel") : undefined;
  const verbosity = pair && verbosities[textOf(pair.value)];
  if (pair === undefined || verbosity === undefined) return;
  tell(pair.key, "changed", `loglevel ${textOf(pair.value)} is verbosity ${verbosity}`);
  rename(pair, "verbosity");
  if (isScalar(pair.value)) pair.value.value = verbosity;
}

/** Where something of podstamp's own is nearer than another Collector. */
const closest: Readonly<Record<string, string>> = {
  groupbyattrs: "cri_attributes moves the records of containers into resources of their own by itself",
  k8s_observer: "podstamp finds the node's containers by itself",
};

/** A key keeps what is written around it. */
function rename(pair: Pair, name: string): void {
  if (isScalar(pair.key)) pair.key.value = name;
  else pair.key = new Scalar(name);
}

function migratePipelines(doc: Document, moved: Moved, tell: Tell): void {
  const service = doc.get("service");
  if (isMap(service)) replaceIds(doc, { map: service, key: "extensions" }, [moved["extensions"]]);
  const pipelines = doc.getIn(["service", "pipelines"]);
  if (!isMap(pipelines)) return;
  for (const pair of pipelines.items.slice()) {
    if (!isMap(pair.value)) continue;
    const id = textOf(pair.key);
    for (const section of ["receivers", "processors", "exporters"]) {
      // A connector stands where receivers and exporters do.
      const connectors = section === "processors" ? undefined : moved["connectors"];
      replaceIds(doc, { map: pair.value, key: section }, [moved[section], connectors]);
    }
    const lacks = ["receivers", "exporters"].filter((section) => isEmpty(pair.value as YAMLMap, section));
    if (lacks.length === 0) continue;
    tell(pair.key, "missing", `service::pipelines::${id}: it has no ${lacks.join(" and no ")} left, and is taken out`);
    takeOut(pipelines, pair, { all: false });
  }
}

function isEmpty(map: YAMLMap, section: string): boolean {
  const list = map.get(section);
  return isSeq(list) ? list.items.length === 0 : list === undefined;
}

type Ids = ReadonlyMap<string, string | undefined> | undefined;

/** A lone string is a list, split at commas, but for one that a variable writes: nobody knows here what is in that. */
function replaceIds(doc: Document, { map, key }: { map: YAMLMap; key: string }, all: readonly Ids[]): void {
  const alone = map.get(key, true);
  if (isScalar(alone) && typeof alone.value === "string" && !alone.value.includes("${")) {
    const list = doc.createNode(alone.value.split(","), { flow: true });
    list.comment = alone.comment ?? null;
    list.commentBefore = alone.commentBefore ?? null;
    map.set(key, list);
  }
  const list = map.get(key);
  if (!isSeq(list)) return;
  keepItems(list, (item) => {
    const id = textOf(item);
    const moved = all.find((one) => one?.has(id));
    if (moved === undefined) return true;
    const next = moved.get(id);
    if (next !== undefined && isScalar(item)) item.value = next;
    return next !== undefined;
  });
}

function textOf(node: unknown): string {
  return String(isScalar(node) ? node.value : node);
}

function typeOf(id: string): string {
  return parseId(id)?.type ?? id;
}
