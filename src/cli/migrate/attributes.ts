import { type Document, isMap, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";
import { takeOut } from "./comments.ts";
import { defaultFields } from "../../processors/cri-attributes/settings/extract.ts";
import type { Tell } from "./notes.ts";

/** Keys for an API server, and those that the Collector has given up. */
const idle: readonly (readonly string[])[] = [
  ["auth_type"],
  ["context"],
  ["kube_api_qps"],
  ["kube_api_burst"],
  ["extract", "deployment_name_from_replicaset"],
];

/** Whether the file says what the block has, and no variable or other file that nobody looks into here. */
export function hasItsSettings(block: unknown): boolean {
  if (isNothing(block)) return true;
  if (!isMap(block)) return false;
  const [extract, exclude] = [block.get("extract", true), block.get("exclude", true)];
  const pods = isMap(exclude) ? exclude.get("pods", true) : undefined;
  return [extract, exclude].every((one) => isNothing(one) || isMap(one)) && (isNothing(pods) || isSeq(pods));
}

function isNothing(node: unknown): boolean {
  return node === undefined || node === null || (isScalar(node) && node.value === null);
}

/** Rules were once written without `sources`, for one source each. */
export function migrateAssociations(doc: Document, block: unknown, tell: Tell): void {
  const rules = isMap(block) ? block.get("pod_association") : undefined;
  if (!isSeq(rules)) return;
  rules.items = rules.items.map((rule) => {
    if (!isMap(rule) || rule.has("sources") || !rule.has("from")) return rule;
    tell(rule, "changed", "a rule of pod_association has its source under sources");
    const [above, isFlow] = [rule.commentBefore, rule.flow === true];
    rule.commentBefore = null;
    const now = doc.createNode({ sources: [] }, { flow: isFlow }) as YAMLMap;
    now.commentBefore = above ?? null;
    now.addIn(["sources"], rule);
    return now;
  });
}

/** Writes out the defaults of the Collector's k8s_attributes where podstamp's own are others, and takes out what does nothing here. */
export function migrateAttributes(doc: Document, pair: Pair, tell: Tell): void {
  const block = isMap(pair.value) ? pair.value : emptyMap(doc, pair.value);
  pair.value = block;
  for (const path of idle) {
    const node = block.getIn(path, true);
    if (node === undefined) continue;
    tell(node, "removed", `${path.join("::")} does nothing here: ${whyIdle(path)}`);
    const map = path.length === 1 ? block : block.getIn(path.slice(0, -1));
    const removed = isMap(map) ? map.items.find(({ value }) => value === node) : undefined;
    if (isMap(map) && removed !== undefined) takeOut(map, removed, { all: true });
  }
  tellUnknown(block, tell);
  const isUnset = (path: readonly string[]) => (block.getIn(path) ?? null) === null;
  if (isUnset(["extract", "metadata"])) {
    const fields = defaultFields("collector").filter((name) => name !== "container.image.tag");
    set({ doc, block }, ["extract", "metadata"], fields);
    tell(pair.key, "changed", "extract::metadata is written out: podstamp's own default has more");
  }
  if (isUnset(["pod_delete_grace_period"])) {
    set({ doc, block }, ["pod_delete_grace_period"], "120s");
    tell(pair.key, "changed", "pod_delete_grace_period is written out: podstamp's own default is 5m");
  }
  writeOutNodeUid(doc, block, tell);
  const excluded = block.getIn(["exclude", "pods"]);
  if (!isSeq(excluded) || excluded.items.length === 0) {
    set({ doc, block }, ["exclude", "pods"], [{ name: "jaeger-agent" }, { name: "jaeger-collector" }]);
    tell(pair.key, "changed", "exclude::pods is written out: podstamp's own default excludes none");
  }
  tellOwnWays(block, (text) => tell(pair.key, "changed", text));
  tell(
    pair.key,
    "changed",
    "names are those of today; a Collector before 1.0 wrote container.image.tag and k8s.pod.labels.*, as semconv: legacy does",
  );
}

/** With rules for nodes the Collector writes the node's uid unasked. */
function writeOutNodeUid(doc: Document, block: YAMLMap, tell: Tell): void {
  const fields = block.getIn(["extract", "metadata"]);
  const isAbout = (rule: unknown) => isMap(rule) && rule.get("from") === "node";
  const rule = ["labels", "annotations"]
    .flatMap((kind) => {
      const rules = block.getIn(["extract", kind]);
      return isSeq(rules) ? rules.items : [];
    })
    .find(isAbout);
  if (rule === undefined || !isSeq(fields)) return;
  if (fields.items.some((item) => isScalar(item) && item.value === "k8s.node.uid")) return;
  fields.add(doc.createNode("k8s.node.uid"));
  tell(rule, "changed", "extract::metadata has k8s.node.uid: the Collector writes it with rules for nodes unasked");
}

/** What podstamp's own processor does otherwise, whatever is set. */
function tellOwnWays(block: YAMLMap, change: (text: string) => void): void {
  const annotations = block.getIn(["extract", "annotations"]);
  const hasRules = isSeq(annotations) && annotations.items.length > 0;
  if (!hasRules && block.getIn(["extract", "otel_annotations"]) !== true)
    change(
      "pods with the annotation opentelemetry.io/k8s-processor/ignore are ignored; the Collector looks at it only with rules for annotations",
    );
  const rules = block.get("pod_association");
  if (!isSeq(rules) || rules.items.length === 0)
    change(
      "without pod_association podstamp's own order says whose telemetry is: container.id, k8s.pod.uid and others go before addresses",
    );
  change("container.id, container.image.tags and .repo_digests are filled also where they are there and empty");
}

function whyIdle([first]: readonly string[]): string {
  return first === "extract" ? "podstamp always does so" : "podstamp asks no API server";
}

/** With the comment of the nothing that stood there. */
function emptyMap(doc: Document, before: unknown): YAMLMap {
  const made = doc.createNode({}) as YAMLMap;
  if (isScalar(before) && before.comment) made.commentBefore = before.comment;
  return made;
}

/** What only an API server knows stays in the file: an overlay may tell it. */
function tellUnknown(block: YAMLMap, tell: Tell): void {
  for (const kind of ["labels", "annotations"]) {
    const rules = block.getIn(["extract", kind]);
    if (!isSeq(rules)) continue;
    for (const rule of rules.items) {
      const from = isMap(rule) ? rule.get("from") : undefined;
      if (typeof from === "string" && from !== "pod")
        tell(rule, "missing", `extract::${kind} from: ${from} needs overlay: {file: …}; without it nothing is written`);
    }
  }
}

type Block = { readonly doc: Document; readonly block: YAMLMap };

/** With a map where there is none, or nothing behind its key. */
function set({ doc, block }: Block, path: readonly string[], value: unknown): void {
  const [first = "", ...rest] = path;
  if (rest.length > 0 && !isMap(block.get(first))) block.set(first, doc.createNode({}));
  block.setIn(path, doc.createNode(value));
}
