import type { Pod } from "../../containers/index/entry.ts";
import type { AttributeValue } from "../../otlp/wire/attribute.ts";
import { type Extraction, podAttributes } from "./extract/extraction.ts";
import { factsOf } from "./extract/facts.ts";
import type { Supplement } from "./extract/supplement.ts";

export type PodAttributesOptions = {
  readonly extraction: Extraction;
  readonly supplement: Supplement;
  readonly nodeName: string;
};

/** What would be written of pods, made once for each as long as nothing changes; only strings tell pods apart. */
export function createPodAttributes(options: PodAttributesOptions): (pod: Pod) => ReadonlyMap<string, string> {
  const { extraction, supplement } = options;
  const known = new WeakMap<Pod, { readonly version: number; readonly attributes: ReadonlyMap<string, string> }>();
  return (pod) => {
    const version = supplement.version();
    const before = known.get(pod);
    if (before?.version === version) return before.attributes;
    const all = podAttributes(factsOf(pod, options), extraction);
    const attributes = new Map([...all].filter((entry): entry is [string, string] => isText(entry)));
    known.set(pod, { version, attributes });
    return attributes;
  };
}

function isText([, value]: [string, AttributeValue]): boolean {
  return typeof value === "string";
}
