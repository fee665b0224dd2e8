import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { type Note, textOf } from "./notes.ts";

/** What stands in front of the place may be referred to in it, by these names. */
export type Anchors = ReadonlyMap<string, Node>;

/** The Collector's configuration, and where it begins: lines before its first one, and columns before each. */
export type Inner = {
  readonly source: string;
  readonly lines: number;
  readonly columns: number;
  readonly note: Note;
  readonly anchors: Anchors;
  /** Whether a chart lays it over its own: what is null there is taken out of that. */
  readonly isLaidOver: boolean;
};

/**
 * The configuration in an OpenTelemetryCollector of the operator's, in a ConfigMap, or in the values of a chart; undefined where the source is
 * one itself, or has none. Throws where it has several and `which` names none of them.
 */
export function configurationIn(source: string, which: string | undefined): Inner | undefined {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, logLevel: "error" } as const;
  const docs = [...parseAllDocuments(source, options)];
  if (docs.some(({ errors }) => errors.length > 0)) return undefined;
  const all = docs.flatMap((doc) => placesIn(doc.contents).map((place) => ({ ...place, doc })));
  const found = all.filter(({ called }) => which === undefined || called.includes(which));
  const [first, second] = found;
  if (which !== undefined && first === undefined) {
    const has = all.length === 0 ? "it is no manifest with one in it" : `it has ${labelsOf(all)}`;
    throw new Error(`1:1: Cannot find the configuration ${JSON.stringify(which)}: ${has}`);
  }
  if (first === undefined) return undefined;
  if (second === undefined) return innerOf(first, source, lines);
  const { line } = lines.linePos(rangeOf(second.pair.key).from);
  throw new Error(
    `${line}:1: Cannot tell which configuration is meant: must have one, has ${found.length} (${labelsOf(found)}); --which NAME says which`,
  );
}

type Place = {
  readonly name: string;
  /** The same with the name of the object that it is in. */
  readonly label: string;
  /** By what somebody may mean it: its place, the last name in that, and the object's. */
  readonly called: readonly string[];
  readonly pair: Pair;
  readonly isOfChart: boolean;
};

function labelsOf(places: readonly Place[]): string {
  return places.map(({ label }) => label).join(", ");
}

/** A chart of charts, in the values of an object that installs it. */
const maxDepth = 8;

/** In an object, in each of kubectl's list of them, or in values: whatever is called `config`, and all of a ConfigMap's data. */
function placesIn(root: unknown, above: readonly string[] = []): readonly Place[] {
  if (!isMap(root) || isConfiguration(root)) return [];
  const items = root.get("kind") === "List" ? root.get("items") : undefined;
  if (isSeq(items)) return items.items.flatMap((item, index) => placesIn(item, ["items", String(index)]));
  const object = root.getIn(["metadata", "name"]);
  const look = (map: YAMLMap, path: readonly string[]): readonly Place[] =>
    map.items.flatMap((pair) => {
      const key = textOf(pair.key);
      const mayBe = key === "config" || (path.length === 1 && path[0] === "data");
      if (mayBe && (isConfiguration(pair.value) || isConfiguration(parsed(pair.value)))) {
        const name = [...above, ...path, key].join("::");
        const own = key === "config" ? (path.at(-1) ?? key) : key;
        const isNamed = typeof object === "string";
        const isOfChart = !root.has("kind") || path.some((key) => key.startsWith("values"));
        return [
          {
            name,
            label: isNamed ? `${name} of ${object}` : name,
            called: [name, own, ...(isNamed ? [object] : [])],
            pair,
            isOfChart,
          },
        ];
      }
      return isMap(pair.value) && path.length < maxDepth ? look(pair.value, [...path, key]) : [];
    });
  return look(root, []);
}

/** Where somebody looks for it and finds none. */
const expected = [
  {
    path: ["spec", "config"],
    how: "here is under spec::config: kubectl get otelcol NAME -o jsonpath='{.spec.config}' prints it",
  },
  {
    path: ["data"],
    how: "here is under data: kubectl get configmap NAME -o jsonpath='{.data.relay}' prints it, if its key is relay",
  },
  {
    path: ["config"],
    how: "the chart makes of what is under config and of its presets: kubectl get configmap NAME -o jsonpath='{.data.relay}' prints it",
  },
];

/** Where in a manifest without a configuration there would be one, and in words how to come by it; undefined for what is none. */
export function whereExpected(doc: Document): { readonly offset: number; readonly how: string } | undefined {
  const found = expected.find(({ path }) => doc.hasIn(path));
  if (found === undefined || doc.has("service") || doc.has("receivers")) return undefined;
  return { offset: rangeOf(doc.getIn(found.path, true)).from, how: found.how };
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

function innerOf(
  { name, pair, doc, isOfChart }: Place & { readonly doc: Document },
  source: string,
  places: LineCounter,
): Inner {
  const { line } = places.linePos(rangeOf(pair.key).from);
  const hint = isOfChart ? ofChart : ofObject;
  const note = { line, kind: "changed", text: `${name} is what is written: ${hint}` } as const;
  const { value } = pair;
  const { from, to } = rangeOf(value);
  const begin = places.linePos(from);
  if (isScalar(value)) {
    const isBlock = value.type === Scalar.BLOCK_LITERAL;
    const columns = isBlock ? (/\n( *)\S/.exec(source.slice(from))?.[1] ?? "").length : 0;
    const lines = isBlock ? begin.line : begin.line - 1;
    // A template of the chart writes the text as it is.
    return { source: String(value.value), lines, columns, note, anchors: new Map(), isLaidOver: false };
  }
  const more = { note, anchors: anchorsBefore(doc, from), isLaidOver: isOfChart };
  if (begin.line === line) return { source: source.slice(from, to), lines: line - 1, columns: begin.col - 1, ...more };
  // With the comments between its name and its first key.
  const columns = begin.col - 1;
  const text = source.slice(places.lineStarts[line], to).replaceAll(new RegExp(`^ {1,${columns}}`, "gm"), "");
  return { source: text, lines: line, columns, ...more };
}

/** Of two of one name the later one counts. */
function anchorsBefore(doc: Document, offset: number): Anchors {
  const anchors = new Map<string, Node>();
  visit(doc, {
    Value(_, node) {
      if (node.anchor !== undefined && rangeOf(node).from < offset) anchors.set(node.anchor, node);
    },
  });
  return anchors;
}

function rangeOf(node: unknown): { readonly from: number; readonly to: number } {
  const [from, , to] = (isNode(node) ? node.range : undefined) ?? [0, 0, 0];
  return { from, to };
}
