import { type Document, isMap, type YAMLMap } from "yaml";
import type { Problem } from "../../config/document/problem.ts";
import type { Factories } from "../../pipeline/graph/factory.ts";
import { takeOut } from "./comments.ts";
import { problemsOf } from "./judgement.ts";
import { type Tell, textOf } from "./notes.ts";
import { migratePipelines } from "./pipelines.ts";

/** Who may send, or ask: a door that was closed is not opened by leaving the lock away. */
const locks = ["auth", "middlewares"];

/**
 * Takes out what stops podstamp because it has not built it yet. Of an exporter, say, that is the one setting; a processor goes as
 * a whole: with a part of its conditions it would do something else, and to more than it should.
 */
export function takeOutUnbuilt(doc: Document, components: Factories, tell: Tell): void {
  // What is in the way of others may be seen first.
  for (let rounds = 0; rounds < maxRounds; rounds++) {
    // An item's number is right as long as those before it are there.
    const found = problemsOf(doc.toString(), components, {}).filter(isInTheWay).toReversed();
    if (found.filter((problem) => takeOutOne(doc, problem, tell)).length === 0) return;
  }
}

const maxRounds = 10;

function isInTheWay({ because, path: [section, , ...rest] = [] }: Problem): boolean {
  const key = String(rest.at(-1));
  return because === "not_built" && (section === "processors" || section === "exporters" || !locks.includes(key));
}

/** False where it does not stand in the file, but comes from a variable. */
function takeOutOne(doc: Document, { path = [], message }: Problem, tell: Tell): boolean {
  const [section, id] = path;
  const isProcessor = section === "processors";
  const place = isProcessor ? path.slice(0, 2) : path;
  const map = doc.getIn(place.slice(0, -1));
  const pair = isMap(map) ? map.items.find(({ key }) => textOf(key) === String(place.at(-1))) : undefined;
  if (pair === undefined) return false;
  const what = message.replace(/^Cannot use /, "");
  tell(pair.key, "missing", isProcessor ? `${what}; ${String(id)} is taken out` : `${what}; it is taken out`);
  takeOut(map as YAMLMap, pair, { all: !isProcessor });
  if (isProcessor) migratePipelines(doc, { processors: new Map([[String(id), undefined]]) }, tell);
  return true;
}
