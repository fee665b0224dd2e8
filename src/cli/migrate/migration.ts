import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  type Pair,
  Scalar,
  type ToStringOptions,
  type YAMLMap,
} from "yaml";
import { closestTo } from "../../config/absent-extension.ts";
import { elsewhere } from "../../config/collector-names.ts";
import { parseId } from "../../config/component-id.ts";
import type { ComponentKind, ComponentType } from "../../config/component-type.ts";
import { isLastDocument } from "../../config/document/tree.ts";
import { sectionOf } from "../../config/component-type.ts";
import type { Factories } from "../../pipeline/graph/factory.ts";
import { writeOutAliases } from "./aliases.ts";
import { migrateAuthenticators, type Said } from "./authenticators.ts";
import { hasItsSettings, migrateAssociations, migrateAttributes } from "./attributes.ts";
import { joined, takeOut } from "./comments.ts";
import { joinForwards } from "./joining/forward.ts";
import { takeOutNulls } from "./laid-over.ts";
import { configurationIn, type Inner, whereExpected } from "./manifest.ts";
import { writeOutGo } from "./go-yaml.ts";
import { type Note, type Refuse, type Tell, textOf } from "./notes.ts";
import { tellOldNames } from "./old-names.ts";
import { migratePipelines, type Moved } from "./pipelines.ts";
import { migrateMetricsAddress } from "./telemetry.ts";
import { takeOutUnbuilt } from "./unbuilt.ts";

export type Migration = { readonly text: string; readonly notes: readonly Note[] };

/**
 * Makes a configuration of podstamp's of one of the Collector's: names of today, the defaults of k8s_attributes written out, and
 * nothing that podstamp has not. Comments stay where they are. What is deployed with a configuration in it gives that one. Throws with
 * a place for what is no YAML, and where there are several of which `which` names none.
 */
export function migrate(source: string, components: Factories, which?: string): Migration {
  const inner = configurationIn(source, which);
  if (inner === undefined)
    return migrateAt({ source, lines: 0, columns: 0, anchors: new Map(), isLaidOver: false }, components);
  const { text, notes } = migrateAt(inner, components);
  return { text, notes: [inner.note, ...notes] };
}

function migrateAt({ source, ...begin }: Omit<Inner, "note">, components: Factories): Migration {
  const lines = new LineCounter();
  const doc = parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const refuse: Refuse = (offset, rule) => {
    const { line, col } = lines.linePos(offset);
    throw new Error(`${line + begin.lines}:${col + begin.columns}: Cannot read YAML: ${rule}`);
  };
  const [error] = doc.errors;
  if (error?.code === "MULTIPLE_DOCS" && !isLastDocument(source))
    refuse(error.pos[0], "must be one document: podstamp reads no second one");
  if (error !== undefined && error.code !== "MULTIPLE_DOCS") refuse(error.pos[0], error.message);
  if (error !== undefined) takeComments(doc, source.slice(error.pos[0]));
  const notes: Note[] = [];
  const tell: Tell = (node, kind, text) => notes.push({ line: lineOf(node, lines) + begin.lines, kind, text });
  if (isMap(doc.contents)) {
    refuseManifests(doc, refuse);
    writeOutAliases(doc, { tell, refuse, anchors: begin.anchors });
    if (begin.isLaidOver) takeOutNulls(doc, tell);
    writeOutGo(doc, { tell, refuse });
    joinForwards(doc, tell);
    const moved = migrateComponents(doc, components, { tell, said: migrateAuthenticators(doc, tell) });
    migratePipelines(doc, moved, tell);
    migrateMetricsAddress(doc, tell);
    takeOutUnbuilt(doc, components, tell);
    tellOldNames(doc, tell);
  }
  return { text: textOfDocument(doc, source), notes: notes.toSorted((a, b) => a.line - b.line) };
}

/** The documents behind the first one have nothing but comments. */
function takeComments(doc: Document, rest: string): void {
  doc.errors = [];
  doc.comment = joined(doc.comment, ...[...rest.matchAll(/^[^\S\n]*#(.*?)\r?$/gm)].map(([, text]) => text));
}

function refuseManifests(doc: Document, refuse: Refuse): void {
  const found = whereExpected(doc);
  if (found !== undefined) refuse(found.offset, `must be the Collector's configuration itself, which ${found.how}`);
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

type Telling = { readonly tell: Tell; readonly said: Said };

function migrateComponents(doc: Document, components: Factories, { tell, said }: Telling): Moved {
  const kinds: readonly ComponentKind[] = ["receiver", "processor", "exporter", "extension"];
  const moved: Record<string, ReadonlyMap<string, string | undefined>> = {};
  for (const kind of kinds) {
    const section = sectionOf[kind];
    moved[section] = migrateSection(doc, { kind, types: components[section], tell, said });
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

type Section = Telling & { readonly kind: ComponentKind; readonly types: readonly ComponentType[] };

function migrateSection(doc: Document, { kind, types, tell, said }: Section): ReadonlyMap<string, string | undefined> {
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
      const of = kind === "extension" ? said.get(id) : undefined;
      const how =
        of?.text ??
        closest[type] ??
        (kind === "extension" ? `podstamp has no extension "${type}": ${closestTo(type)}` : elsewhere(kind, type));
      tell(pair.key, of?.kind ?? "missing", `${name}::${id}: ${how}`);
      takeOut(map, pair, { all: false });
      moved.set(id, undefined);
      continue;
    }
    const isAttributes = found.type === "k8s_attributes";
    if (isAttributes) migrateAssociations(doc, pair.value, tell);
    // What is called otherwise here needs another name in any case.
    const aside = called === typeOf(id) ? [] : [`${called}/${id.replaceAll("/", "-")}`];
    const next = [...namesOf(found, pair).map((type) => id.replace(/^[^/]*/, type)), ...aside].find(
      (one) => one === id || !taken.has(one),
    );
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

function typeOf(id: string): string {
  return parseId(id)?.type ?? id;
}
