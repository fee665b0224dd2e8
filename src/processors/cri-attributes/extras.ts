import { LRUCache } from "lru-cache";
import type { WorkloadKind } from "../../containers/names/workload.ts";
import type { KeySet } from "../../otlp/wire/keys.ts";
import type { AttributeValue } from "../../otlp/wire/attribute.ts";
import { createStamp, type Stamp } from "../../otlp/stamping/stamp.ts";
import { type Extraction, isNodeUidWritten, surroundings, workloadsRuled } from "./extract/extraction.ts";
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
  /** By which resources are read, with uidKeys(). */
  readonly keys: KeySet;
};

/** What is written on a whole resource of which no pod is known; undefined for nothing. */
export type Extras = (target: Target, peer: string | undefined) => Stamp | undefined;

/** The attributes by which a resource names the workloads that rules are about. */
export function uidKeys(extraction: Extraction): readonly string[] {
  return workloadsRuled(extraction).map(uidKey);
}

function uidKey(kind: WorkloadKind): string {
  return `k8s.${kind}.uid`;
}

/** Different stamps that are kept. */
const maxStamps = 1000;

/**
 * The address of who sent it, the service's namespace, and labels of the namespace, node and workloads that the resource names itself, as far
 * as they are asked for. Undefined when nothing of that is.
 */
export function createExtras(options: ExtrasOptions): Extras | undefined {
  const { extraction, supplement, nodeName, isPassthrough, keys } = options;
  const { metadata, labels, annotations } = extraction;
  const workloads = workloadsRuled(extraction);
  const isAround =
    isNodeUidWritten(extraction) ||
    workloads.length > 0 ||
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
    const uids = Object.fromEntries(
      workloads.flatMap((kind) => {
        const uid = target.resource.values[keys.keys.indexOf(uidKey(kind))];
        return uid === undefined ? [] : [[kind, uid]];
      }),
    );
    for (const [name, value] of surroundings(facts, extraction, { namespace, node, uids })) written.set(name, value);
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
