import { keySet } from "../../src/otlp/wire/keys.ts";
import { group, type Grouping, sizeOfGroup } from "../../src/otlp/parting/grouping.ts";
import { read, type Reading } from "../../src/otlp/reading.ts";
import type { Signal } from "../../src/otlp/signals.ts";
import { Splice } from "../../src/otlp/rope/splice.ts";
import { createStamp, type Stamp } from "../../src/otlp/stamping/stamp.ts";
import type { Mode } from "../../src/otlp/stamping/put-stamp.ts";
import { groupWriter, recordsOf, writeInline, writeRequest, writeResource } from "../../src/otlp/stamping/stamping.ts";
import type { StampCase } from "./requests.ts";

/** The keys by which the tests group records. */
export const groupKeys = ["container.id", "größe"];
export const groupKeySet = keySet(groupKeys);

/** A stamp as src/otlp takes it. */
export function stampOf(stamp: StampCase | undefined): (Stamp & Mode) | undefined {
  return stamp && { ...createStamp(stamp.attributes), override: stamp.override };
}

/** For each group the values by which it was made. */
export function valuesOfGroups(grouping: Grouping, keys: readonly string[]): readonly (string | undefined)[][] {
  return Array.from({ length: grouping.groups }, (_, index) => keys.map((__, key) => grouping.value(index, key)));
}

/** The request with the stamps on its resources, one after the other. */
export function stampResources(signal: Signal, bytes: Uint8Array, stamps: readonly (StampCase | undefined)[]): Buffer {
  const reading = read(signal, bytes, groupKeySet);
  const out = new Splice(bytes);
  writeRequest(out, reading, (resource, index) => writeResource(out, reading, resource, stampOf(stamps[index])));
  return out.toBytes();
}

/** The request with a resource for each group of records, and the stamps by group on them. */
export function regroup(
  signal: Signal,
  bytes: Uint8Array,
  stampOfGroup: (group: number) => StampCase | undefined,
): Buffer {
  return write(read(signal, bytes, groupKeySet), (out, reading, grouping) => {
    const writeGroup = groupWriter(out, reading, grouping);
    for (let index = 0; index < grouping.groups; index++)
      if (sizeOfGroup(grouping, index) > 0) writeGroup(recordsOf(grouping, index), stampOf(stampOfGroup(index)));
  });
}

/** The request with the stamps by group on its records. */
export function stampRecords(
  signal: Signal,
  bytes: Uint8Array,
  stampOfGroup: (group: number) => StampCase | undefined,
): Buffer {
  return write(read(signal, bytes, groupKeySet), (out, reading, grouping) =>
    writeInline(out, reading, grouping, (index) => stampOf(stampOfGroup(index))),
  );
}

function write(reading: Reading, put: (out: Splice, reading: Reading, grouping: Grouping) => void): Buffer {
  const out = new Splice(reading.bytes);
  writeRequest(out, reading, (resource) => put(out, reading, group(reading, resource, groupKeySet)));
  return out.toBytes();
}
