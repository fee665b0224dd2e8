import { type Document, isMap, type Scalar } from "yaml";
import { parseId } from "../../../config/component-id.ts";
import { type Tell, textOf } from "../notes.ts";

/**
 * What is twice in a joined list of processors, which must name each once: of a `memory_limiter` the first counts and of a `batch` the
 * last, which change no data; any other is written once more under a name of its own.
 */
export function distinct(doc: Document, items: readonly Scalar[], tell: Tell): readonly Scalar[] {
  const names = items.map(textOf);
  return items.flatMap((item, index) => {
    const id = textOf(item);
    const type = parseId(id)?.type;
    if (type === "batch") return names.lastIndexOf(id) === index ? [item] : [];
    if (names.indexOf(id) === index) return [item];
    return type === "memory_limiter" ? [] : [again(doc, item, tell)];
  });
}

function again(doc: Document, item: Scalar, tell: Tell): Scalar {
  const id = textOf(item);
  const copied = item.clone() as Scalar;
  const processors = doc.get("processors");
  const pair = isMap(processors) ? processors.items.find(({ key }) => textOf(key) === id) : undefined;
  if (!isMap(processors) || pair === undefined) return copied;
  let name = `${id}${id.includes("/") ? "-" : "/"}again`;
  while (processors.has(name)) name += "-again";
  processors.items.splice(processors.items.indexOf(pair) + 1, 0, doc.createPair(name, pair.clone().value));
  tell(item, "changed", `processors::${id} is twice on a way through joined pipelines, the second time as ${name}`);
  copied.value = name;
  return copied;
}
