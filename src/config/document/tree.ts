import { hash } from "node:crypto";
import { statSync } from "node:fs";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, parseDocument } from "yaml";
import type { Document, Pair, Scalar, Node as YamlNode, YAMLParseError } from "yaml";
import { shown } from "./problem.ts";
import { nestKeys } from "./nested-keys.ts";
import { isTold, numberOfGo } from "./written-number.ts";
import type { Place, Problem } from "./problem.ts";

/** A value of a configuration file that remembers where it stands. */
export type Tree = {
  readonly at: Place;
  /** The text behind a value that came whole from a reference: a setting that is a string takes it instead of the value. */
  readonly text?: string;
  /** It comes from a file that a reference names, which may hold a secret: no message shows the value. */
  readonly isHidden?: boolean;
} & (
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, Entry> }
  | { readonly kind: "list"; readonly items: readonly Tree[] }
  | {
      readonly kind: "scalar";
      readonly value: string | number | boolean | null;
      /** A number as it is written, where JavaScript's number does not tell all of it; see ../schema/exact.ts. */
      readonly written?: string;
    }
);

/** One key of a map, with the place of the key and the value behind it. */
export type Entry = { readonly keyAt: Place; readonly tree: Tree };

/** What one file may hold, aliases resolved. */
export const limits = { bytes: 1 << 20, values: 50_000, depth: 64 } as const;

type Parsed = { readonly tree: Tree | undefined; readonly problems: readonly Problem[] };

/** A file: as parseValue(), and an empty one is an empty map. */
export function parseTree(file: string, source: string): Parsed {
  const { tree, problems } = parseValue(file, source);
  const isEmpty = tree?.kind === "scalar" && tree.value === null;
  return { tree: isEmpty ? { kind: "map", at: { file, line: 1, column: 1 }, entries: new Map() } : tree, problems };
}

/** Reads YAML 1.2, and what Go's YAML and the Collector read beyond it; on errors of syntax there is no tree. */
export function parseValue(file: string, source: string): Parsed {
  const start = { file, line: 1, column: 1 };
  if (Buffer.byteLength(source) > limits.bytes)
    return failed(start, `Cannot read ${shown(file)}: must be at most ${limits.bytes} bytes`);
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  try {
    const doc = parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
    // Only the first: those after it are mostly its consequences.
    const [first] = doc.errors;
    if (first?.message.startsWith("Maximum call stack")) return failed(start, tooDeep(file));
    if (first?.code === "MULTIPLE_DOCS" && !isLastDocument(source))
      return failed(place(first.pos[0]), "Cannot read YAML: must be one document, another one begins here");
    if (first !== undefined && first.code !== "MULTIPLE_DOCS") {
      return failed(place(first.pos[0]), `Cannot read YAML: ${shown(first.message)}${hint(source, first)}`);
    }
    const tree = buildTree(doc, place);
    return { tree: source.includes("::") ? nestKeys(tree, { refuse, depth: limits.depth }) : tree, problems: [] };
  } catch (cause) {
    if (cause instanceof TreeError) return failed(cause.at, cause.message);
    if (cause instanceof RangeError) return failed(start, tooDeep(file));
    throw cause;
  }
}

/** Whether what stands behind the first document is nothing but comments, as when a template leaves a `---` at the end. */
export function isLastDocument(source: string): boolean {
  return parseAllDocuments(source, { prettyErrors: false, logLevel: "error" })
    .slice(1)
    .every(
      ({ contents, errors }) =>
        errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null)),
    );
}

function tooDeep(file: string): string {
  return `Cannot read ${shown(file)}: must be nested at most ${limits.depth} deep`;
}

class TreeError extends Error {
  readonly at: Place;

  constructor(at: Place, rule: string) {
    super(`Cannot read YAML: ${rule}`);
    this.at = at;
  }
}

function refuse(at: Place, rule: string): never {
  throw new TreeError(at, rule);
}

/** What is mostly behind an error of syntax, where the parser's words do not say it. */
function hint(source: string, { message, pos: [offset] }: YAMLParseError): string {
  if (source.startsWith("{", offset) && source[offset - 1] === "$")
    return "; a reference inside { } or [ ] must be quoted";
  return hints.find(([words]) => message.startsWith(words))?.[1] ?? "";
}

const withoutColon = "; behind a key stand a colon and a space, as in endpoint: localhost:4317";

const hints = [
  ["Implicit keys need to be on a single line", withoutColon],
  ["Implicit map keys need to be followed", withoutColon],
  [
    "Nested mappings",
    "; a value with a colon and a space in it must be quoted, and what follows a value must not stand further right",
  ],
  ["All mapping items", "; a line here stands further left or right than its neighbours"],
] as const;

function failed(at: Place, message: string): Parsed {
  return { tree: undefined, problems: [{ severity: "error", at, message }] };
}

function buildTree(doc: Document.Parsed, place: (offset: number) => Place): Tree {
  let values = 0;

  function build(node: YamlNode | null | undefined, otherwise: Place, depth: number): Tree {
    const at = node?.range ? place(node.range[0]) : otherwise;
    if (++values > limits.values)
      throw new TreeError(at, `must hold at most ${limits.values} values, aliases counted each time`);
    if (depth > limits.depth) throw new TreeError(at, `must be nested at most ${limits.depth} deep`);
    if (isAlias(node)) return build(resolve(node, at), at, depth + 1);
    if (isMap<YamlNode, YamlNode>(node)) return { kind: "map", at, entries: buildEntries(node.items, at, depth) };
    if (isSeq<YamlNode>(node)) return { kind: "list", at, items: node.items.map((item) => build(item, at, depth + 1)) };
    if (!isScalar(node)) return { kind: "scalar", at, value: null };
    const value = scalarValue(node);
    return { kind: "scalar", at, value, ...(isTold(value, node.source) ? {} : { written: node.source }) };
  }

  function resolve(alias: YamlNode, at: Place): YamlNode {
    const target = isAlias(alias) ? alias.resolve(doc) : undefined;
    if (target === undefined) throw new TreeError(at, "must not refer to an anchor that does not stand before it");
    return target;
  }

  function buildEntries(pairs: readonly Pair<YamlNode, YamlNode>[], mapAt: Place, depth: number): Map<string, Entry> {
    const own = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const { key, value } of pairs) {
      const keyAt = key?.range ? place(key.range[0]) : mapAt;
      if (!isScalar(key)) throw new TreeError(keyAt, "a key must be a string");
      const tree = build(value, keyAt, depth + 1);
      if (key.value === "<<" && key.type === "PLAIN") takeMerged(tree, merged);
      else own.set(keyText(key), { keyAt, tree });
    }
    for (const [name, entry] of merged) if (!own.has(name)) own.set(name, entry);
    return own;
  }

  function keyText(key: Scalar): string {
    return typeof key.value === "string" ? key.value : (key.source ?? "");
  }

  function takeMerged(tree: Tree, into: Map<string, Entry>): void {
    for (const source of tree.kind === "list" ? tree.items : [tree]) {
      if (source.kind !== "map") throw new TreeError(source.at, "<< must be followed by a map or a list of maps");
      for (const [name, entry] of source.entries) if (!into.has(name)) into.set(name, entry);
    }
  }

  return build(doc.contents, place(0), 0);
}

function scalarValue({ value, type, tag, source }: Scalar): string | number | boolean | null {
  const number = type === "PLAIN" && tag === undefined && source !== undefined ? numberOfGo(source) : undefined;
  if (number !== undefined) return number;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** The later tree over the earlier one: maps are merged key by key, anything else (null and lists too) replaces what was there. */
export function mergeTrees(earlier: Tree, later: Tree): Tree {
  if (earlier.kind !== "map" || later.kind !== "map") return later;
  const entries = new Map(earlier.entries);
  for (const [key, entry] of later.entries) {
    const before = entries.get(key);
    entries.set(key, before === undefined ? entry : { keyAt: entry.keyAt, tree: mergeTrees(before.tree, entry.tree) });
  }
  return { ...later, entries };
}

/** The part at a path, and the place of the deepest part of the path that exists: of its key where it has one. */
export function find(
  root: Tree,
  path: readonly PropertyKey[],
): { readonly tree: Tree | undefined; readonly at: Place; readonly valueAt: Place } {
  let tree: Tree | undefined = root;
  let at = root.at;
  let valueAt = root.at;
  for (const part of path) {
    const next: Entry | undefined =
      tree.kind === "map"
        ? tree.entries.get(String(part))
        : tree.kind === "list"
          ? listEntry(tree.items[Number(part)])
          : undefined;
    if (next === undefined) return { tree: undefined, at, valueAt: at };
    tree = next.tree;
    at = next.keyAt;
    valueAt = tree.at;
  }
  return { tree, at, valueAt };
}

function listEntry(tree: Tree | undefined): Entry | undefined {
  return tree === undefined ? undefined : { keyAt: tree.at, tree };
}

/**
 * The same for two trees that hold the same, wherever they stand and in whichever order their keys do; it tells nothing of what they hold.
 * Certificates and keys that a `tls` section names belong to it: renewed ones make it another.
 */
export function fingerprintOf(tree: Tree): string {
  return hash("sha256", JSON.stringify([plainOf(tree), filesOf(tree, false).map(fileState)]));
}

/** What the `…_file` keys of `tls` sections say. */
function filesOf(tree: Tree, isTls: boolean): readonly string[] {
  if (tree.kind === "list") return tree.items.flatMap((item) => filesOf(item, false));
  if (tree.kind === "scalar") return [];
  return [...tree.entries].flatMap(([key, { tree: below }]) =>
    isTls && below.kind === "scalar" && key.endsWith("_file") ? [String(below.value)] : filesOf(below, key === "tls"),
  );
}

/** Which file stands there now; a link is followed, as Kubernetes renews a secret by another link. */
function fileState(file: string): string {
  try {
    const { dev, ino, mtimeNs, size } = statSync(file, { bigint: true });
    return `${dev}:${ino}:${mtimeNs}:${size}`;
  } catch {
    // Whoever reads it says what is wrong.
    return "";
  }
}

function plainOf(tree: Tree): unknown {
  switch (tree.kind) {
    case "scalar":
      return [typeof tree.value, tree.value, tree.text, tree.written];
    case "list":
      return tree.items.map(plainOf);
    case "map":
      return {
        map: [...tree.entries].map(([key, entry]) => [key, plainOf(entry.tree)]).toSorted(byKey),
      };
  }
}

function byKey([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}
