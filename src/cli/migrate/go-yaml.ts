import { type Document, isMap, isScalar, type Pair, Scalar, visit, YAMLMap } from "yaml";
import { numberOfGo } from "../../config/document/written-number.ts";
import { type Refuse, type Tell, textOf } from "./notes.ts";

type Telling = { readonly tell: Tell; readonly refuse: Refuse };

/** Writes out what only the Collector reads so: a key `a::b` as maps, and a number that is octal to Go as the number that it is. */
export function writeOutGo(doc: Document, telling: Telling): void {
  visit(doc, {
    Scalar(_, scalar) {
      const { value, type, tag, source = "" } = scalar;
      const number = type === "PLAIN" && tag === undefined ? numberOfGo(source) : undefined;
      if (typeof value !== "number" || number === undefined || number === value) return;
      telling.tell(scalar, "changed", `${source} is ${number}: a number with a 0 before it is octal to the Collector`);
      scalar.value = number;
    },
  });
  nest(doc.contents, telling);
}

/** In every map that is in no list. */
function nest(map: unknown, telling: Telling): void {
  if (!isMap(map)) return;
  for (const pair of map.items.slice()) {
    const [first = "", ...rest] = textOf(pair.key).split("::");
    if (rest.length === 0) continue;
    telling.tell(pair.key, "changed", `${textOf(pair.key)} is written as maps`);
    const before = map.items.find((one) => one !== pair && textOf(one.key) === first);
    const { range, commentBefore } = isScalar(pair.key) ? pair.key : {};
    const [at = 0] = range ?? [];
    const inner = rest.reduceRight<unknown>((value, part, index) => {
      const below = new YAMLMap();
      below.flow = map.flow === true;
      const key = new Scalar(part);
      // What is joined with another loses the key that the comment stood above.
      if (before !== undefined && index === rest.length - 1) key.commentBefore = commentBefore ?? null;
      below.add({ key, value });
      return below;
    }, pair.value);
    if (before === undefined) {
      if (isScalar(pair.key)) pair.key.value = first;
      pair.value = inner;
    } else {
      map.items.splice(map.items.indexOf(pair), 1);
      join(before, inner, () => telling.refuse(at, "the same key is written twice, once with ::"));
    }
  }
  for (const { value } of map.items) nest(value, telling);
}

function join(pair: Pair, more: unknown, refuse: () => never): void {
  const { value } = pair;
  if (value === null || (isScalar(value) && value.value === null)) pair.value = more;
  else if (!isMap(value) || !isMap(more)) refuse();
  else
    for (const each of more.items) {
      const before = value.items.find(({ key }) => textOf(key) === textOf(each.key));
      if (before === undefined) value.items.push(each);
      else join(before, each.value, refuse);
    }
}
