import { type Document, isMap, isScalar, isSeq } from "yaml";
import { takeOut } from "./comments.ts";
import { type Tell, textOf } from "./notes.ts";

const sections = ["receivers", "processors", "exporters", "connectors", "extensions"];

/**
 * Takes out what a chart's values set to null: the component, or pipeline, of that name in the chart's own configuration shall not be.
 * What is used stays: Collectors take nothing behind a name for its defaults.
 */
export function takeOutNulls(doc: Document, tell: Tell): void {
  const used = usedIn(doc);
  for (const path of [...sections.map((section) => [section]), ["service", "pipelines"]]) {
    const map = doc.getIn(path);
    if (!isMap(map)) continue;
    for (const pair of map.items.slice()) {
      const id = textOf(pair.key);
      const isNull = pair.value === null || (isScalar(pair.value) && pair.value.value === null);
      if (!isNull || used.has(id)) continue;
      tell(pair.key, "removed", `${path.join("::")}::${id}: null only takes out the chart's own`);
      takeOut(map, pair, { all: false });
    }
  }
}

function usedIn(doc: Document): ReadonlySet<string> {
  const pipelines = doc.getIn(["service", "pipelines"]);
  const maps = isMap(pipelines) ? pipelines.items.map(({ value }) => value).filter(isMap) : [];
  const lists = [
    doc.getIn(["service", "extensions"]),
    ...maps.flatMap((map) => ["receivers", "processors", "exporters"].map((key) => map.get(key))),
  ];
  return new Set(
    lists.flatMap((list) => (isSeq(list) ? list.items.map(textOf) : typeof list === "string" ? list.split(",") : [])),
  );
}
