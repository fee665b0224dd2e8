// Made from proto/ by `npm run build:proto`: do not edit.

/* eslint-disable */
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { ResourceMetrics } from "../../../metrics/v1/metrics.ts";

export const protobufPackage = "opentelemetry.proto.collector.metrics.v1";

export const protobufFileName = "opentelemetry/proto/collector/metrics/v1/metrics_service.proto";

/**
 * Export of the metrics signal.
 * Facts (numbers, names, types) of opentelemetry-proto at ac2c4b5 (Apache-2.0); written for podstamp.
 */

export interface ExportMetricsServiceRequest {
  resourceMetrics: ResourceMetrics[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ExportMetricsServiceResponse {
  partialSuccess: ExportMetricsPartialSuccess | undefined;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ExportMetricsPartialSuccess {
  rejectedDataPoints: bigint;
  errorMessage: string;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

function createBaseExportMetricsServiceRequest(): ExportMetricsServiceRequest {
  return { resourceMetrics: [], _unknownFields: {} };
}

export const ExportMetricsServiceRequest: MessageFns<ExportMetricsServiceRequest> = {
  encode(message: ExportMetricsServiceRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
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

  decode(input: BinaryReader | Uint8Array, length?: number): ExportMetricsServiceRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExportMetricsServiceRequest();
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

  create<I extends Exact<DeepPartial<ExportMetricsServiceRequest>, I>>(base?: I): ExportMetricsServiceRequest {
    return ExportMetricsServiceRequest.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ExportMetricsServiceRequest>, I>>(object: I): ExportMetricsServiceRequest {
    const message = createBaseExportMetricsServiceRequest();
    message.resourceMetrics = object.resourceMetrics?.map((e) => ResourceMetrics.fromPartial(e)) || [];
    return message;
  },
};

function createBaseExportMetricsServiceResponse(): ExportMetricsServiceResponse {
  return { partialSuccess: undefined, _unknownFields: {} };
}

export const ExportMetricsServiceResponse: MessageFns<ExportMetricsServiceResponse> = {
  encode(message: ExportMetricsServiceResponse, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.partialSuccess !== undefined) {
      ExportMetricsPartialSuccess.encode(message.partialSuccess, writer.uint32(10).fork()).join();
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

  decode(input: BinaryReader | Uint8Array, length?: number): ExportMetricsServiceResponse {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExportMetricsServiceResponse();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.partialSuccess = ExportMetricsPartialSuccess.decode(reader, reader.uint32());
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

  create<I extends Exact<DeepPartial<ExportMetricsServiceResponse>, I>>(base?: I): ExportMetricsServiceResponse {
    return ExportMetricsServiceResponse.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ExportMetricsServiceResponse>, I>>(object: I): ExportMetricsServiceResponse {
    const message = createBaseExportMetricsServiceResponse();
    message.partialSuccess = (object.partialSuccess !== undefined && object.partialSuccess !== null)
      ? ExportMetricsPartialSuccess.fromPartial(object.partialSuccess)
      : undefined;
    return message;
  },
};

function createBaseExportMetricsPartialSuccess(): ExportMetricsPartialSuccess {
  return { rejectedDataPoints: 0n, errorMessage: "", _unknownFields: {} };
}

export const ExportMetricsPartialSuccess: MessageFns<ExportMetricsPartialSuccess> = {
  encode(message: ExportMetricsPartialSuccess, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.rejectedDataPoints !== 0n) {
      if (BigInt.asIntN(64, message.rejectedDataPoints) !== message.rejectedDataPoints) {
        throw new globalThis.Error("value provided for field message.rejectedDataPoints of type int64 too large");
      }
      writer.uint32(8).int64(message.rejectedDataPoints);
    }
    if (message.errorMessage !== "") {
      writer.uint32(18).string(message.errorMessage);
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

  decode(input: BinaryReader | Uint8Array, length?: number): ExportMetricsPartialSuccess {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExportMetricsPartialSuccess();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.rejectedDataPoints = reader.int64() as bigint;
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.errorMessage = reader.string();
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

  create<I extends Exact<DeepPartial<ExportMetricsPartialSuccess>, I>>(base?: I): ExportMetricsPartialSuccess {
    return ExportMetricsPartialSuccess.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ExportMetricsPartialSuccess>, I>>(object: I): ExportMetricsPartialSuccess {
    const message = createBaseExportMetricsPartialSuccess();
    message.rejectedDataPoints = (object.rejectedDataPoints !== undefined && object.rejectedDataPoints !== null)
      ? BigInt(object.rejectedDataPoints)
      : 0n;
    message.errorMessage = object.errorMessage ?? "";
    return message;
  },
};

export type MetricsServiceService = typeof MetricsServiceService;
export const MetricsServiceService = {
  export: {
    path: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" as const,
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: (value: ExportMetricsServiceRequest): Buffer =>
      Buffer.from(ExportMetricsServiceRequest.encode(value).finish()),
    requestDeserialize: (value: Buffer): ExportMetricsServiceRequest => ExportMetricsServiceRequest.decode(value),
    responseSerialize: (value: ExportMetricsServiceResponse): Buffer =>
      Buffer.from(ExportMetricsServiceResponse.encode(value).finish()),
    responseDeserialize: (value: Buffer): ExportMetricsServiceResponse => ExportMetricsServiceResponse.decode(value),
  },
} as const;

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
