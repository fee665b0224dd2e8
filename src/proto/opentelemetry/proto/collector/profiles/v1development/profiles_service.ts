// Made from proto/ by `npm run build:proto`: do not edit.

/* eslint-disable */
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { ProfilesDictionary, ResourceProfiles } from "../../../profiles/v1development/profiles.ts";

export const protobufPackage = "opentelemetry.proto.collector.profiles.v1development";

export const protobufFileName = "opentelemetry/proto/collector/profiles/v1development/profiles_service.proto";

/**
 * Export of the profiles signal.
 * Facts (numbers, names, types) of opentelemetry-proto at ac2c4b5 (Apache-2.0); written for podstamp.
 */

export interface ExportProfilesServiceRequest {
  resourceProfiles: ResourceProfiles[];
  dictionary: ProfilesDictionary | undefined;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ExportProfilesServiceResponse {
  partialSuccess: ExportProfilesPartialSuccess | undefined;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ExportProfilesPartialSuccess {
  rejectedProfiles: bigint;
  errorMessage: string;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

function createBaseExportProfilesServiceRequest(): ExportProfilesServiceRequest {
  return { resourceProfiles: [], dictionary: undefined, _unknownFields: {} };
}

export const ExportProfilesServiceRequest: MessageFns<ExportProfilesServiceRequest> = {
  encode(message: ExportProfilesServiceRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.resourceProfiles) {
      ResourceProfiles.encode(v!, writer.uint32(10).fork()).join();
    }
    if (message.dictionary !== undefined) {
      ProfilesDictionary.encode(message.dictionary, writer.uint32(18).fork()).join();
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

  decode(input: BinaryReader | Uint8Array, length?: number): ExportProfilesServiceRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExportProfilesServiceRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.resourceProfiles.push(ResourceProfiles.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.dictionary = ProfilesDictionary.decode(reader, reader.uint32());
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

  create<I extends Exact<DeepPartial<ExportProfilesServiceRequest>, I>>(base?: I): ExportProfilesServiceRequest {
    return ExportProfilesServiceRequest.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ExportProfilesServiceRequest>, I>>(object: I): ExportProfilesServiceRequest {
    const message = createBaseExportProfilesServiceRequest();
    message.resourceProfiles = object.resourceProfiles?.map((e) => ResourceProfiles.fromPartial(e)) || [];
    message.dictionary = (object.dictionary !== undefined && object.dictionary !== null)
      ? ProfilesDictionary.fromPartial(object.dictionary)
      : undefined;
    return message;
  },
};

function createBaseExportProfilesServiceResponse(): ExportProfilesServiceResponse {
  return { partialSuccess: undefined, _unknownFields: {} };
}

export const ExportProfilesServiceResponse: MessageFns<ExportProfilesServiceResponse> = {
  encode(message: ExportProfilesServiceResponse, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.partialSuccess !== undefined) {
      ExportProfilesPartialSuccess.encode(message.partialSuccess, writer.uint32(10).fork()).join();
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

  decode(input: BinaryReader | Uint8Array, length?: number): ExportProfilesServiceResponse {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExportProfilesServiceResponse();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.partialSuccess = ExportProfilesPartialSuccess.decode(reader, reader.uint32());
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

  create<I extends Exact<DeepPartial<ExportProfilesServiceResponse>, I>>(base?: I): ExportProfilesServiceResponse {
    return ExportProfilesServiceResponse.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ExportProfilesServiceResponse>, I>>(
    object: I,
  ): ExportProfilesServiceResponse {
    const message = createBaseExportProfilesServiceResponse();
    message.partialSuccess = (object.partialSuccess !== undefined && object.partialSuccess !== null)
      ? ExportProfilesPartialSuccess.fromPartial(object.partialSuccess)
      : undefined;
    return message;
  },
};

function createBaseExportProfilesPartialSuccess(): ExportProfilesPartialSuccess {
  return { rejectedProfiles: 0n, errorMessage: "", _unknownFields: {} };
}

export const ExportProfilesPartialSuccess: MessageFns<ExportProfilesPartialSuccess> = {
  encode(message: ExportProfilesPartialSuccess, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.rejectedProfiles !== 0n) {
      if (BigInt.asIntN(64, message.rejectedProfiles) !== message.rejectedProfiles) {
        throw new globalThis.Error("value provided for field message.rejectedProfiles of type int64 too large");
      }
      writer.uint32(8).int64(message.rejectedProfiles);
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

  decode(input: BinaryReader | Uint8Array, length?: number): ExportProfilesPartialSuccess {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseExportProfilesPartialSuccess();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.rejectedProfiles = reader.int64() as bigint;
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

  create<I extends Exact<DeepPartial<ExportProfilesPartialSuccess>, I>>(base?: I): ExportProfilesPartialSuccess {
    return ExportProfilesPartialSuccess.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ExportProfilesPartialSuccess>, I>>(object: I): ExportProfilesPartialSuccess {
    const message = createBaseExportProfilesPartialSuccess();
    message.rejectedProfiles = (object.rejectedProfiles !== undefined && object.rejectedProfiles !== null)
      ? BigInt(object.rejectedProfiles)
      : 0n;
    message.errorMessage = object.errorMessage ?? "";
    return message;
  },
};

export type ProfilesServiceService = typeof ProfilesServiceService;
export const ProfilesServiceService = {
  export: {
    path: "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export" as const,
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: (value: ExportProfilesServiceRequest): Buffer =>
      Buffer.from(ExportProfilesServiceRequest.encode(value).finish()),
    requestDeserialize: (value: Buffer): ExportProfilesServiceRequest => ExportProfilesServiceRequest.decode(value),
    responseSerialize: (value: ExportProfilesServiceResponse): Buffer =>
      Buffer.from(ExportProfilesServiceResponse.encode(value).finish()),
    responseDeserialize: (value: Buffer): ExportProfilesServiceResponse => ExportProfilesServiceResponse.decode(value),
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
