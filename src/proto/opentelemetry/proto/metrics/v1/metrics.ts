// Made from proto/ by `npm run build:proto`: do not edit.

/* eslint-disable */
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { InstrumentationScope, KeyValue } from "../../common/v1/common.ts";
import { Resource } from "../../resource/v1/resource.ts";

export const protobufPackage = "opentelemetry.proto.metrics.v1";

export const protobufFileName = "opentelemetry/proto/metrics/v1/metrics.proto";

/**
 * The metrics signal.
 * Facts (numbers, names, types) of opentelemetry-proto at ac2c4b5 (Apache-2.0); written for podstamp.
 */

export const AggregationTemporality = {
  AGGREGATION_TEMPORALITY_UNSPECIFIED: 0,
  AGGREGATION_TEMPORALITY_DELTA: 1,
  AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
  UNRECOGNIZED: -1,
} as const;

export type AggregationTemporality = typeof AggregationTemporality[keyof typeof AggregationTemporality];

export namespace AggregationTemporality {
  export type AGGREGATION_TEMPORALITY_UNSPECIFIED = typeof AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED;
  export type AGGREGATION_TEMPORALITY_DELTA = typeof AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
  export type AGGREGATION_TEMPORALITY_CUMULATIVE = typeof AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
  export type UNRECOGNIZED = typeof AggregationTemporality.UNRECOGNIZED;
}

export interface MetricsData {
  resourceMetrics: ResourceMetrics[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ResourceMetrics {
  resource: Resource | undefined;
  scopeMetrics: ScopeMetrics[];
  schemaUrl: string;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ScopeMetrics {
  scope: InstrumentationScope | undefined;
  metrics: Metric[];
  schemaUrl: string;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Metric {
  name: string;
  description: string;
  unit: string;
  gauge?: Gauge | undefined;
  sum?: Sum | undefined;
  histogram?: Histogram | undefined;
  exponentialHistogram?: ExponentialHistogram | undefined;
  summary?: Summary | undefined;
  metadata: KeyValue[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Gauge {
  dataPoints: NumberDataPoint[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Sum {
  dataPoints: NumberDataPoint[];
  aggregationTemporality: AggregationTemporality;
  isMonotonic: boolean;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Histogram {
  dataPoints: HistogramDataPoint[];
  aggregationTemporality: AggregationTemporality;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ExponentialHistogram {
  dataPoints: ExponentialHistogramDataPoint[];
  aggregationTemporality: AggregationTemporality;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Summary {
  dataPoints: SummaryDataPoint[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface NumberDataPoint {
  attributes: KeyValue[];
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
  asDouble?: number | undefined;
  asInt?: bigint | undefined;
  exemplars: Exemplar[];
  flags: number;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface HistogramDataPoint {
  attributes: KeyValue[];
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
  count: bigint;
  sum?: number | undefined;
  bucketCounts: bigint[];
  explicitBounds: number[];
  exemplars: Exemplar[];
  flags: number;
  min?: number | undefined;
  max?: number | undefined;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ExponentialHistogramDataPoint {
  attributes: KeyValue[];
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
  count: bigint;
  sum?: number | undefined;
  scale: number;
  zeroCount: bigint;
  positive: ExponentialHistogramDataPoint_Buckets | undefined;
  negative: ExponentialHistogramDataPoint_Buckets | undefined;
  flags: number;
  exemplars: Exemplar[];
  min?: number | undefined;
  max?: number | undefined;
  zeroThreshold: number;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ExponentialHistogramDataPoint_Buckets {
  offset: number;
  bucketCounts: bigint[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface SummaryDataPoint {
  attributes: KeyValue[];
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
  count: bigint;
  sum: number;
  quantileValues: SummaryDataPoint_ValueAtQuantile[];
  flags: number;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface SummaryDataPoint_ValueAtQuantile {
  quantile: number;
  value: number;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Exemplar {
  filteredAttributes: KeyValue[];
  timeUnixNano: bigint;
  asDouble?: number | undefined;
  asInt?: bigint | undefined;
  spanId: Buffer;
  traceId: Buffer;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

function createBaseMetricsData(): MetricsData {
  return { resourceMetrics: [], _unknownFields: {} };
}

export const MetricsData: MessageFns<MetricsData> = {
  encode(message: MetricsData, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.resourceMetrics) {
      ResourceMetrics.encode(v!, writer.uint32(10).fork()).join();
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): MetricsData {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseMetricsData();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.resourceMetrics.push(ResourceMetrics.decode(reader, reader.uint32()));
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<MetricsData>, I>>(base?: I): MetricsData {
    return MetricsData.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<MetricsData>, I>>(object: I): MetricsData {
    const message = createBaseMetricsData();
    message.resourceMetrics = object.resourceMetrics?.map((e) => ResourceMetrics.fromPartial(e)) || [];
    return message;
  },
};

function createBaseResourceMetrics(): ResourceMetrics {
  return { resource: undefined, scopeMetrics: [], schemaUrl: "", _unknownFields: {} };
}

export const ResourceMetrics: MessageFns<ResourceMetrics> = {
  encode(message: ResourceMetrics, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.resource !== undefined) {
      Resource.encode(message.resource, writer.uint32(10).fork()).join();
    }
    for (const v of message.scopeMetrics) {
      ScopeMetrics.encode(v!, writer.uint32(18).fork()).join();
    }
    if (message.schemaUrl !== "") {
      writer.uint32(26).string(message.schemaUrl);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ResourceMetrics {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseResourceMetrics();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.resource = Resource.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.scopeMetrics.push(ScopeMetrics.decode(reader, reader.uint32()));
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.schemaUrl = reader.string();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<ResourceMetrics>, I>>(base?: I): ResourceMetrics {
    return ResourceMetrics.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ResourceMetrics>, I>>(object: I): ResourceMetrics {
    const message = createBaseResourceMetrics();
    message.resource = (object.resource !== undefined && object.resource !== null)
      ? Resource.fromPartial(object.resource)
      : undefined;
    message.scopeMetrics = object.scopeMetrics?.map((e) => ScopeMetrics.fromPartial(e)) || [];
    message.schemaUrl = object.schemaUrl ?? "";
    return message;
  },
};

function createBaseScopeMetrics(): ScopeMetrics {
  return { scope: undefined, metrics: [], schemaUrl: "", _unknownFields: {} };
}

export const ScopeMetrics: MessageFns<ScopeMetrics> = {
  encode(message: ScopeMetrics, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.scope !== undefined) {
      InstrumentationScope.encode(message.scope, writer.uint32(10).fork()).join();
    }
    for (const v of message.metrics) {
      Metric.encode(v!, writer.uint32(18).fork()).join();
    }
    if (message.schemaUrl !== "") {
      writer.uint32(26).string(message.schemaUrl);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ScopeMetrics {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseScopeMetrics();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.scope = InstrumentationScope.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.metrics.push(Metric.decode(reader, reader.uint32()));
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.schemaUrl = reader.string();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<ScopeMetrics>, I>>(base?: I): ScopeMetrics {
    return ScopeMetrics.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ScopeMetrics>, I>>(object: I): ScopeMetrics {
    const message = createBaseScopeMetrics();
    message.scope = (object.scope !== undefined && object.scope !== null)
      ? InstrumentationScope.fromPartial(object.scope)
      : undefined;
    message.metrics = object.metrics?.map((e) => Metric.fromPartial(e)) || [];
    message.schemaUrl = object.schemaUrl ?? "";
    return message;
  },
};

function createBaseMetric(): Metric {
  return {
    name: "",
    description: "",
    unit: "",
    gauge: undefined,
    sum: undefined,
    histogram: undefined,
    exponentialHistogram: undefined,
    summary: undefined,
    metadata: [],
    _unknownFields: {},
  };
}

export const Metric: MessageFns<Metric> = {
  encode(message: Metric, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.name !== "") {
      writer.uint32(10).string(message.name);
    }
    if (message.description !== "") {
      writer.uint32(18).string(message.description);
    }
    if (message.unit !== "") {
      writer.uint32(26).string(message.unit);
    }
    if (message.gauge !== undefined) {
      Gauge.encode(message.gauge, writer.uint32(42).fork()).join();
    }
    if (message.sum !== undefined) {
      Sum.encode(message.sum, writer.uint32(58).fork()).join();
    }
    if (message.histogram !== undefined) {
      Histogram.encode(message.histogram, writer.uint32(74).fork()).join();
    }
    if (message.exponentialHistogram !== undefined) {
      ExponentialHistogram.encode(message.exponentialHistogram, writer.uint32(82).fork()).join();
    }
    if (message.summary !== undefined) {
      Summary.encode(message.summary, writer.uint32(90).fork()).join();
    }
    for (const v of message.metadata) {
      KeyValue.encode(v!, writer.uint32(98).fork()).join();
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): Metric {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseMetric();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.name = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.description = reader.string();
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.unit = reader.string();
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.gauge = Gauge.decode(reader, reader.uint32());
            continue;
          }
          case 7: {
            if (tag !== 58) {
              break;
            }

            message.sum = Sum.decode(reader, reader.uint32());
            continue;
          }
          case 9: {
            if (tag !== 74) {
              break;
            }

            message.histogram = Histogram.decode(reader, reader.uint32());
            continue;
          }
          case 10: {
            if (tag !== 82) {
              break;
            }

            message.exponentialHistogram = ExponentialHistogram.decode(reader, reader.uint32());
            continue;
          }
          case 11: {
            if (tag !== 90) {
              break;
            }

            message.summary = Summary.decode(reader, reader.uint32());
            continue;
          }
          case 12: {
            if (tag !== 98) {
              break;
            }

            message.metadata.push(KeyValue.decode(reader, reader.uint32()));
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<Metric>, I>>(base?: I): Metric {
    return Metric.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Metric>, I>>(object: I): Metric {
    const message = createBaseMetric();
    message.name = object.name ?? "";
    message.description = object.description ?? "";
    message.unit = object.unit ?? "";
    message.gauge = (object.gauge !== undefined && object.gauge !== null) ? Gauge.fromPartial(object.gauge) : undefined;
    message.sum = (object.sum !== undefined && object.sum !== null) ? Sum.fromPartial(object.sum) : undefined;
    message.histogram = (object.histogram !== undefined && object.histogram !== null)
      ? Histogram.fromPartial(object.histogram)
      : undefined;
    message.exponentialHistogram = (object.exponentialHistogram !== undefined && object.exponentialHistogram !== null)
      ? ExponentialHistogram.fromPartial(object.exponentialHistogram)
      : undefined;
    message.summary = (object.summary !== undefined && object.summary !== null)
      ? Summary.fromPartial(object.summary)
      : undefined;
    message.metadata = object.metadata?.map((e) => KeyValue.fromPartial(e)) || [];
    return message;
  },
};

function createBaseGauge(): Gauge {
  return { dataPoints: [], _unknownFields: {} };
}

export const Gauge: MessageFns<Gauge> = {
  encode(message: Gauge, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.dataPoints) {
      NumberDataPoint.encode(v!, writer.uint32(10).fork()).join();
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): Gauge {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseGauge();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.dataPoints.push(NumberDataPoint.decode(reader, reader.uint32()));
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<Gauge>, I>>(base?: I): Gauge {
    return Gauge.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Gauge>, I>>(object: I): Gauge {
    const message = createBaseGauge();
    message.dataPoints = object.dataPoints?.map((e) => NumberDataPoint.fromPartial(e)) || [];
    return message;
  },
};

function createBaseSum(): Sum {
  return { dataPoints: [], aggregationTemporality: 0, isMonotonic: false, _unknownFields: {} };
}

export const Sum: MessageFns<Sum> = {
  encode(message: Sum, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.dataPoints) {
      NumberDataPoint.encode(v!, writer.uint32(10).fork()).join();
    }
    if (message.aggregationTemporality !== 0) {
      writer.uint32(16).int32(message.aggregationTemporality);
    }
    if (message.isMonotonic !== false) {
      writer.uint32(24).bool(message.isMonotonic);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): Sum {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseSum();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.dataPoints.push(NumberDataPoint.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.aggregationTemporality = reader.int32() as any;
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.isMonotonic = reader.bool();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<Sum>, I>>(base?: I): Sum {
    return Sum.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Sum>, I>>(object: I): Sum {
    const message = createBaseSum();
    message.dataPoints = object.dataPoints?.map((e) => NumberDataPoint.fromPartial(e)) || [];
    message.aggregationTemporality = object.aggregationTemporality ?? 0;
    message.isMonotonic = object.isMonotonic ?? false;
    return message;
  },
};

function createBaseHistogram(): Histogram {
  return { dataPoints: [], aggregationTemporality: 0, _unknownFields: {} };
}

export const Histogram: MessageFns<Histogram> = {
  encode(message: Histogram, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.dataPoints) {
      HistogramDataPoint.encode(v!, writer.uint32(10).fork()).join();
    }
    if (message.aggregationTemporality !== 0) {
      writer.uint32(16).int32(message.aggregationTemporality);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): Histogram {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseHistogram();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.dataPoints.push(HistogramDataPoint.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.aggregationTemporality = reader.int32() as any;
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<Histogram>, I>>(base?: I): Histogram {
    return Histogram.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Histogram>, I>>(object: I): Histogram {
    const message = createBaseHistogram();
    message.dataPoints = object.dataPoints?.map((e) => HistogramDataPoint.fromPartial(e)) || [];
    message.aggregationTemporality = object.aggregationTemporality ?? 0;
    return message;
  },
};

function createBaseExponentialHistogram(): ExponentialHistogram {
  return { dataPoints: [], aggregationTemporality: 0, _unknownFields: {} };
}

export const ExponentialHistogram: MessageFns<ExponentialHistogram> = {
  encode(message: ExponentialHistogram, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.dataPoints) {
      ExponentialHistogramDataPoint.encode(v!, writer.uint32(10).fork()).join();
    }
    if (message.aggregationTemporality !== 0) {
      writer.uint32(16).int32(message.aggregationTemporality);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ExponentialHistogram {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExponentialHistogram();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.dataPoints.push(ExponentialHistogramDataPoint.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.aggregationTemporality = reader.int32() as any;
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<ExponentialHistogram>, I>>(base?: I): ExponentialHistogram {
    return ExponentialHistogram.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ExponentialHistogram>, I>>(object: I): ExponentialHistogram {
    const message = createBaseExponentialHistogram();
    message.dataPoints = object.dataPoints?.map((e) => ExponentialHistogramDataPoint.fromPartial(e)) || [];
    message.aggregationTemporality = object.aggregationTemporality ?? 0;
    return message;
  },
};

function createBaseSummary(): Summary {
  return { dataPoints: [], _unknownFields: {} };
}

export const Summary: MessageFns<Summary> = {
  encode(message: Summary, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.dataPoints) {
      SummaryDataPoint.encode(v!, writer.uint32(10).fork()).join();
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): Summary {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseSummary();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.dataPoints.push(SummaryDataPoint.decode(reader, reader.uint32()));
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<Summary>, I>>(base?: I): Summary {
    return Summary.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Summary>, I>>(object: I): Summary {
    const message = createBaseSummary();
    message.dataPoints = object.dataPoints?.map((e) => SummaryDataPoint.fromPartial(e)) || [];
    return message;
  },
};

function createBaseNumberDataPoint(): NumberDataPoint {
  return {
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    asDouble: undefined,
    asInt: undefined,
    exemplars: [],
    flags: 0,
    _unknownFields: {},
  };
}

export const NumberDataPoint: MessageFns<NumberDataPoint> = {
  encode(message: NumberDataPoint, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.attributes) {
      KeyValue.encode(v!, writer.uint32(58).fork()).join();
    }
    if (message.startTimeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.startTimeUnixNano) !== message.startTimeUnixNano) {
        throw new globalThis.Error("value provided for field message.startTimeUnixNano of type fixed64 too large");
      }
      writer.uint32(17).fixed64(message.startTimeUnixNano);
    }
    if (message.timeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.timeUnixNano) !== message.timeUnixNano) {
        throw new globalThis.Error("value provided for field message.timeUnixNano of type fixed64 too large");
      }
      writer.uint32(25).fixed64(message.timeUnixNano);
    }
    if (message.asDouble !== undefined) {
      writer.uint32(33).double(message.asDouble);
    }
    if (message.asInt !== undefined) {
      if (BigInt.asIntN(64, message.asInt) !== message.asInt) {
        throw new globalThis.Error("value provided for field message.asInt of type sfixed64 too large");
      }
      writer.uint32(49).sfixed64(message.asInt);
    }
    for (const v of message.exemplars) {
      Exemplar.encode(v!, writer.uint32(42).fork()).join();
    }
    if (message.flags !== 0) {
      writer.uint32(64).uint32(message.flags);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): NumberDataPoint {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseNumberDataPoint();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 7: {
            if (tag !== 58) {
              break;
            }

            message.attributes.push(KeyValue.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 17) {
              break;
            }

            message.startTimeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 3: {
            if (tag !== 25) {
              break;
            }

            message.timeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 4: {
            if (tag !== 33) {
              break;
            }

            message.asDouble = reader.double();
            continue;
          }
          case 6: {
            if (tag !== 49) {
              break;
            }

            message.asInt = reader.sfixed64() as bigint;
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.exemplars.push(Exemplar.decode(reader, reader.uint32()));
            continue;
          }
          case 8: {
            if (tag !== 64) {
              break;
            }

            message.flags = reader.uint32();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<NumberDataPoint>, I>>(base?: I): NumberDataPoint {
    return NumberDataPoint.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<NumberDataPoint>, I>>(object: I): NumberDataPoint {
    const message = createBaseNumberDataPoint();
    message.attributes = object.attributes?.map((e) => KeyValue.fromPartial(e)) || [];
    message.startTimeUnixNano = (object.startTimeUnixNano !== undefined && object.startTimeUnixNano !== null)
      ? BigInt(object.startTimeUnixNano)
      : 0n;
    message.timeUnixNano = (object.timeUnixNano !== undefined && object.timeUnixNano !== null)
      ? BigInt(object.timeUnixNano)
      : 0n;
    message.asDouble = object.asDouble ?? undefined;
    message.asInt = (object.asInt !== undefined && object.asInt !== null) ? BigInt(object.asInt) : undefined;
    message.exemplars = object.exemplars?.map((e) => Exemplar.fromPartial(e)) || [];
    message.flags = object.flags ?? 0;
    return message;
  },
};

function createBaseHistogramDataPoint(): HistogramDataPoint {
  return {
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    count: 0n,
    sum: undefined,
    bucketCounts: [],
    explicitBounds: [],
    exemplars: [],
    flags: 0,
    min: undefined,
    max: undefined,
    _unknownFields: {},
  };
}

export const HistogramDataPoint: MessageFns<HistogramDataPoint> = {
  encode(message: HistogramDataPoint, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.attributes) {
      KeyValue.encode(v!, writer.uint32(74).fork()).join();
    }
    if (message.startTimeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.startTimeUnixNano) !== message.startTimeUnixNano) {
        throw new globalThis.Error("value provided for field message.startTimeUnixNano of type fixed64 too large");
      }
      writer.uint32(17).fixed64(message.startTimeUnixNano);
    }
    if (message.timeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.timeUnixNano) !== message.timeUnixNano) {
        throw new globalThis.Error("value provided for field message.timeUnixNano of type fixed64 too large");
      }
      writer.uint32(25).fixed64(message.timeUnixNano);
    }
    if (message.count !== 0n) {
      if (BigInt.asUintN(64, message.count) !== message.count) {
        throw new globalThis.Error("value provided for field message.count of type fixed64 too large");
      }
      writer.uint32(33).fixed64(message.count);
    }
    if (message.sum !== undefined) {
      writer.uint32(41).double(message.sum);
    }
    if (message.bucketCounts.length !== 0) {
      writer.uint32(50).fork();
      for (const v of message.bucketCounts) {
        if (BigInt.asUintN(64, v) !== v) {
          throw new globalThis.Error("a value provided in array field bucketCounts of type fixed64 is too large");
        }
        writer.fixed64(v);
      }
      writer.join();
    }
    if (message.explicitBounds.length !== 0) {
      writer.uint32(58).fork();
      for (const v of message.explicitBounds) {
        writer.double(v);
      }
      writer.join();
    }
    for (const v of message.exemplars) {
      Exemplar.encode(v!, writer.uint32(66).fork()).join();
    }
    if (message.flags !== 0) {
      writer.uint32(80).uint32(message.flags);
    }
    if (message.min !== undefined) {
      writer.uint32(89).double(message.min);
    }
    if (message.max !== undefined) {
      writer.uint32(97).double(message.max);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): HistogramDataPoint {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseHistogramDataPoint();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 9: {
            if (tag !== 74) {
              break;
            }

            message.attributes.push(KeyValue.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 17) {
              break;
            }

            message.startTimeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 3: {
            if (tag !== 25) {
              break;
            }

            message.timeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 4: {
            if (tag !== 33) {
              break;
            }

            message.count = reader.fixed64() as bigint;
            continue;
          }
          case 5: {
            if (tag !== 41) {
              break;
            }

            message.sum = reader.double();
            continue;
          }
          case 6: {
            if (tag === 49) {
              message.bucketCounts.push(reader.fixed64() as bigint);

              continue;
            }

            if (tag === 50) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.bucketCounts.push(reader.fixed64() as bigint);
              }

              continue;
            }

            break;
          }
          case 7: {
            if (tag === 57) {
              message.explicitBounds.push(reader.double());

              continue;
            }

            if (tag === 58) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.explicitBounds.push(reader.double());
              }

              continue;
            }

            break;
          }
          case 8: {
            if (tag !== 66) {
              break;
            }

            message.exemplars.push(Exemplar.decode(reader, reader.uint32()));
            continue;
          }
          case 10: {
            if (tag !== 80) {
              break;
            }

            message.flags = reader.uint32();
            continue;
          }
          case 11: {
            if (tag !== 89) {
              break;
            }

            message.min = reader.double();
            continue;
          }
          case 12: {
            if (tag !== 97) {
              break;
            }

            message.max = reader.double();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<HistogramDataPoint>, I>>(base?: I): HistogramDataPoint {
    return HistogramDataPoint.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<HistogramDataPoint>, I>>(object: I): HistogramDataPoint {
    const message = createBaseHistogramDataPoint();
    message.attributes = object.attributes?.map((e) => KeyValue.fromPartial(e)) || [];
    message.startTimeUnixNano = (object.startTimeUnixNano !== undefined && object.startTimeUnixNano !== null)
      ? BigInt(object.startTimeUnixNano)
      : 0n;
    message.timeUnixNano = (object.timeUnixNano !== undefined && object.timeUnixNano !== null)
      ? BigInt(object.timeUnixNano)
      : 0n;
    message.count = (object.count !== undefined && object.count !== null) ? BigInt(object.count) : 0n;
    message.sum = object.sum ?? undefined;
    message.bucketCounts = object.bucketCounts?.map((e) => BigInt(e)) || [];
    message.explicitBounds = object.explicitBounds?.map((e) => e) || [];
    message.exemplars = object.exemplars?.map((e) => Exemplar.fromPartial(e)) || [];
    message.flags = object.flags ?? 0;
    message.min = object.min ?? undefined;
    message.max = object.max ?? undefined;
    return message;
  },
};

function createBaseExponentialHistogramDataPoint(): ExponentialHistogramDataPoint {
  return {
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    count: 0n,
    sum: undefined,
    scale: 0,
    zeroCount: 0n,
    positive: undefined,
    negative: undefined,
    flags: 0,
    exemplars: [],
    min: undefined,
    max: undefined,
    zeroThreshold: 0,
    _unknownFields: {},
  };
}

export const ExponentialHistogramDataPoint: MessageFns<ExponentialHistogramDataPoint> = {
  encode(message: ExponentialHistogramDataPoint, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.attributes) {
      KeyValue.encode(v!, writer.uint32(10).fork()).join();
    }
    if (message.startTimeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.startTimeUnixNano) !== message.startTimeUnixNano) {
        throw new globalThis.Error("value provided for field message.startTimeUnixNano of type fixed64 too large");
      }
      writer.uint32(17).fixed64(message.startTimeUnixNano);
    }
    if (message.timeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.timeUnixNano) !== message.timeUnixNano) {
        throw new globalThis.Error("value provided for field message.timeUnixNano of type fixed64 too large");
      }
      writer.uint32(25).fixed64(message.timeUnixNano);
    }
    if (message.count !== 0n) {
      if (BigInt.asUintN(64, message.count) !== message.count) {
        throw new globalThis.Error("value provided for field message.count of type fixed64 too large");
      }
      writer.uint32(33).fixed64(message.count);
    }
    if (message.sum !== undefined) {
      writer.uint32(41).double(message.sum);
    }
    if (message.scale !== 0) {
      writer.uint32(48).sint32(message.scale);
    }
    if (message.zeroCount !== 0n) {
      if (BigInt.asUintN(64, message.zeroCount) !== message.zeroCount) {
        throw new globalThis.Error("value provided for field message.zeroCount of type fixed64 too large");
      }
      writer.uint32(57).fixed64(message.zeroCount);
    }
    if (message.positive !== undefined) {
      ExponentialHistogramDataPoint_Buckets.encode(message.positive, writer.uint32(66).fork()).join();
    }
    if (message.negative !== undefined) {
      ExponentialHistogramDataPoint_Buckets.encode(message.negative, writer.uint32(74).fork()).join();
    }
    if (message.flags !== 0) {
      writer.uint32(80).uint32(message.flags);
    }
    for (const v of message.exemplars) {
      Exemplar.encode(v!, writer.uint32(90).fork()).join();
    }
    if (message.min !== undefined) {
      writer.uint32(97).double(message.min);
    }
    if (message.max !== undefined) {
      writer.uint32(105).double(message.max);
    }
    if (message.zeroThreshold !== 0) {
      writer.uint32(113).double(message.zeroThreshold);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ExponentialHistogramDataPoint {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExponentialHistogramDataPoint();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.attributes.push(KeyValue.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 17) {
              break;
            }

            message.startTimeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 3: {
            if (tag !== 25) {
              break;
            }

            message.timeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 4: {
            if (tag !== 33) {
              break;
            }

            message.count = reader.fixed64() as bigint;
            continue;
          }
          case 5: {
            if (tag !== 41) {
              break;
            }

            message.sum = reader.double();
            continue;
          }
          case 6: {
            if (tag !== 48) {
              break;
            }

            message.scale = reader.sint32();
            continue;
          }
          case 7: {
            if (tag !== 57) {
              break;
            }

            message.zeroCount = reader.fixed64() as bigint;
            continue;
          }
          case 8: {
            if (tag !== 66) {
              break;
            }

            message.positive = ExponentialHistogramDataPoint_Buckets.decode(reader, reader.uint32());
            continue;
          }
          case 9: {
            if (tag !== 74) {
              break;
            }

            message.negative = ExponentialHistogramDataPoint_Buckets.decode(reader, reader.uint32());
            continue;
          }
          case 10: {
            if (tag !== 80) {
              break;
            }

            message.flags = reader.uint32();
            continue;
          }
          case 11: {
            if (tag !== 90) {
              break;
            }

            message.exemplars.push(Exemplar.decode(reader, reader.uint32()));
            continue;
          }
          case 12: {
            if (tag !== 97) {
              break;
            }

            message.min = reader.double();
            continue;
          }
          case 13: {
            if (tag !== 105) {
              break;
            }

            message.max = reader.double();
            continue;
          }
          case 14: {
            if (tag !== 113) {
              break;
            }

            message.zeroThreshold = reader.double();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<ExponentialHistogramDataPoint>, I>>(base?: I): ExponentialHistogramDataPoint {
    return ExponentialHistogramDataPoint.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ExponentialHistogramDataPoint>, I>>(
    object: I,
  ): ExponentialHistogramDataPoint {
    const message = createBaseExponentialHistogramDataPoint();
    message.attributes = object.attributes?.map((e) => KeyValue.fromPartial(e)) || [];
    message.startTimeUnixNano = (object.startTimeUnixNano !== undefined && object.startTimeUnixNano !== null)
      ? BigInt(object.startTimeUnixNano)
      : 0n;
    message.timeUnixNano = (object.timeUnixNano !== undefined && object.timeUnixNano !== null)
      ? BigInt(object.timeUnixNano)
      : 0n;
    message.count = (object.count !== undefined && object.count !== null) ? BigInt(object.count) : 0n;
    message.sum = object.sum ?? undefined;
    message.scale = object.scale ?? 0;
    message.zeroCount = (object.zeroCount !== undefined && object.zeroCount !== null) ? BigInt(object.zeroCount) : 0n;
    message.positive = (object.positive !== undefined && object.positive !== null)
      ? ExponentialHistogramDataPoint_Buckets.fromPartial(object.positive)
      : undefined;
    message.negative = (object.negative !== undefined && object.negative !== null)
      ? ExponentialHistogramDataPoint_Buckets.fromPartial(object.negative)
      : undefined;
    message.flags = object.flags ?? 0;
    message.exemplars = object.exemplars?.map((e) => Exemplar.fromPartial(e)) || [];
    message.min = object.min ?? undefined;
    message.max = object.max ?? undefined;
    message.zeroThreshold = object.zeroThreshold ?? 0;
    return message;
  },
};

function createBaseExponentialHistogramDataPoint_Buckets(): ExponentialHistogramDataPoint_Buckets {
  return { offset: 0, bucketCounts: [], _unknownFields: {} };
}

export const ExponentialHistogramDataPoint_Buckets: MessageFns<ExponentialHistogramDataPoint_Buckets> = {
  encode(message: ExponentialHistogramDataPoint_Buckets, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.offset !== 0) {
      writer.uint32(8).sint32(message.offset);
    }
    if (message.bucketCounts.length !== 0) {
      writer.uint32(18).fork();
      for (const v of message.bucketCounts) {
        if (BigInt.asUintN(64, v) !== v) {
          throw new globalThis.Error("a value provided in array field bucketCounts of type uint64 is too large");
        }
        writer.uint64(v);
      }
      writer.join();
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ExponentialHistogramDataPoint_Buckets {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExponentialHistogramDataPoint_Buckets();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.offset = reader.sint32();
            continue;
          }
          case 2: {
            if (tag === 16) {
              message.bucketCounts.push(reader.uint64() as bigint);

              continue;
            }

            if (tag === 18) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.bucketCounts.push(reader.uint64() as bigint);
              }

              continue;
            }

            break;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<ExponentialHistogramDataPoint_Buckets>, I>>(
    base?: I,
  ): ExponentialHistogramDataPoint_Buckets {
    return ExponentialHistogramDataPoint_Buckets.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ExponentialHistogramDataPoint_Buckets>, I>>(
    object: I,
  ): ExponentialHistogramDataPoint_Buckets {
    const message = createBaseExponentialHistogramDataPoint_Buckets();
    message.offset = object.offset ?? 0;
    message.bucketCounts = object.bucketCounts?.map((e) => BigInt(e)) || [];
    return message;
  },
};

function createBaseSummaryDataPoint(): SummaryDataPoint {
  return {
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    count: 0n,
    sum: 0,
    quantileValues: [],
    flags: 0,
    _unknownFields: {},
  };
}

export const SummaryDataPoint: MessageFns<SummaryDataPoint> = {
  encode(message: SummaryDataPoint, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.attributes) {
      KeyValue.encode(v!, writer.uint32(58).fork()).join();
    }
    if (message.startTimeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.startTimeUnixNano) !== message.startTimeUnixNano) {
        throw new globalThis.Error("value provided for field message.startTimeUnixNano of type fixed64 too large");
      }
      writer.uint32(17).fixed64(message.startTimeUnixNano);
    }
    if (message.timeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.timeUnixNano) !== message.timeUnixNano) {
        throw new globalThis.Error("value provided for field message.timeUnixNano of type fixed64 too large");
      }
      writer.uint32(25).fixed64(message.timeUnixNano);
    }
    if (message.count !== 0n) {
      if (BigInt.asUintN(64, message.count) !== message.count) {
        throw new globalThis.Error("value provided for field message.count of type fixed64 too large");
      }
      writer.uint32(33).fixed64(message.count);
    }
    if (message.sum !== 0) {
      writer.uint32(41).double(message.sum);
    }
    for (const v of message.quantileValues) {
      SummaryDataPoint_ValueAtQuantile.encode(v!, writer.uint32(50).fork()).join();
    }
    if (message.flags !== 0) {
      writer.uint32(64).uint32(message.flags);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): SummaryDataPoint {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseSummaryDataPoint();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 7: {
            if (tag !== 58) {
              break;
            }

            message.attributes.push(KeyValue.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 17) {
              break;
            }

            message.startTimeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 3: {
            if (tag !== 25) {
              break;
            }

            message.timeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 4: {
            if (tag !== 33) {
              break;
            }

            message.count = reader.fixed64() as bigint;
            continue;
          }
          case 5: {
            if (tag !== 41) {
              break;
            }

            message.sum = reader.double();
            continue;
          }
          case 6: {
            if (tag !== 50) {
              break;
            }

            message.quantileValues.push(SummaryDataPoint_ValueAtQuantile.decode(reader, reader.uint32()));
            continue;
          }
          case 8: {
            if (tag !== 64) {
              break;
            }

            message.flags = reader.uint32();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<SummaryDataPoint>, I>>(base?: I): SummaryDataPoint {
    return SummaryDataPoint.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<SummaryDataPoint>, I>>(object: I): SummaryDataPoint {
    const message = createBaseSummaryDataPoint();
    message.attributes = object.attributes?.map((e) => KeyValue.fromPartial(e)) || [];
    message.startTimeUnixNano = (object.startTimeUnixNano !== undefined && object.startTimeUnixNano !== null)
      ? BigInt(object.startTimeUnixNano)
      : 0n;
    message.timeUnixNano = (object.timeUnixNano !== undefined && object.timeUnixNano !== null)
      ? BigInt(object.timeUnixNano)
      : 0n;
    message.count = (object.count !== undefined && object.count !== null) ? BigInt(object.count) : 0n;
    message.sum = object.sum ?? 0;
    message.quantileValues = object.quantileValues?.map((e) => SummaryDataPoint_ValueAtQuantile.fromPartial(e)) || [];
    message.flags = object.flags ?? 0;
    return message;
  },
};

function createBaseSummaryDataPoint_ValueAtQuantile(): SummaryDataPoint_ValueAtQuantile {
  return { quantile: 0, value: 0, _unknownFields: {} };
}

export const SummaryDataPoint_ValueAtQuantile: MessageFns<SummaryDataPoint_ValueAtQuantile> = {
  encode(message: SummaryDataPoint_ValueAtQuantile, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.quantile !== 0) {
      writer.uint32(9).double(message.quantile);
    }
    if (message.value !== 0) {
      writer.uint32(17).double(message.value);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): SummaryDataPoint_ValueAtQuantile {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseSummaryDataPoint_ValueAtQuantile();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 9) {
              break;
            }

            message.quantile = reader.double();
            continue;
          }
          case 2: {
            if (tag !== 17) {
              break;
            }

            message.value = reader.double();
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<SummaryDataPoint_ValueAtQuantile>, I>>(
    base?: I,
  ): SummaryDataPoint_ValueAtQuantile {
    return SummaryDataPoint_ValueAtQuantile.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<SummaryDataPoint_ValueAtQuantile>, I>>(
    object: I,
  ): SummaryDataPoint_ValueAtQuantile {
    const message = createBaseSummaryDataPoint_ValueAtQuantile();
    message.quantile = object.quantile ?? 0;
    message.value = object.value ?? 0;
    return message;
  },
};

function createBaseExemplar(): Exemplar {
  return {
    filteredAttributes: [],
    timeUnixNano: 0n,
    asDouble: undefined,
    asInt: undefined,
    spanId: Buffer.alloc(0),
    traceId: Buffer.alloc(0),
    _unknownFields: {},
  };
}

export const Exemplar: MessageFns<Exemplar> = {
  encode(message: Exemplar, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.filteredAttributes) {
      KeyValue.encode(v!, writer.uint32(58).fork()).join();
    }
    if (message.timeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.timeUnixNano) !== message.timeUnixNano) {
        throw new globalThis.Error("value provided for field message.timeUnixNano of type fixed64 too large");
      }
      writer.uint32(17).fixed64(message.timeUnixNano);
    }
    if (message.asDouble !== undefined) {
      writer.uint32(25).double(message.asDouble);
    }
    if (message.asInt !== undefined) {
      if (BigInt.asIntN(64, message.asInt) !== message.asInt) {
        throw new globalThis.Error("value provided for field message.asInt of type sfixed64 too large");
      }
      writer.uint32(49).sfixed64(message.asInt);
    }
    if (message.spanId.length !== 0) {
      writer.uint32(34).bytes(message.spanId);
    }
    if (message.traceId.length !== 0) {
      writer.uint32(42).bytes(message.traceId);
    }
    if (message._unknownFields !== undefined) {
      for (const [key, values] of globalThis.Object.entries(message._unknownFields)) {
        const tag = parseInt(key, 10);
        for (const value of values) {
          writer.uint32(tag).raw(value);
        }
      }
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): Exemplar {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExemplar();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 7: {
            if (tag !== 58) {
              break;
            }

            message.filteredAttributes.push(KeyValue.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 17) {
              break;
            }

            message.timeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 3: {
            if (tag !== 25) {
              break;
            }

            message.asDouble = reader.double();
            continue;
          }
          case 6: {
            if (tag !== 49) {
              break;
            }

            message.asInt = reader.sfixed64() as bigint;
            continue;
          }
          case 4: {
            if (tag !== 34) {
              break;
            }

            message.spanId = Buffer.from(reader.bytes());
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.traceId = Buffer.from(reader.bytes());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        const buf = reader.skip(tag & 7);

        const list = message._unknownFields![tag];

        if (list === undefined) {
          message._unknownFields![tag] = [buf];
        } else {
          list.push(buf);
        }
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<Exemplar>, I>>(base?: I): Exemplar {
    return Exemplar.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Exemplar>, I>>(object: I): Exemplar {
    const message = createBaseExemplar();
    message.filteredAttributes = object.filteredAttributes?.map((e) => KeyValue.fromPartial(e)) || [];
    message.timeUnixNano = (object.timeUnixNano !== undefined && object.timeUnixNano !== null)
      ? BigInt(object.timeUnixNano)
      : 0n;
    message.asDouble = object.asDouble ?? undefined;
    message.asInt = (object.asInt !== undefined && object.asInt !== null) ? BigInt(object.asInt) : undefined;
    message.spanId = object.spanId ?? Buffer.alloc(0);
    message.traceId = object.traceId ?? Buffer.alloc(0);
    return message;
  },
};

type Builtin = Date | Function | Uint8Array | string | number | boolean | bigint | undefined;

export type DeepPartial<T> = T extends bigint ? string | number | bigint
  : T extends Builtin ? T : T extends globalThis.Array<infer U> ? globalThis.Array<DeepPartial<U>>
  : T extends ReadonlyArray<infer U> ? ReadonlyArray<DeepPartial<U>>
  : T extends {} ? { [K in keyof T]?: DeepPartial<T[K]> }
  : Partial<T>;

type KeysOfUnion<T> = T extends T ? keyof T : never;
export type Exact<P, I extends P> = P extends Builtin ? P
  : P & { [K in keyof P]: Exact<P[K], I[K]> } & { [K in Exclude<keyof I, KeysOfUnion<P>>]: never };

export interface MessageFns<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
  create<I extends Exact<DeepPartial<T>, I>>(base?: I): T;
  fromPartial<I extends Exact<DeepPartial<T>, I>>(object: I): T;
}
