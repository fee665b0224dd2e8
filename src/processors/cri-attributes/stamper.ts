import type { Entry } from "../../containers/entry.ts";
import type { Reading } from "../../otlp/reading.ts";
import { Splice } from "../../otlp/splice.ts";
import { createStamp, type Stamp } from "../../otlp/stamp.ts";
import { type Mode, writeGroup, writeInline, writeResource } from "../../otlp/stamping.ts";
import { type AttributeChoice, attributesOf, factsOf } from "./attributes.ts";
import type { RecordMode, Target, Targets } from "./targets.ts";

export type StamperOptions = AttributeChoice & {
  readonly nodeName: string;
  readonly override: boolean;
  readonly mode: RecordMode;
};

/** A target with what was found out about it; without an entry it leaves as it came. */
export type Decided = { readonly target: Target; readonly entry: Entry | undefined };

/** Writes requests with the attributes of containers in them. */
export type Stamper = {
  /** The decided targets as a request; the very same bytes when they are the whole of it and nothing is added. */
  write(targets: Targets, decided: readonly Decided[], options: { readonly withRest: boolean }): Uint8Array;
};

type StampPair = { readonly plain: Stamp & Mode; readonly foreign: Stamp & Mode };

/** Makes a stamper; each entry is encoded once, for as long as it is the same. */
export function createStamper(options: StamperOptions): Stamper {
  const stamps = new WeakMap<Entry, StampPair>();

  const stampsOf = (entry: Entry): StampPair => {
    let pair = stamps.get(entry);
    if (pair === undefined) {
      const stamp = createStamp(attributesOf(factsOf(entry, options.nodeName), options));
      pair = { plain: { ...stamp, override: options.override }, foreign: { ...stamp, override: true } };
      stamps.set(entry, pair);
    }
    return pair;
  };

  const stampOf = ({ target, entry }: Decided): (Stamp & Mode) | undefined => {
    if (entry === undefined) return undefined;
    const pair = stampsOf(entry);
    return isForeign(target, entry) ? pair.foreign : pair.plain;
  };

  const writeTargets = (out: Splice, reading: Reading, decided: readonly Decided[]) => {
    for (let i = 0; i < decided.length; i++) {
      const one = decided[i];
      if (one === undefined) continue;
      const { resource, records } = one.target;
      if (records === undefined) writeResource(out, reading, resource, stampOf(one));
      else if (options.mode === "inline") {
        const same = decided.slice(i).filter(({ target }) => target.resource === resource);
        writeInline(out, reading, records.grouping, (index) => same.flatMap((other) => (other.target.records?.index === index ? [stampOf(other)] : []))[0]);
        i += same.length - 1;
      } else writeGroup(out, reading, records.grouping, { index: records.index, stamp: stampOf(one) });
    }
  };

  return {
    write({ reading }, decided, { withRest }) {
      const out = new Splice(reading.bytes);
      if (!withRest) {
        writeTargets(out, reading, decided);
        return out.toBytes();
      }
      // What stands between the resources is of no field that we know, and survives.
      let at = 0;
      for (const resource of reading.resources) {
        out.copy(at, resource.tag);
        writeTargets(out, reading, decided.filter(({ target }) => target.resource === resource));
        at = resource.stop;
      }
      out.copy(at, reading.bytes.length);
      return out.toBytes();
    },
  };
}

/**
 * Whether the resource is someone else's than the record: an agent's own, say, that sends spans of many containers.
 * Then its pod's attributes must not stay on what is of another.
 */
function isForeign(target: Target, entry: Entry): boolean {
  if (!target.isRecordLevel) return false;
  const [containerId, podUid, podName] = target.resource.values;
  const pod = entry.kind === "pod" ? entry : entry.pod;
  return (
    (containerId !== undefined && !containerId.includes(entry.id)) ||
    (podUid !== undefined && podUid !== pod?.facts.uid) ||
    (podName !== undefined && podName !== pod?.facts.name)
  );
}
