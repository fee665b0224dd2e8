import { type Document, isMap, isScalar, isSeq, type Pair, Scalar, type YAMLMap } from "yaml";
import { parseId } from "../../../config/component-id.ts";
import { takeOut } from "../comments.ts";
import { distinct } from "./distinct.ts";
import { type Tell, textOf } from "../notes.ts";

type Pipeline = {
  readonly pair: Pair;
  readonly map: YAMLMap;
  readonly id: string;
  readonly signal: string;
} & Readonly<Record<Section, readonly Scalar[]>>;

const sections = ["receivers", "processors", "exporters"] as const;
type Section = (typeof sections)[number];

/** One way that data takes to the end of a pipeline; `through` are the pipelines that it comes from by connectors. */
type Way = {
  readonly receivers: readonly Scalar[];
  readonly processors: readonly Scalar[];
  readonly through: readonly string[];
};

/** More than anybody writes; a few pipelines that all lead to each other make thousands, of which none need have a receiver. */
const maxWays = 100;
const maxSteps = 10_000;

/**
 * Joins pipelines that `forward` connectors join: who receives from one gets the receivers, and in front of its own the processors, of
 * those who send to it. Processors here keep nothing from one request to the next, so that it is the same wherever they stand. Leaves
 * the connectors, which are told as missing then, where lists come from variables or a pipeline leads to itself.
 */
export function joinForwards(doc: Document, tell: Tell): void {
  const connectors = doc.get("connectors");
  const found = doc.getIn(["service", "pipelines"]);
  if (!isMap(connectors) || !isMap(found)) return;
  const forwards = new Set(
    connectors.items.map(({ key }) => textOf(key)).filter((id) => parseId(id)?.type === "forward"),
  );
  const pipelines = found.items.map(read);
  if (forwards.size === 0 || !pipelines.every((one) => one !== undefined)) return;
  const isForward = (item: Scalar) => forwards.has(textOf(item));
  const ways = new Map<Pipeline, readonly Way[]>();
  const steps = { left: maxSteps };
  for (const one of pipelines.filter(({ receivers }) => receivers.some(isForward))) {
    const all = waysTo(one, { pipelines, isForward, seen: [], steps });
    if (all === undefined || all.length === 0 || all.length > maxWays) return;
    ways.set(one, joinedWays(all));
  }
  // One that nobody receives from, or that nobody sends to, is a mistake that the Collector refuses.
  const uses = (section: Section) =>
    new Set(pipelines.flatMap((one) => one[section].filter(isForward).map((item) => `${one.signal} ${textOf(item)}`)));
  const [receiving, sending] = [uses("receivers"), uses("exporters")];
  if (receiving.size !== sending.size || ![...receiving].every((use) => sending.has(use))) return;

  for (const pipeline of pipelines) {
    const own = pipeline.exporters.filter((item) => !isForward(item));
    if (own.length === pipeline.exporters.length) continue;
    if (own.length > 0) setList(doc, pipeline.map, { key: "exporters", items: own });
    else {
      takeOut(found, pipeline.pair, { all: false });
      tell(pipeline.pair.key, "changed", `service::pipelines::${pipeline.id} only led to others and is part of them`);
    }
  }
  for (const [pipeline, all] of ways) {
    if (!found.items.includes(pipeline.pair)) continue;
    const pairs = all.map((way, index) => {
      const pair = index === 0 ? pipeline.pair : copyOf(doc, pipeline, way);
      const map = pair.value as YAMLMap;
      setList(doc, map, { key: "receivers", items: way.receivers });
      if (way.processors.length > 0)
        setList(doc, map, { key: "processors", items: distinct(doc, way.processors, tell) });
      if (way.through.length > 0)
        tell(
          pipeline.pair.key,
          "changed",
          `service::pipelines::${textOf(pair.key)} has the receivers and processors of ${way.through.join(" and ")}: podstamp has no connectors`,
        );
      return pair;
    });
    found.items.splice(found.items.indexOf(pipeline.pair), 1, ...pairs);
  }
  for (const pair of connectors.items.filter(({ key }) => forwards.has(textOf(key))))
    takeOut(connectors, pair, { all: true });
  if (connectors.items.length === 0) {
    const root = doc.contents as YAMLMap;
    const pair = root.items.find(({ value }) => value === connectors);
    if (pair !== undefined) takeOut(root, pair, { all: true });
  }
}

/** Undefined where it is not said in the file what it has. */
function read(pair: Pair): Pipeline | undefined {
  const { key, value: map } = pair;
  if (!isMap(map)) return undefined;
  const id = textOf(key);
  const [receivers, processors, exporters] = sections.map((section) => listOf(map.get(section, true)));
  return receivers && processors && exporters
    ? { pair, map, id, signal: parseId(id)?.type ?? "", receivers, processors, exporters }
    : undefined;
}

function listOf(node: unknown): readonly Scalar[] | undefined {
  if (node === undefined || (isScalar(node) && node.value === null)) return [];
  // A lone string is a list, split at commas.
  if (isScalar(node) && typeof node.value === "string" && !node.value.includes("${"))
    return node.value.split(",").map((id) => new Scalar(id.trim()));
  return isSeq(node) && node.items.every((item) => isScalar(item) && !textOf(item).includes("${"))
    ? (node.items as Scalar[])
    : undefined;
}

type Graph = {
  readonly pipelines: readonly Pipeline[];
  readonly isForward: (item: Scalar) => boolean;
  readonly seen: readonly Pipeline[];
  readonly steps: { left: number };
};

/** The own receivers' first; undefined for a pipeline that leads to itself, and where there are too many. */
function waysTo(pipeline: Pipeline, { pipelines, isForward, seen, steps }: Graph): readonly Way[] | undefined {
  const { receivers, processors, signal } = pipeline;
  if (seen.includes(pipeline) || --steps.left < 0) return undefined;
  const own = receivers.filter((item) => !isForward(item));
  const ways: Way[] = own.length === 0 ? [] : [{ receivers: own, processors, through: [] }];
  for (const connector of receivers.filter(isForward)) {
    for (const before of pipelines) {
      if (before.signal !== signal || !before.exporters.some((item) => textOf(item) === textOf(connector))) continue;
      const found = waysTo(before, { pipelines, isForward, seen: [...seen, pipeline], steps });
      if (found === undefined || ways.length > maxWays) return undefined;
      for (const way of found)
        ways.push({
          receivers: way.receivers,
          processors: [...way.processors, ...processors],
          through: [...way.through, before.id],
        });
    }
  }
  return ways;
}

/** Ways through the same processors are one pipeline, but for a receiver that comes by two of them: its data comes twice. */
function joinedWays(ways: readonly Way[]): readonly Way[] {
  const joined: Way[] = [];
  for (const way of ways) {
    const at = joined.findIndex(
      (one) =>
        sameIds(one.processors, way.processors) && !way.receivers.some((item) => ids(one.receivers).has(textOf(item))),
    );
    const like = joined[at];
    if (like === undefined) joined.push(way);
    else
      joined[at] = {
        ...like,
        receivers: [...like.receivers, ...way.receivers],
        through: [...like.through, ...way.through],
      };
  }
  return joined;
}

function ids(items: readonly Scalar[]): ReadonlySet<string> {
  return new Set(items.map(textOf));
}

function sameIds(one: readonly Scalar[], other: readonly Scalar[]): boolean {
  return one.map(textOf).join(" ") === other.map(textOf).join(" ");
}

/** The same pipeline again, by a name that says where its data comes from. */
function copyOf(doc: Document, { pair, id }: Pipeline, { through }: Way): Pair {
  const map = (pair.value as YAMLMap).clone() as YAMLMap;
  map.commentBefore = null;
  const from = through.map((one) => one.replace("/", "-")).join("-");
  return doc.createPair(`${id}${id.includes("/") ? "-" : "/"}from-${from}`, map);
}

type List = { readonly key: Section; readonly items: readonly Scalar[] };

/** In the manner of the list that stood there. */
function setList(doc: Document, map: YAMLMap, { key, items }: List): void {
  const before = map.get(key, true);
  const like = isSeq(before) ? before : (map.items.map(({ value }) => value).find(isSeq) ?? map);
  const list = doc.createNode(
    items.map((item) => item.clone()),
    { flow: like.flow === true },
  );
  if (isSeq(before)) [list.comment, list.commentBefore] = [before.comment ?? null, before.commentBefore ?? null];
  map.set(key, list);
}
