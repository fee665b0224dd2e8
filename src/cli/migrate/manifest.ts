import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  parseDocument,
  Scalar,
  type YAMLMap,
} from "yaml";
import { type Note, textOf } from "./notes.ts";

/** The Collector's configuration, and where it begins: lines before its first one, and columns before each. */
export type Inner = { readonly source: string; readonly lines: number; readonly columns: number; readonly note: Note };

/** Where what is deployed has the configuration in it: the operator's object, a chart's values; a ConfigMap has it under a name that somebody chose. */
const around = [["spec", "config"], ["config"]];

/**
 * The configuration in an OpenTelemetryCollector of the operator's, in a ConfigMap, or in the values of a chart; undefined where the source is
 * one itself, or has none. Throws where it has several.
 */
export function configurationIn(source: string): Inner | undefined {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, logLevel: "error" } as const;
  const docs = [...parseAllDocuments(source, options)];
  if (docs.some(({ errors }) => errors.length > 0)) return undefined;
  const found = docs.flatMap(({ contents }) => placesIn(contents).map((place) => innerOf(place, source, lines)));
  const [first, second] = found;
  if (second !== undefined)
    throw new Error(
      `${second.note.line}:1: Cannot tell which configuration is meant: must have one, has ${found.length} (${found.map(({ name }) => name).join(", ")})`,
    );
  return first;
}

type Place = { readonly name: string; readonly pair: Pair; readonly hint: string };

/** In an object, in each of kubectl's list of them, or in values. */
function placesIn(root: unknown, above: readonly string[] = []): readonly Place[] {
  if (!isMap(root) || isConfiguration(root)) return [];
  const items = root.get("kind") === "List" ? root.get("items") : undefined;
  if (isSeq(items)) return items.items.flatMap((item, index) => placesIn(item, ["items", String(index)]));
  const named = around.flatMap((path) => pairsIn(root, path.slice(0, -1)).filter(({ key }) => key === path.at(-1)));
  return [...named, ...pairsIn(root, ["data"])]
    .filter(({ pair: { value } }) => isConfiguration(value) || isConfiguration(parsed(value)))
    .map(({ path, key, pair }) => ({
      name: [...above, ...path, key].join("::"),
      pair,
      hint: root.has("kind") ? ofObject : ofChart,
    }));
}

function pairsIn(root: YAMLMap, path: readonly string[]) {
  const map = path.length === 0 ? root : root.getIn(path);
  return isMap(map) ? map.items.map((pair) => ({ path, key: textOf(pair.key), pair })) : [];
}

const ofObject = "the image, the mounts and the rest of the object are as config/kubernetes has them for podstamp";
const ofChart =
  "what the chart adds by its defaults and presets is not here, but in its ConfigMap: kubectl get configmap NAME -o jsonpath='{.data.relay}' prints it";

/** Alertmanager's have receivers, too, as a list. */
function isConfiguration(node: unknown): boolean {
  return isMap(node) && ["receivers", "exporters", "service"].some((key) => isMap(node.get(key)));
}

function parsed(node: unknown): unknown {
  const text = isScalar(node) && typeof node.value === "string" ? node.value : "";
  return parseDocument(text, { prettyErrors: false, logLevel: "error" }).contents;
}

function innerOf({ name, pair, hint }: Place, source: string, places: LineCounter): Inner & { readonly name: string } {
  const { line } = places.linePos(rangeOf(pair.key).from);
  const note = { line, kind: "changed", text: `${name} is what is written: ${hint}` } as const;
  const { value } = pair;
  const { from, to } = rangeOf(value);
  const begin = places.linePos(from);
  if (isScalar(value)) {
    const isBlock = value.type === Scalar.BLOCK_LITERAL;
    const columns = isBlock ? (/\n( *)\S/.exec(source.slice(from))?.[1] ?? "").length : 0;
    return { source: String(value.value), lines: isBlock ? begin.line : begin.line - 1, columns, note, name };
  }
  if (begin.line === line)
    return { source: source.slice(from, to), lines: line - 1, columns: begin.col - 1, note, name };
  // With the comments between its name and its first key.
  const columns = begin.col - 1;
  const text = source.slice(places.lineStarts[line], to).replaceAll(new RegExp(`^ {1,${columns}}`, "gm"), "");
  return { source: text, lines: line, columns, note, name };
}

function rangeOf(node: unknown): { readonly from: number; readonly to: number } {
  const [from, , to] = (isNode(node) ? node.range : undefined) ?? [0, 0, 0];
  return { from, to };
}
