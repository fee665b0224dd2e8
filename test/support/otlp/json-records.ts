import type { Signal } from "../../../src/otlp/signals.ts";

type Strings = Readonly<Record<string, string>>;

/** A resource, and the attributes of each of its records. */
export type JsonResource = { readonly attributes: Strings; readonly records: readonly Strings[] };

/** An export request in OTLP's JSON; the records of a resource are under one scope, and of one metric or profile. */
export function jsonOf(signal: Signal, resources: readonly JsonResource[]): string {
  const all = resources.flatMap(({ records }) => records.flatMap((record) => Object.entries(record)));
  const stringTable = ["", ...new Set(all.map(([key]) => key))];
  const positionOf = (pair: readonly [string, string]) =>
    all.findIndex(([key, value]) => key === pair[0] && value === pair[1]) + 1;
  const bodies: { readonly [S in Signal]: () => object } = {
    traces: () => ({
      resourceSpans: resources.map((one) => ({
        resource: { attributes: listed(one.attributes) },
        scopeSpans: [{ spans: one.records.map((record) => ({ ...span, attributes: listed(record) })) }],
      })),
    }),
    metrics: () => ({
      resourceMetrics: resources.map((one) => ({
        resource: { attributes: listed(one.attributes) },
        scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints: one.records.map(pointOf) } }] }],
      })),
    }),
    logs: () => ({
      resourceLogs: resources.map((one) => ({
        resource: { attributes: listed(one.attributes) },
        scopeLogs: [{ logRecords: one.records.map((record) => ({ timeUnixNano: "1", attributes: listed(record) })) }],
      })),
    }),
    profiles: () => ({
      resourceProfiles: resources.map((one) => ({
        resource: { attributes: listed(one.attributes) },
        scopeProfiles: [
          {
            profiles: [
              {
                profileId: span.traceId,
                samples: one.records.map((record) => ({
                  values: ["1"],
                  attributeIndices: Object.entries(record).map(positionOf),
                })),
              },
            ],
          },
        ],
      })),
      dictionary: {
        stringTable,
        attributeTable: [
          {},
          ...all.map(([key, stringValue]) => ({ keyStrindex: stringTable.indexOf(key), value: { stringValue } })),
        ],
      },
    }),
  };
  return JSON.stringify(bodies[signal]());
}

const span = {
  traceId: "5b8efff798038103d269b633813fc60c",
  spanId: "eee19b7ec3c1b174",
  name: "a",
  kind: 2,
  startTimeUnixNano: "1",
  endTimeUnixNano: "2",
};

function pointOf(record: Strings): object {
  return { timeUnixNano: "1", asInt: "1", attributes: listed(record) };
}

function listed(attributes: Strings): readonly object[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
