import { LRUCache } from "lru-cache";
import type { AttributeValue } from "../../otlp/wire/attribute.ts";
import { createStamp, type Stamp } from "../../otlp/stamping/stamp.ts";
import { type Extraction, isNodeUidWritten, surroundings } from "./extract/extraction.ts";
import type { Supplement } from "./extract/supplement.ts";
import { addressOf, hintsOf } from "./association/identity.ts";
import type { Target } from "./association/targets.ts";

export type ExtrasOptions = {
  readonly extraction: Extraction;
  readonly supplement: Supplement;
  readonly nodeName: string;
  /** Whether nothing but the address is written, on everything. */
  readonly isPassthrough: boolean;
  /** Whether rules of the file decide. */
  readonly hasRules: boolean;
};

/** What is written on a whole resource of which no pod is known; undefined for nothing. */
export type Extras = (target: Target, peer: string | undefined) => Stamp | undefined;

/** Different stamps that are kept. */
const maxStamps = 1000;

/**
 * The address of who sent it, the service's namespace, and labels of the namespace and node that the resource names itself, as far
 * as they are asked for. Undefined when nothing of that is.
 */
export function createExtras(options: ExtrasOptions): Extras | undefined {
  const { extraction, supplement, nodeName, isPassthrough } = options;
  const { metadata, labels, annotations } = extraction;
  const isAround =
    isNodeUidWritten(extraction) ||
    [...labels, ...annotations].some(({ from }) => from === "namespace" || from === "node");
  const hasAddress = isPassthrough || metadata.has("k8s.pod.ip");
  const hasNamespace = metadata.has("service.namespace");
  if (!hasAddress && !isAround && !hasNamespace) return undefined;
  const stamps = new LRUCache<string, Stamp>({ max: maxStamps });

  const attributesOf = (target: Target, peer: string | undefined): ReadonlyMap<string, AttributeValue> => {
    const written = new Map<string, AttributeValue>();
    const address = hasAddress ? addressFor(target, peer, options) : undefined;
    if (address !== undefined) written.set("k8s.pod.ip", address);
    if (isPassthrough) return written;
    const { namespace, node } = hintsOf(target.resource);
    if (hasNamespace && namespace !== undefined) written.set("service.namespace", namespace);
    if (!isAround) return written;
    const facts = { pod: undefined, container: undefined, nodeName, supplement };
    for (const [name, value] of surroundings(facts, extraction, { namespace, node })) written.set(name, value);
    return written;
  };

  return (target, peer) => {
    const attributes = attributesOf(target, peer);
    if (attributes.size === 0) return undefined;
    const key = JSON.stringify([...attributes]);
    const known = stamps.get(key) ?? createStamp(attributes);
    stamps.set(key, known);
    return known;
  };
}

/** The value of a source `connection`; without rules the Collector's is also the resource's own address. */
function addressFor(
  { identity, resource }: Target,
  peer: string | undefined,
  { hasRules, isPassthrough }: ExtrasOptions,
): string | undefined {
  if (hasRules) return identity.kind === "ruled" ? identity.taken.connection : undefined;
  // Telemetry that names somebody else is not of whoever forwards it.
  const isSent = isPassthrough || identity.kind === "sent" || identity.kind === "none";
  return addressOf(resource, isSent ? peer : undefined);
}
