import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { group } from "../../../src/otlp/parting/grouping.ts";
import { read } from "../../../src/otlp/reading.ts";
import type { Signal } from "../../../src/otlp/signals.ts";
import { Splice } from "../../../src/otlp/rope/splice.ts";
import { groupWriter, recordsOf as recordsIn } from "../../../src/otlp/stamping/stamping.ts";
import { ExportTraceServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { ExportMetricsServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import { ExportProfilesServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/profiles/v1development/profiles_service.ts";
import { ExportLogsServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { decode } from "../decoded.ts";
import { grouped, stampedContainer, stampedRecords, valuesOf } from "../model.ts";
import { anyRequest, anyStamp, type StampCase } from "../requests.ts";
import { encode, otherFieldsOf, parse, type Raw, recordsOf, unpadded } from "../wire.ts";
import { groupKeys, groupKeySet, regroup, stampOf, stampRecords, stampResources, valuesOfGroups } from "../writing.ts";

const rules = (seed: number) => ({ seed, numRuns: 500 });
const some = { minLength: 1, maxLength: 3 };
/** Gives the second group no stamp, all others the given ones in turn. */
const inTurn = (stamps: readonly StampCase[]) => (index: number) =>
  index === 1 ? undefined : stamps[index % stamps.length];

describe("stamping resources", () => {
  test("bytes with the stamps on decode to the decoded request with the stamps on", () => {
    const prove = fc.property(
      anyRequest,
      fc.array(fc.option(anyStamp, { nil: undefined })),
      ({ signal, fields }, stamps) => {
        const bytes = encode(fields);
        const before = decode(signal, bytes);
        const expected = before.containers.map((container, index) =>
          stampedContainer(container, stamps[index], before.strings),
        );
        const after = stampResources(signal, bytes, stamps);
        expect(decode(signal, after)).toEqual({ ...before, containers: expected.map(({ container }) => container) });
        expect(after.equals(bytes) || expected.some(({ isChanged }) => isChanged)).toBe(true);
      },
    );
    fc.assert(prove, rules(101));
  });

  test("what is not of the stamp stays as it is, byte for byte and in its order", () => {
    const prove = fc.property(anyRequest, anyStamp, ({ signal, fields }, stamp) => {
      const bytes = encode(fields, 10);
      expect(beside(signal, stampResources(signal, bytes, Array(3).fill(stamp)), stamp)).toEqual(
        beside(signal, bytes, stamp),
      );
    });
    fc.assert(prove, rules(102));
  });

  test("varints of up to ten bytes change nothing in what is done", () => {
    const prove = fc.property(anyRequest, anyStamp, ({ signal, fields }, stamp) => {
      const short = stampResources(signal, encode(unpadded(fields)), Array(3).fill(stamp));
      const long = stampResources(signal, encode(fields, 10), Array(3).fill(stamp));
      expect(decodeLoosely(signal, long)).toEqual(decodeLoosely(signal, short));
    });
    fc.assert(prove, rules(103));
  });
});

describe("grouping records", () => {
  test("each group decodes to the resource with its records alone, in order, and its stamp on", () => {
    const prove = fc.property(anyRequest, fc.array(anyStamp, some), ({ signal, fields }, stamps) => {
      const bytes = encode(fields);
      const reading = read(signal, bytes, groupKeySet);
      const before = decode(signal, bytes);
      reading.resources.forEach((resource, at) => {
        const grouping = group(reading, resource, groupKeySet);
        const container = before.containers[at];
        const groups = container === undefined ? [] : grouped(container, groupKeys, before.strings);
        expect(valuesOfGroups(grouping, groupKeys)).toEqual(
          groups.map(({ values }) => groupKeys.map((_, key) => values[key])),
        );
        groups.forEach((expected, index) => {
          const stamp = inTurn(stamps)(index);
          const out = new Splice(bytes);
          groupWriter(out, reading, grouping)(recordsIn(grouping, index), stampOf(stamp));
          // What profiles point to is not in a resource.
          const all = Buffer.concat([out.toBytes(), ...otherFieldsOf(bytes)]);
          expect(decode(signal, all).containers).toEqual([
            stampedContainer(expected.container, stamp, before.strings).container,
          ]);
        });
      });
    });
    fc.assert(prove, rules(105));
  });

  test("records move as they are, each into one group, whatever their inside looks like", () => {
    const prove = fc.property(anyRequest, fc.array(anyStamp, some), ({ signal, fields }, stamps) => {
      const bytes = encode(fields, 10);
      const out = regroup(signal, bytes, inTurn(stamps));
      expect(recordsOf(signal, out).toSorted(Buffer.compare)).toEqual(
        recordsOf(signal, bytes).toSorted(Buffer.compare),
      );
    });
    fc.assert(prove, rules(106));
  });
});

describe("stamping records", () => {
  test("records with the stamps on decode to the decoded records with the stamps on", () => {
    const prove = fc.property(anyRequest, fc.array(anyStamp, some), ({ signal, fields }, stamps) => {
      const bytes = encode(fields);
      const before = decode(signal, bytes);
      const containers = before.containers.map((container) => {
        const ids = grouped(container, groupKeys, before.strings).map(({ values }) =>
          JSON.stringify(groupKeys.map((_, key) => values[key])),
        );
        return stampedRecords(container, (record) =>
          inTurn(stamps)(ids.indexOf(JSON.stringify(valuesOf(record.attributes, groupKeys, before.strings)))),
        );
      });
      expect(decode(signal, stampRecords(signal, bytes, inTurn(stamps)))).toEqual({
        ...before,
        containers,
      });
    });
    fc.assert(prove, rules(107));
  });

  test("a record that its stamp does not change stays as it is, and a request of such records is the very same bytes", () => {
    const prove = fc.property(anyRequest, ({ signal, fields }) => {
      const bytes = encode(fields, 10);
      const stamp: StampCase = {
        attributes: new Map([
          ["container.id", "c"],
          ["k8s.pod.name", "p"],
        ]),
        override: false,
      };
      const once = stampRecords(signal, bytes, () => stamp);
      expect(stampRecords(signal, bytes, () => undefined)).toEqual(bytes);
      expect(stampRecords(signal, once, () => stamp)).toEqual(once);
    });
    fc.assert(prove, rules(108));
  });
});

/** Every field of a request in its place, without the attributes of the resources that have a key of the stamp. */
function beside(signal: Signal, bytes: Uint8Array, stamp: StampCase): unknown[] {
  const strings = signal === "profiles" ? inside(parse(bytes), 2).filter(({ no }) => no === 5) : undefined;
  return parse(bytes).map((request) =>
    request.no !== 1
      ? request.raw
      : parse(request.value)
          .map((field) =>
            field.no === 1
              ? parse(field.value)
                  .filter((each) => !isStamped(each, stamp, strings))
                  .map(({ raw }) => raw)
              : field.raw,
          )
          .filter((field) => field.length > 0),
  );
}

function inside(fields: readonly Raw[], no: number): Raw[] {
  return fields.filter((field) => field.no === no).flatMap(({ value }) => parse(value));
}

function isStamped(attribute: Raw, stamp: StampCase, strings: readonly Raw[] | undefined): boolean {
  if (attribute.no !== 1 || attribute.wire !== 2) return false;
  const last = (no: number) => parse(attribute.value).findLast((each) => each.no === no)?.value;
  const position = strings && BigInt.asUintN(64, varintOf(last(3)));
  if (position === undefined || position === 0n) return stamp.attributes.has(last(1)?.toString() ?? "");
  const key = strings?.[Number(position)]?.value.toString();
  return key !== undefined && stamp.attributes.has(key);
}

function varintOf(bytes: Uint8Array = Buffer.alloc(0)): bigint {
  return bytes.reduceRight((value, byte) => value * 128n + BigInt(byte & 127), 0n);
}

const requests = {
  traces: ExportTraceServiceRequest,
  metrics: ExportMetricsServiceRequest,
  logs: ExportLogsServiceRequest,
  profiles: ExportProfilesServiceRequest,
};

/** Decodes with ts-proto's code, which takes tags of more than five bytes; without unknown fields, which it keeps with their lengths. */
function decodeLoosely(signal: Signal, bytes: Uint8Array): unknown {
  const message = requests[signal].decode(bytes);
  return JSON.parse(
    JSON.stringify(message, (key, value: unknown) =>
      key === "_unknownFields" ? undefined : typeof value === "bigint" ? String(value) : value,
    ),
  );
}
