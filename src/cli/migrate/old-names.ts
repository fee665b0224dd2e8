import { type Document, isMap, isPair, visit } from "yaml";
import { type Tell, textOf } from "./notes.ts";

const oldNames = /\bk8s\.(?:pod|namespace|node)\.(?:labels|annotations)\.|^container\.image\.tag$/;

/** Says where other components go by names that k8s_attributes wrote before 1.0, and writes no more unless it is told to. */
export function tellOldNames(doc: Document, tell: Tell): void {
  for (const section of ["processors", "exporters"]) {
    const map = doc.get(section);
    if (!isMap(map)) continue;
    visit(map, {
      // What k8s_attributes itself is to write is looked at by podstamp.
      Pair: (_, pair, path) =>
        textOf(pair.key) === "extract" && path.filter(isPair).length === 1 ? visit.SKIP : undefined,
      Scalar(_, node) {
        if (typeof node.value !== "string" || !oldNames.test(node.value)) return;
        const today = node.value.replace(/(label|annotation)s\./, "$1.").replace(/image\.tag$/, "image.tags");
        tell(node, "changed", `${node.value} is ${today} today: write that, or set semconv: both where it comes from`);
      },
    });
  }
}
