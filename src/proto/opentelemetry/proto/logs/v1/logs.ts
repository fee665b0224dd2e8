// Made from proto/ by `npm run build:proto`: do not edit.

/* eslint-disable */
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { AnyValue, InstrumentationScope, KeyValue } from "../../common/v1/common.ts";
import { Resource } from "../../resource/v1/resource.ts";

export const protobufPackage = "opentelemetry.proto.logs.v1";

export const protobufFileName = "opentelemetry/proto/logs/v1/logs.proto";

/**
 * The logs signal.
 * Facts (numbers, names, types) of opentelemetry-proto at ac2c4b5 (Apache-2.0); written for podstamp.
 */

export const SeverityNumber = {
  SEVERITY_NUMBER_UNSPECIFIED: 0,
  SEVERITY_NUMBER_TRACE: 1,
  SEVERITY_NUMBER_TRACE2: 2,
  SEVERITY_NUMBER_TRACE3: 3,
  SEVERITY_NUMBER_TRACE4: 4,
  SEVERITY_NUMBER_DEBUG: 5,
  SEVERITY_NUMBER_DEBUG2: 6,
  SEVERITY_NUMBER_DEBUG3: 7,
  SEVERITY_NUMBER_DEBUG4: 8,
  SEVERITY_NUMBER_INFO: 9,
  SEVERITY_NUMBER_INFO2: 10,
  SEVERITY_NUMBER_INFO3: 11,
  SEVERITY_NUMBER_INFO4: 12,
  SEVERITY_NUMBER_WARN: 13,
  SEVERITY_NUMBER_WARN2: 14,
  SEVERITY_NUMBER_WARN3: 15,
  SEVERITY_NUMBER_WARN4: 16,
  SEVERITY_NUMBER_ERROR: 17,
  SEVERITY_NUMBER_ERROR2: 18,
  SEVERITY_NUMBER_ERROR3: 19,
  SEVERITY_NUMBER_ERROR4: 20,
  SEVERITY_NUMBER_FATAL: 21,
  SEVERITY_NUMBER_FATAL2: 22,
  SEVERITY_NUMBER_FATAL3: 23,
  SEVERITY_NUMBER_FATAL4: 24,
  UNRECOGNIZED: -1,
} as const;

export type SeverityNumber = typeof SeverityNumber[keyof typeof SeverityNumber];

export namespace SeverityNumber {
  export type SEVERITY_NUMBER_UNSPECIFIED = typeof SeverityNumber.SEVERITY_NUMBER_UNSPECIFIED;
  export type SEVERITY_NUMBER_TRACE = typeof SeverityNumber.SEVERITY_NUMBER_TRACE;
  export type SEVERITY_NUMBER_TRACE2 = typeof SeverityNumber.SEVERITY_NUMBER_TRACE2;
  export type SEVERITY_NUMBER_TRACE3 = typeof SeverityNumber.SEVERITY_NUMBER_TRACE3;
  export type SEVERITY_NUMBER_TRACE4 = typeof SeverityNumber.SEVERITY_NUMBER_TRACE4;
  export type SEVERITY_NUMBER_DEBUG = typeof SeverityNumber.SEVERITY_NUMBER_DEBUG;
  export type SEVERITY_NUMBER_DEBUG2 = typeof SeverityNumber.SEVERITY_NUMBER_DEBUG2;
  export type SEVERITY_NUMBER_DEBUG3 = typeof SeverityNumber.SEVERITY_NUMBER_DEBUG3;
  export type SEVERITY_NUMBER_DEBUG4 = typeof SeverityNumber.SEVERITY_NUMBER_DEBUG4;
  export type SEVERITY_NUMBER_INFO = typeof SeverityNumber.SEVERITY_NUMBER_INFO;
  export type SEVERITY_NUMBER_INFO2 = typeof SeverityNumber.SEVERITY_NUMBER_INFO2;
  export type SEVERITY_NUMBER_INFO3 = typeof SeverityNumber.SEVERITY_NUMBER_INFO3;
  export type SEVERITY_NUMBER_INFO4 = typeof SeverityNumber.SEVERITY_NUMBER_INFO4;
  export type SEVERITY_NUMBER_WARN = typeof SeverityNumber.SEVERITY_NUMBER_WARN;
  export type SEVERITY_NUMBER_WARN2 = typeof SeverityNumber.SEVERITY_NUMBER_WARN2;
  export type SEVERITY_NUMBER_WARN3 = typeof SeverityNumber.SEVERITY_NUMBER_WARN3;
  export type SEVERITY_NUMBER_WARN4 = typeof SeverityNumber.SEVERITY_NUMBER_WARN4;
  export type SEVERITY_NUMBER_ERROR = typeof SeverityNumber.SEVERITY_NUMBER_ERROR;
  export type SEVERITY_NUMBER_ERROR2 = typeof SeverityNumber.SEVERITY_NUMBER_ERROR2;
  export type SEVERITY_NUMBER_ERROR3 = typeof SeverityNumber.SEVERITY_NUMBER_ERROR3;
  export type SEVERITY_NUMBER_ERROR4 = typeof SeverityNumber.SEVERITY_NUMBER_ERROR4;
  export type SEVERITY_NUMBER_FATAL = typeof SeverityNumber.SEVERITY_NUMBER_FATAL;
  export type SEVERITY_NUMBER_FATAL2 = typeof SeverityNumber.SEVERITY_NUMBER_FATAL2;
  export type SEVERITY_NUMBER_FATAL3 = typeof SeverityNumber.SEVERITY_NUMBER_FATAL3;
  export type SEVERITY_NUMBER_FATAL4 = typeof SeverityNumber.SEVERITY_NUMBER_FATAL4;
  export type UNRECOGNIZED = typeof SeverityNumber.UNRECOGNIZED;
}

export interface LogsData {
  resourceLogs: ResourceLogs[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ResourceLogs {
  resource: Resource | undefined;
  scopeLogs: ScopeLogs[];
  schemaUrl: string;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ScopeLogs {
  scope: InstrumentationScope | undefined;
  logRecords: LogRecord[];
  schemaUrl: string;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface LogRecord {
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  severityNumber: SeverityNumber;
  severityText: string;
  body: AnyValue | undefined;
  attributes: KeyValue[];
  droppedAttributesCount: number;
  flags: number;
  traceId: Buffer;
  spanId: Buffer;
  eventName: string;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

function createBaseLogsData(): LogsData {
  return { resourceLogs: [], _unknownFields: {} };
}

export const LogsData: MessageFns<LogsData> = {
  encode(message: LogsData, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.resourceLogs) {
      ResourceLogs.encode(v!, writer.uint32(10).fork()).join();
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

  decode(input: BinaryReader | Uint8Array, length?: number): LogsData {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseLogsData();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.resourceLogs.push(ResourceLogs.decode(reader, reader.uint32()));
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

  create<I extends Exact<DeepPartial<LogsData>, I>>(base?: I): LogsData {
    return LogsData.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<LogsData>, I>>(object: I): LogsData {
    const message = createBaseLogsData();
    message.resourceLogs = object.resourceLogs?.map((e) => ResourceLogs.fromPartial(e)) || [];
    return message;
  },
};

function createBaseResourceLogs(): ResourceLogs {
  return { resource: undefined, scopeLogs: [], schemaUrl: "", _unknownFields: {} };
}

export const ResourceLogs: MessageFns<ResourceLogs> = {
  encode(message: ResourceLogs, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.resource !== undefined) {
      Resource.encode(message.resource, writer.uint32(10).fork()).join();
    }
    for (const v of message.scopeLogs) {
      ScopeLogs.encode(v!, writer.uint32(18).fork()).join();
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

  decode(input: BinaryReader | Uint8Array, length?: number): ResourceLogs {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseResourceLogs();
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

            message.scopeLogs.push(ScopeLogs.decode(reader, reader.uint32()));
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

  create<I extends Exact<DeepPartial<ResourceLogs>, I>>(base?: I): ResourceLogs {
    return ResourceLogs.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ResourceLogs>, I>>(object: I): ResourceLogs {
    const message = createBaseResourceLogs();
    message.resource = (object.resource !== undefined && object.resource !== null)
      ? Resource.fromPartial(object.resource)
      : undefined;
    message.scopeLogs = object.scopeLogs?.map((e) => ScopeLogs.fromPartial(e)) || [];
    message.schemaUrl = object.schemaUrl ?? "";
    return message;
  },
};

function createBaseScopeLogs(): ScopeLogs {
  return { scope: undefined, logRecords: [], schemaUrl: "", _unknownFields: {} };
}

export const ScopeLogs: MessageFns<ScopeLogs> = {
  encode(message: ScopeLogs, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.scope !== undefined) {
      InstrumentationScope.encode(message.scope, writer.uint32(10).fork()).join();
    }
    for (const v of message.logRecords) {
      LogRecord.encode(v!, writer.uint32(18).fork()).join();
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

  decode(input: BinaryReader | Uint8Array, length?: number): ScopeLogs {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseScopeLogs();
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

            message.logRecords.push(LogRecord.decode(reader, reader.uint32()));
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

  create<I extends Exact<DeepPartial<ScopeLogs>, I>>(base?: I): ScopeLogs {
    return ScopeLogs.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ScopeLogs>, I>>(object: I): ScopeLogs {
    const message = createBaseScopeLogs();
    message.scope = (object.scope !== undefined && object.scope !== null)
      ? InstrumentationScope.fromPartial(object.scope)
      : undefined;
    message.logRecords = object.logRecords?.map((e) => LogRecord.fromPartial(e)) || [];
    message.schemaUrl = object.schemaUrl ?? "";
    return message;
  },
};

function createBaseLogRecord(): LogRecord {
  return {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: "",
    body: undefined,
    attributes: [],
    droppedAttributesCount: 0,
    flags: 0,
    traceId: Buffer.alloc(0),
    spanId: Buffer.alloc(0),
    eventName: "",
    _unknownFields: {},
  };
}

export const LogRecord: MessageFns<LogRecord> = {
  encode(message: LogRecord, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.timeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.timeUnixNano) !== message.timeUnixNano) {
        throw new globalThis.Error("value provided for field message.timeUnixNano of type fixed64 too large");
      }
      writer.uint32(9).fixed64(message.timeUnixNano);
    }
    if (message.observedTimeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.observedTimeUnixNano) !== message.observedTimeUnixNano) {
        throw new globalThis.Error("value provided for field message.observedTimeUnixNano of type fixed64 too large");
      }
      writer.uint32(89).fixed64(message.observedTimeUnixNano);
    }
    if (message.severityNumber !== 0) {
      writer.uint32(16).int32(message.severityNumber);
    }
    if (message.severityText !== "") {
      writer.uint32(26).string(message.severityText);
    }
    if (message.body !== undefined) {
      AnyValue.encode(message.body, writer.uint32(42).fork()).join();
    }
    for (const v of message.attributes) {
      KeyValue.encode(v!, writer.uint32(50).fork()).join();
    }
    if (message.droppedAttributesCount !== 0) {
      writer.uint32(56).uint32(message.droppedAttributesCount);
    }
    if (message.flags !== 0) {
      writer.uint32(69).fixed32(message.flags);
    }
    if (message.traceId.length !== 0) {
      writer.uint32(74).bytes(message.traceId);
    }
    if (message.spanId.length !== 0) {
      writer.uint32(82).bytes(message.spanId);
    }
    if (message.eventName !== "") {
      writer.uint32(98).string(message.eventName);
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

  decode(input: BinaryReader | Uint8Array, length?: number): LogRecord {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseLogRecord();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 9) {
              break;
            }

            message.timeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 11: {
            if (tag !== 89) {
              break;
            }

            message.observedTimeUnixNano = reader.fixed64() as bigint;
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.severityNumber = reader.int32() as any;
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.severityText = reader.string();
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.body = AnyValue.decode(reader, reader.uint32());
            continue;
          }
          case 6: {
            if (tag !== 50) {
              break;
            }

            message.attributes.push(KeyValue.decode(reader, reader.uint32()));
            continue;
          }
          case 7: {
            if (tag !== 56) {
              break;
            }

            message.droppedAttributesCount = reader.uint32();
            continue;
          }
          case 8: {
            if (tag !== 69) {
              break;
            }

            message.flags = reader.fixed32();
            continue;
          }
          case 9: {
            if (tag !== 74) {
              break;
            }

            message.traceId = Buffer.from(reader.bytes());
            continue;
          }
          case 10: {
            if (tag !== 82) {
              break;
            }

            message.spanId = Buffer.from(reader.bytes());
            continue;
          }
          case 12: {
            if (tag !== 98) {
              break;
            }

            message.eventName = reader.string();
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

  create<I extends Exact<DeepPartial<LogRecord>, I>>(base?: I): LogRecord {
    return LogRecord.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<LogRecord>, I>>(object: I): LogRecord {
    const message = createBaseLogRecord();
    message.timeUnixNano = (object.timeUnixNano !== undefined && object.timeUnixNano !== null)
      ? BigInt(object.timeUnixNano)
      : 0n;
    message.observedTimeUnixNano = (object.observedTimeUnixNano !== undefined && object.observedTimeUnixNano !== null)
      ? BigInt(object.observedTimeUnixNano)
      : 0n;
    message.severityNumber = object.severityNumber ?? 0;
    message.severityText = object.severityText ?? "";
    message.body = (object.body !== undefined && object.body !== null) ? AnyValue.fromPartial(object.body) : undefined;
    message.attributes = object.attributes?.map((e) => KeyValue.fromPartial(e)) || [];
    message.droppedAttributesCount = object.droppedAttributesCount ?? 0;
    message.flags = object.flags ?? 0;
    message.traceId = object.traceId ?? Buffer.alloc(0);
    message.spanId = object.spanId ?? Buffer.alloc(0);
    message.eventName = object.eventName ?? "";
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
