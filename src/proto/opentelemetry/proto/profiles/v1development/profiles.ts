// Made from proto/ by `npm run build:proto`: do not edit.

/* eslint-disable */
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { AnyValue, InstrumentationScope } from "../../common/v1/common.ts";
import { Resource } from "../../resource/v1/resource.ts";

export const protobufPackage = "opentelemetry.proto.profiles.v1development";

export const protobufFileName = "opentelemetry/proto/profiles/v1development/profiles.proto";

/**
 * The profiles signal, in development.
 * Facts (numbers, names, types) of opentelemetry-proto at ac2c4b5 (Apache-2.0); written for podstamp.
 */

export interface ProfilesDictionary {
  mappingTable: Mapping[];
  locationTable: Location[];
  functionTable: FunctionMessage[];
  linkTable: Link[];
  stringTable: string[];
  attributeTable: KeyValueAndUnit[];
  stackTable: Stack[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ProfilesData {
  resourceProfiles: ResourceProfiles[];
  dictionary: ProfilesDictionary | undefined;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ResourceProfiles {
  resource: Resource | undefined;
  scopeProfiles: ScopeProfiles[];
  schemaUrl: string;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ScopeProfiles {
  scope: InstrumentationScope | undefined;
  profiles: Profile[];
  schemaUrl: string;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Profile {
  sampleType: ValueType | undefined;
  samples: Sample[];
  timeUnixNano: bigint;
  durationNano: bigint;
  periodType: ValueType | undefined;
  period: bigint;
  profileId: Buffer;
  droppedAttributesCount: number;
  originalPayloadFormat: string;
  originalPayload: Buffer;
  attributeIndices: number[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Link {
  traceId: Buffer;
  spanId: Buffer;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface ValueType {
  typeStrindex: number;
  unitStrindex: number;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Sample {
  stackIndex: number;
  attributeIndices: number[];
  linkIndex: number;
  values: bigint[];
  timestampsUnixNano: bigint[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Mapping {
  memoryStart: bigint;
  memoryLimit: bigint;
  fileOffset: bigint;
  filenameStrindex: number;
  attributeIndices: number[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Stack {
  locationIndices: number[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Location {
  mappingIndex: number;
  address: bigint;
  lines: Line[];
  attributeIndices: number[];
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface Line {
  functionIndex: number;
  line: bigint;
  column: bigint;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface FunctionMessage {
  nameStrindex: number;
  systemNameStrindex: number;
  filenameStrindex: number;
  startLine: bigint;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

export interface KeyValueAndUnit {
  keyStrindex: number;
  value: AnyValue | undefined;
  unitStrindex: number;
  _unknownFields?: { [key: number]: Uint8Array[] } | undefined;
}

function createBaseProfilesDictionary(): ProfilesDictionary {
  return {
    mappingTable: [],
    locationTable: [],
    functionTable: [],
    linkTable: [],
    stringTable: [],
    attributeTable: [],
    stackTable: [],
    _unknownFields: {},
  };
}

export const ProfilesDictionary: MessageFns<ProfilesDictionary> = {
  encode(message: ProfilesDictionary, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    for (const v of message.mappingTable) {
      Mapping.encode(v!, writer.uint32(10).fork()).join();
    }
    for (const v of message.locationTable) {
      Location.encode(v!, writer.uint32(18).fork()).join();
    }
    for (const v of message.functionTable) {
      FunctionMessage.encode(v!, writer.uint32(26).fork()).join();
    }
    for (const v of message.linkTable) {
      Link.encode(v!, writer.uint32(34).fork()).join();
    }
    for (const v of message.stringTable) {
      writer.uint32(42).string(v!);
    }
    for (const v of message.attributeTable) {
      KeyValueAndUnit.encode(v!, writer.uint32(50).fork()).join();
    }
    for (const v of message.stackTable) {
      Stack.encode(v!, writer.uint32(58).fork()).join();
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

  decode(input: BinaryReader | Uint8Array, length?: number): ProfilesDictionary {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseProfilesDictionary();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.mappingTable.push(Mapping.decode(reader, reader.uint32()));
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.locationTable.push(Location.decode(reader, reader.uint32()));
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.functionTable.push(FunctionMessage.decode(reader, reader.uint32()));
            continue;
          }
          case 4: {
            if (tag !== 34) {
              break;
            }

            message.linkTable.push(Link.decode(reader, reader.uint32()));
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.stringTable.push(reader.string());
            continue;
          }
          case 6: {
            if (tag !== 50) {
              break;
            }

            message.attributeTable.push(KeyValueAndUnit.decode(reader, reader.uint32()));
            continue;
          }
          case 7: {
            if (tag !== 58) {
              break;
            }

            message.stackTable.push(Stack.decode(reader, reader.uint32()));
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

  create<I extends Exact<DeepPartial<ProfilesDictionary>, I>>(base?: I): ProfilesDictionary {
    return ProfilesDictionary.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ProfilesDictionary>, I>>(object: I): ProfilesDictionary {
    const message = createBaseProfilesDictionary();
    message.mappingTable = object.mappingTable?.map((e) => Mapping.fromPartial(e)) || [];
    message.locationTable = object.locationTable?.map((e) => Location.fromPartial(e)) || [];
    message.functionTable = object.functionTable?.map((e) => FunctionMessage.fromPartial(e)) || [];
    message.linkTable = object.linkTable?.map((e) => Link.fromPartial(e)) || [];
    message.stringTable = object.stringTable?.map((e) => e) || [];
    message.attributeTable = object.attributeTable?.map((e) => KeyValueAndUnit.fromPartial(e)) || [];
    message.stackTable = object.stackTable?.map((e) => Stack.fromPartial(e)) || [];
    return message;
  },
};

function createBaseProfilesData(): ProfilesData {
  return { resourceProfiles: [], dictionary: undefined, _unknownFields: {} };
}

export const ProfilesData: MessageFns<ProfilesData> = {
  encode(message: ProfilesData, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
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

  decode(input: BinaryReader | Uint8Array, length?: number): ProfilesData {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseProfilesData();
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

  create<I extends Exact<DeepPartial<ProfilesData>, I>>(base?: I): ProfilesData {
    return ProfilesData.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ProfilesData>, I>>(object: I): ProfilesData {
    const message = createBaseProfilesData();
    message.resourceProfiles = object.resourceProfiles?.map((e) => ResourceProfiles.fromPartial(e)) || [];
    message.dictionary = (object.dictionary !== undefined && object.dictionary !== null)
      ? ProfilesDictionary.fromPartial(object.dictionary)
      : undefined;
    return message;
  },
};

function createBaseResourceProfiles(): ResourceProfiles {
  return { resource: undefined, scopeProfiles: [], schemaUrl: "", _unknownFields: {} };
}

export const ResourceProfiles: MessageFns<ResourceProfiles> = {
  encode(message: ResourceProfiles, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.resource !== undefined) {
      Resource.encode(message.resource, writer.uint32(10).fork()).join();
    }
    for (const v of message.scopeProfiles) {
      ScopeProfiles.encode(v!, writer.uint32(18).fork()).join();
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

  decode(input: BinaryReader | Uint8Array, length?: number): ResourceProfiles {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseResourceProfiles();
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

            message.scopeProfiles.push(ScopeProfiles.decode(reader, reader.uint32()));
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

  create<I extends Exact<DeepPartial<ResourceProfiles>, I>>(base?: I): ResourceProfiles {
    return ResourceProfiles.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ResourceProfiles>, I>>(object: I): ResourceProfiles {
    const message = createBaseResourceProfiles();
    message.resource = (object.resource !== undefined && object.resource !== null)
      ? Resource.fromPartial(object.resource)
      : undefined;
    message.scopeProfiles = object.scopeProfiles?.map((e) => ScopeProfiles.fromPartial(e)) || [];
    message.schemaUrl = object.schemaUrl ?? "";
    return message;
  },
};

function createBaseScopeProfiles(): ScopeProfiles {
  return { scope: undefined, profiles: [], schemaUrl: "", _unknownFields: {} };
}

export const ScopeProfiles: MessageFns<ScopeProfiles> = {
  encode(message: ScopeProfiles, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.scope !== undefined) {
      InstrumentationScope.encode(message.scope, writer.uint32(10).fork()).join();
    }
    for (const v of message.profiles) {
      Profile.encode(v!, writer.uint32(18).fork()).join();
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

  decode(input: BinaryReader | Uint8Array, length?: number): ScopeProfiles {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseScopeProfiles();
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

            message.profiles.push(Profile.decode(reader, reader.uint32()));
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

  create<I extends Exact<DeepPartial<ScopeProfiles>, I>>(base?: I): ScopeProfiles {
    return ScopeProfiles.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ScopeProfiles>, I>>(object: I): ScopeProfiles {
    const message = createBaseScopeProfiles();
    message.scope = (object.scope !== undefined && object.scope !== null)
      ? InstrumentationScope.fromPartial(object.scope)
      : undefined;
    message.profiles = object.profiles?.map((e) => Profile.fromPartial(e)) || [];
    message.schemaUrl = object.schemaUrl ?? "";
    return message;
  },
};

function createBaseProfile(): Profile {
  return {
    sampleType: undefined,
    samples: [],
    timeUnixNano: 0n,
    durationNano: 0n,
    periodType: undefined,
    period: 0n,
    profileId: Buffer.alloc(0),
    droppedAttributesCount: 0,
    originalPayloadFormat: "",
    originalPayload: Buffer.alloc(0),
    attributeIndices: [],
    _unknownFields: {},
  };
}

export const Profile: MessageFns<Profile> = {
  encode(message: Profile, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.sampleType !== undefined) {
      ValueType.encode(message.sampleType, writer.uint32(10).fork()).join();
    }
    for (const v of message.samples) {
      Sample.encode(v!, writer.uint32(18).fork()).join();
    }
    if (message.timeUnixNano !== 0n) {
      if (BigInt.asUintN(64, message.timeUnixNano) !== message.timeUnixNano) {
        throw new globalThis.Error("value provided for field message.timeUnixNano of type fixed64 too large");
      }
      writer.uint32(25).fixed64(message.timeUnixNano);
    }
    if (message.durationNano !== 0n) {
      if (BigInt.asUintN(64, message.durationNano) !== message.durationNano) {
        throw new globalThis.Error("value provided for field message.durationNano of type uint64 too large");
      }
      writer.uint32(32).uint64(message.durationNano);
    }
    if (message.periodType !== undefined) {
      ValueType.encode(message.periodType, writer.uint32(42).fork()).join();
    }
    if (message.period !== 0n) {
      if (BigInt.asIntN(64, message.period) !== message.period) {
        throw new globalThis.Error("value provided for field message.period of type int64 too large");
      }
      writer.uint32(48).int64(message.period);
    }
    if (message.profileId.length !== 0) {
      writer.uint32(58).bytes(message.profileId);
    }
    if (message.droppedAttributesCount !== 0) {
      writer.uint32(64).uint32(message.droppedAttributesCount);
    }
    if (message.originalPayloadFormat !== "") {
      writer.uint32(74).string(message.originalPayloadFormat);
    }
    if (message.originalPayload.length !== 0) {
      writer.uint32(82).bytes(message.originalPayload);
    }
    if (message.attributeIndices.length !== 0) {
      writer.uint32(90).fork();
      for (const v of message.attributeIndices) {
        writer.int32(v);
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

  decode(input: BinaryReader | Uint8Array, length?: number): Profile {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseProfile();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.sampleType = ValueType.decode(reader, reader.uint32());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.samples.push(Sample.decode(reader, reader.uint32()));
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
            if (tag !== 32) {
              break;
            }

            message.durationNano = reader.uint64() as bigint;
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.periodType = ValueType.decode(reader, reader.uint32());
            continue;
          }
          case 6: {
            if (tag !== 48) {
              break;
            }

            message.period = reader.int64() as bigint;
            continue;
          }
          case 7: {
            if (tag !== 58) {
              break;
            }

            message.profileId = Buffer.from(reader.bytes());
            continue;
          }
          case 8: {
            if (tag !== 64) {
              break;
            }

            message.droppedAttributesCount = reader.uint32();
            continue;
          }
          case 9: {
            if (tag !== 74) {
              break;
            }

            message.originalPayloadFormat = reader.string();
            continue;
          }
          case 10: {
            if (tag !== 82) {
              break;
            }

            message.originalPayload = Buffer.from(reader.bytes());
            continue;
          }
          case 11: {
            if (tag === 88) {
              message.attributeIndices.push(reader.int32());

              continue;
            }

            if (tag === 90) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.attributeIndices.push(reader.int32());
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

  create<I extends Exact<DeepPartial<Profile>, I>>(base?: I): Profile {
    return Profile.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Profile>, I>>(object: I): Profile {
    const message = createBaseProfile();
    message.sampleType = (object.sampleType !== undefined && object.sampleType !== null)
      ? ValueType.fromPartial(object.sampleType)
      : undefined;
    message.samples = object.samples?.map((e) => Sample.fromPartial(e)) || [];
    message.timeUnixNano = (object.timeUnixNano !== undefined && object.timeUnixNano !== null)
      ? BigInt(object.timeUnixNano)
      : 0n;
    message.durationNano = (object.durationNano !== undefined && object.durationNano !== null)
      ? BigInt(object.durationNano)
      : 0n;
    message.periodType = (object.periodType !== undefined && object.periodType !== null)
      ? ValueType.fromPartial(object.periodType)
      : undefined;
    message.period = (object.period !== undefined && object.period !== null) ? BigInt(object.period) : 0n;
    message.profileId = object.profileId ?? Buffer.alloc(0);
    message.droppedAttributesCount = object.droppedAttributesCount ?? 0;
    message.originalPayloadFormat = object.originalPayloadFormat ?? "";
    message.originalPayload = object.originalPayload ?? Buffer.alloc(0);
    message.attributeIndices = object.attributeIndices?.map((e) => e) || [];
    return message;
  },
};

function createBaseLink(): Link {
  return { traceId: Buffer.alloc(0), spanId: Buffer.alloc(0), _unknownFields: {} };
}

export const Link: MessageFns<Link> = {
  encode(message: Link, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.traceId.length !== 0) {
      writer.uint32(10).bytes(message.traceId);
    }
    if (message.spanId.length !== 0) {
      writer.uint32(18).bytes(message.spanId);
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

  decode(input: BinaryReader | Uint8Array, length?: number): Link {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseLink();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.traceId = Buffer.from(reader.bytes());
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.spanId = Buffer.from(reader.bytes());
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

  create<I extends Exact<DeepPartial<Link>, I>>(base?: I): Link {
    return Link.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Link>, I>>(object: I): Link {
    const message = createBaseLink();
    message.traceId = object.traceId ?? Buffer.alloc(0);
    message.spanId = object.spanId ?? Buffer.alloc(0);
    return message;
  },
};

function createBaseValueType(): ValueType {
  return { typeStrindex: 0, unitStrindex: 0, _unknownFields: {} };
}

export const ValueType: MessageFns<ValueType> = {
  encode(message: ValueType, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.typeStrindex !== 0) {
      writer.uint32(8).int32(message.typeStrindex);
    }
    if (message.unitStrindex !== 0) {
      writer.uint32(16).int32(message.unitStrindex);
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

  decode(input: BinaryReader | Uint8Array, length?: number): ValueType {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseValueType();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.typeStrindex = reader.int32();
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.unitStrindex = reader.int32();
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

  create<I extends Exact<DeepPartial<ValueType>, I>>(base?: I): ValueType {
    return ValueType.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ValueType>, I>>(object: I): ValueType {
    const message = createBaseValueType();
    message.typeStrindex = object.typeStrindex ?? 0;
    message.unitStrindex = object.unitStrindex ?? 0;
    return message;
  },
};

function createBaseSample(): Sample {
  return { stackIndex: 0, attributeIndices: [], linkIndex: 0, values: [], timestampsUnixNano: [], _unknownFields: {} };
}

export const Sample: MessageFns<Sample> = {
  encode(message: Sample, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.stackIndex !== 0) {
      writer.uint32(8).int32(message.stackIndex);
    }
    if (message.attributeIndices.length !== 0) {
      writer.uint32(18).fork();
      for (const v of message.attributeIndices) {
        writer.int32(v);
      }
      writer.join();
    }
    if (message.linkIndex !== 0) {
      writer.uint32(24).int32(message.linkIndex);
    }
    if (message.values.length !== 0) {
      writer.uint32(34).fork();
      for (const v of message.values) {
        if (BigInt.asIntN(64, v) !== v) {
          throw new globalThis.Error("a value provided in array field values of type int64 is too large");
        }
        writer.int64(v);
      }
      writer.join();
    }
    if (message.timestampsUnixNano.length !== 0) {
      writer.uint32(42).fork();
      for (const v of message.timestampsUnixNano) {
        if (BigInt.asUintN(64, v) !== v) {
          throw new globalThis.Error("a value provided in array field timestampsUnixNano of type fixed64 is too large");
        }
        writer.fixed64(v);
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

  decode(input: BinaryReader | Uint8Array, length?: number): Sample {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseSample();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.stackIndex = reader.int32();
            continue;
          }
          case 2: {
            if (tag === 16) {
              message.attributeIndices.push(reader.int32());

              continue;
            }

            if (tag === 18) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.attributeIndices.push(reader.int32());
              }

              continue;
            }

            break;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.linkIndex = reader.int32();
            continue;
          }
          case 4: {
            if (tag === 32) {
              message.values.push(reader.int64() as bigint);

              continue;
            }

            if (tag === 34) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.values.push(reader.int64() as bigint);
              }

              continue;
            }

            break;
          }
          case 5: {
            if (tag === 41) {
              message.timestampsUnixNano.push(reader.fixed64() as bigint);

              continue;
            }

            if (tag === 42) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.timestampsUnixNano.push(reader.fixed64() as bigint);
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

  create<I extends Exact<DeepPartial<Sample>, I>>(base?: I): Sample {
    return Sample.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Sample>, I>>(object: I): Sample {
    const message = createBaseSample();
    message.stackIndex = object.stackIndex ?? 0;
    message.attributeIndices = object.attributeIndices?.map((e) => e) || [];
    message.linkIndex = object.linkIndex ?? 0;
    message.values = object.values?.map((e) => BigInt(e)) || [];
    message.timestampsUnixNano = object.timestampsUnixNano?.map((e) => BigInt(e)) || [];
    return message;
  },
};

function createBaseMapping(): Mapping {
  return {
    memoryStart: 0n,
    memoryLimit: 0n,
    fileOffset: 0n,
    filenameStrindex: 0,
    attributeIndices: [],
    _unknownFields: {},
  };
}

export const Mapping: MessageFns<Mapping> = {
  encode(message: Mapping, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.memoryStart !== 0n) {
      if (BigInt.asUintN(64, message.memoryStart) !== message.memoryStart) {
        throw new globalThis.Error("value provided for field message.memoryStart of type uint64 too large");
      }
      writer.uint32(8).uint64(message.memoryStart);
    }
    if (message.memoryLimit !== 0n) {
      if (BigInt.asUintN(64, message.memoryLimit) !== message.memoryLimit) {
        throw new globalThis.Error("value provided for field message.memoryLimit of type uint64 too large");
      }
      writer.uint32(16).uint64(message.memoryLimit);
    }
    if (message.fileOffset !== 0n) {
      if (BigInt.asUintN(64, message.fileOffset) !== message.fileOffset) {
        throw new globalThis.Error("value provided for field message.fileOffset of type uint64 too large");
      }
      writer.uint32(24).uint64(message.fileOffset);
    }
    if (message.filenameStrindex !== 0) {
      writer.uint32(32).int32(message.filenameStrindex);
    }
    if (message.attributeIndices.length !== 0) {
      writer.uint32(42).fork();
      for (const v of message.attributeIndices) {
        writer.int32(v);
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

  decode(input: BinaryReader | Uint8Array, length?: number): Mapping {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseMapping();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.memoryStart = reader.uint64() as bigint;
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.memoryLimit = reader.uint64() as bigint;
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.fileOffset = reader.uint64() as bigint;
            continue;
          }
          case 4: {
            if (tag !== 32) {
              break;
            }

            message.filenameStrindex = reader.int32();
            continue;
          }
          case 5: {
            if (tag === 40) {
              message.attributeIndices.push(reader.int32());

              continue;
            }

            if (tag === 42) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.attributeIndices.push(reader.int32());
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

  create<I extends Exact<DeepPartial<Mapping>, I>>(base?: I): Mapping {
    return Mapping.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Mapping>, I>>(object: I): Mapping {
    const message = createBaseMapping();
    message.memoryStart = (object.memoryStart !== undefined && object.memoryStart !== null)
      ? BigInt(object.memoryStart)
      : 0n;
    message.memoryLimit = (object.memoryLimit !== undefined && object.memoryLimit !== null)
      ? BigInt(object.memoryLimit)
      : 0n;
    message.fileOffset = (object.fileOffset !== undefined && object.fileOffset !== null)
      ? BigInt(object.fileOffset)
      : 0n;
    message.filenameStrindex = object.filenameStrindex ?? 0;
    message.attributeIndices = object.attributeIndices?.map((e) => e) || [];
    return message;
  },
};

function createBaseStack(): Stack {
  return { locationIndices: [], _unknownFields: {} };
}

export const Stack: MessageFns<Stack> = {
  encode(message: Stack, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.locationIndices.length !== 0) {
      writer.uint32(10).fork();
      for (const v of message.locationIndices) {
        writer.int32(v);
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

  decode(input: BinaryReader | Uint8Array, length?: number): Stack {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseStack();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag === 8) {
              message.locationIndices.push(reader.int32());

              continue;
            }

            if (tag === 10) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.locationIndices.push(reader.int32());
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

  create<I extends Exact<DeepPartial<Stack>, I>>(base?: I): Stack {
    return Stack.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Stack>, I>>(object: I): Stack {
    const message = createBaseStack();
    message.locationIndices = object.locationIndices?.map((e) => e) || [];
    return message;
  },
};

function createBaseLocation(): Location {
  return { mappingIndex: 0, address: 0n, lines: [], attributeIndices: [], _unknownFields: {} };
}

export const Location: MessageFns<Location> = {
  encode(message: Location, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.mappingIndex !== 0) {
      writer.uint32(8).int32(message.mappingIndex);
    }
    if (message.address !== 0n) {
      if (BigInt.asUintN(64, message.address) !== message.address) {
        throw new globalThis.Error("value provided for field message.address of type uint64 too large");
      }
      writer.uint32(16).uint64(message.address);
    }
    for (const v of message.lines) {
      Line.encode(v!, writer.uint32(26).fork()).join();
    }
    if (message.attributeIndices.length !== 0) {
      writer.uint32(34).fork();
      for (const v of message.attributeIndices) {
        writer.int32(v);
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

  decode(input: BinaryReader | Uint8Array, length?: number): Location {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseLocation();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.mappingIndex = reader.int32();
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.address = reader.uint64() as bigint;
            continue;
          }
          case 3: {
            if (tag !== 26) {
              break;
            }

            message.lines.push(Line.decode(reader, reader.uint32()));
            continue;
          }
          case 4: {
            if (tag === 32) {
              message.attributeIndices.push(reader.int32());

              continue;
            }

            if (tag === 34) {
              const end2 = reader.uint32() + reader.pos;
              while (reader.pos < end2) {
                message.attributeIndices.push(reader.int32());
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

  create<I extends Exact<DeepPartial<Location>, I>>(base?: I): Location {
    return Location.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Location>, I>>(object: I): Location {
    const message = createBaseLocation();
    message.mappingIndex = object.mappingIndex ?? 0;
    message.address = (object.address !== undefined && object.address !== null) ? BigInt(object.address) : 0n;
    message.lines = object.lines?.map((e) => Line.fromPartial(e)) || [];
    message.attributeIndices = object.attributeIndices?.map((e) => e) || [];
    return message;
  },
};

function createBaseLine(): Line {
  return { functionIndex: 0, line: 0n, column: 0n, _unknownFields: {} };
}

export const Line: MessageFns<Line> = {
  encode(message: Line, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.functionIndex !== 0) {
      writer.uint32(8).int32(message.functionIndex);
    }
    if (message.line !== 0n) {
      if (BigInt.asIntN(64, message.line) !== message.line) {
        throw new globalThis.Error("value provided for field message.line of type int64 too large");
      }
      writer.uint32(16).int64(message.line);
    }
    if (message.column !== 0n) {
      if (BigInt.asIntN(64, message.column) !== message.column) {
        throw new globalThis.Error("value provided for field message.column of type int64 too large");
      }
      writer.uint32(24).int64(message.column);
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

  decode(input: BinaryReader | Uint8Array, length?: number): Line {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseLine();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.functionIndex = reader.int32();
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.line = reader.int64() as bigint;
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.column = reader.int64() as bigint;
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

  create<I extends Exact<DeepPartial<Line>, I>>(base?: I): Line {
    return Line.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Line>, I>>(object: I): Line {
    const message = createBaseLine();
    message.functionIndex = object.functionIndex ?? 0;
    message.line = (object.line !== undefined && object.line !== null) ? BigInt(object.line) : 0n;
    message.column = (object.column !== undefined && object.column !== null) ? BigInt(object.column) : 0n;
    return message;
  },
};

function createBaseFunctionMessage(): FunctionMessage {
  return { nameStrindex: 0, systemNameStrindex: 0, filenameStrindex: 0, startLine: 0n, _unknownFields: {} };
}

export const FunctionMessage: MessageFns<FunctionMessage> = {
  encode(message: FunctionMessage, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.nameStrindex !== 0) {
      writer.uint32(8).int32(message.nameStrindex);
    }
    if (message.systemNameStrindex !== 0) {
      writer.uint32(16).int32(message.systemNameStrindex);
    }
    if (message.filenameStrindex !== 0) {
      writer.uint32(24).int32(message.filenameStrindex);
    }
    if (message.startLine !== 0n) {
      if (BigInt.asIntN(64, message.startLine) !== message.startLine) {
        throw new globalThis.Error("value provided for field message.startLine of type int64 too large");
      }
      writer.uint32(32).int64(message.startLine);
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

  decode(input: BinaryReader | Uint8Array, length?: number): FunctionMessage {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseFunctionMessage();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.nameStrindex = reader.int32();
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.systemNameStrindex = reader.int32();
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.filenameStrindex = reader.int32();
            continue;
          }
          case 4: {
            if (tag !== 32) {
              break;
            }

            message.startLine = reader.int64() as bigint;
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

  create<I extends Exact<DeepPartial<FunctionMessage>, I>>(base?: I): FunctionMessage {
    return FunctionMessage.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<FunctionMessage>, I>>(object: I): FunctionMessage {
    const message = createBaseFunctionMessage();
    message.nameStrindex = object.nameStrindex ?? 0;
    message.systemNameStrindex = object.systemNameStrindex ?? 0;
    message.filenameStrindex = object.filenameStrindex ?? 0;
    message.startLine = (object.startLine !== undefined && object.startLine !== null) ? BigInt(object.startLine) : 0n;
    return message;
  },
};

function createBaseKeyValueAndUnit(): KeyValueAndUnit {
  return { keyStrindex: 0, value: undefined, unitStrindex: 0, _unknownFields: {} };
}

export const KeyValueAndUnit: MessageFns<KeyValueAndUnit> = {
  encode(message: KeyValueAndUnit, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.keyStrindex !== 0) {
      writer.uint32(8).int32(message.keyStrindex);
    }
    if (message.value !== undefined) {
      AnyValue.encode(message.value, writer.uint32(18).fork()).join();
    }
    if (message.unitStrindex !== 0) {
      writer.uint32(24).int32(message.unitStrindex);
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

  decode(input: BinaryReader | Uint8Array, length?: number): KeyValueAndUnit {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseKeyValueAndUnit();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.keyStrindex = reader.int32();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.value = AnyValue.decode(reader, reader.uint32());
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.unitStrindex = reader.int32();
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

  create<I extends Exact<DeepPartial<KeyValueAndUnit>, I>>(base?: I): KeyValueAndUnit {
    return KeyValueAndUnit.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<KeyValueAndUnit>, I>>(object: I): KeyValueAndUnit {
    const message = createBaseKeyValueAndUnit();
    message.keyStrindex = object.keyStrindex ?? 0;
    message.value = (object.value !== undefined && object.value !== null)
      ? AnyValue.fromPartial(object.value)
      : undefined;
    message.unitStrindex = object.unitStrindex ?? 0;
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
