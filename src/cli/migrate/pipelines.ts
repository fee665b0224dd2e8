import { type Document, isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import { keepItems, takeOut } from "./comments.ts";
import { type Tell, textOf } from "./notes.ts";

/** For each section the new name of an id; undefined where it is gone. */
export type Moved = Readonly<Record<string, ReadonlyMap<string, string | undefined>>>;

/** Gives what pipelines and `service::extensions` name its new name, and takes out what is gone, with pipelines that lead nowhere then. */
export function migratePipelines(doc: Document, moved: Moved, tell: Tell): void {
  const service = doc.get("service");
  if (isMap(service)) replaceIds(doc, { map: service, key: "extensions" }, [moved["extensions"]]);
  const pipelines = doc.getIn(["service", "pipelines"]);
  if (!isMap(pipelines)) return;
  for (const pair of pipelines.items.slice()) {
    if (!isMap(pair.value)) continue;
    const id = textOf(pair.key);
    const { value: map } = pair;
    // What was never there, as in values that a chart lays over its own, is not taken out here.
    const sections = ["receivers", "exporters"].filter((section) => map.has(section));
    for (const section of ["receivers", "processors", "exporters"]) {
      // A connector stands where receivers and exporters do.
      const connectors = section === "processors" ? undefined : moved["connectors"];
      replaceIds(doc, { map, key: section }, [moved[section], connectors]);
    }
    const lacks = sections.filter((section) => isEmpty(map, section));
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
