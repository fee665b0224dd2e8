// Made from proto/ by `npm run build:proto`: do not edit.

/* eslint-disable */
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

export const protobufPackage = "containerd.services.content.v1";

export const protobufFileName = "containerd/services/v1/content.proto";

/**
 * Content by its digest: the manifests and configurations of images.
 * Facts of containerd/containerd api/ at 301026e58 (Apache-2.0).
 */

export interface ReadContentRequest {
  digest: string;
  offset: bigint;
  /** 0 for all of it. */
  size: bigint;
}

export interface ReadContentResponse {
  offset: bigint;
  data: Buffer;
}

function createBaseReadContentRequest(): ReadContentRequest {
  return { digest: "", offset: 0n, size: 0n };
}

export const ReadContentRequest: MessageFns<ReadContentRequest> = {
  encode(message: ReadContentRequest, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.digest !== "") {
      writer.uint32(10).string(message.digest);
    }
    if (message.offset !== 0n) {
      if (BigInt.asIntN(64, message.offset) !== message.offset) {
        throw new globalThis.Error("value provided for field message.offset of type int64 too large");
      }
      writer.uint32(16).int64(message.offset);
    }
    if (message.size !== 0n) {
      if (BigInt.asIntN(64, message.size) !== message.size) {
        throw new globalThis.Error("value provided for field message.size of type int64 too large");
      }
      writer.uint32(24).int64(message.size);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ReadContentRequest {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseReadContentRequest();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.digest = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 16) {
              break;
            }

            message.offset = reader.int64() as bigint;
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.size = reader.int64() as bigint;
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<ReadContentRequest>, I>>(base?: I): ReadContentRequest {
    return ReadContentRequest.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ReadContentRequest>, I>>(object: I): ReadContentRequest {
    const message = createBaseReadContentRequest();
    message.digest = object.digest ?? "";
    message.offset = (object.offset !== undefined && object.offset !== null) ? BigInt(object.offset) : 0n;
    message.size = (object.size !== undefined && object.size !== null) ? BigInt(object.size) : 0n;
    return message;
  },
};

function createBaseReadContentResponse(): ReadContentResponse {
  return { offset: 0n, data: Buffer.alloc(0) };
}

export const ReadContentResponse: MessageFns<ReadContentResponse> = {
  encode(message: ReadContentResponse, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.offset !== 0n) {
      if (BigInt.asIntN(64, message.offset) !== message.offset) {
        throw new globalThis.Error("value provided for field message.offset of type int64 too large");
      }
      writer.uint32(8).int64(message.offset);
    }
    if (message.data.length !== 0) {
      writer.uint32(18).bytes(message.data);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): ReadContentResponse {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseReadContentResponse();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 8) {
              break;
            }

            message.offset = reader.int64() as bigint;
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.data = Buffer.from(reader.bytes());
            continue;
          }
        }
        if ((tag & 7) === 4 || tag === 0) {
          break;
        }
        reader.skip(tag & 7);
      }
      return message;
    } finally {
      (reader as any).__tsProtoDecodeDepth = previousRecursionDepth;
    }
  },

  create<I extends Exact<DeepPartial<ReadContentResponse>, I>>(base?: I): ReadContentResponse {
    return ReadContentResponse.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<ReadContentResponse>, I>>(object: I): ReadContentResponse {
    const message = createBaseReadContentResponse();
    message.offset = (object.offset !== undefined && object.offset !== null) ? BigInt(object.offset) : 0n;
    message.data = object.data ?? Buffer.alloc(0);
    return message;
  },
};

export type ContentService = typeof ContentService;
export const ContentService = {
  read: {
    path: "/containerd.services.content.v1.Content/Read" as const,
    requestStream: false as const,
    responseStream: true as const,
    requestSerialize: (value: ReadContentRequest): Buffer => Buffer.from(ReadContentRequest.encode(value).finish()),
    requestDeserialize: (value: Buffer): ReadContentRequest => ReadContentRequest.decode(value),
    responseSerialize: (value: ReadContentResponse): Buffer => Buffer.from(ReadContentResponse.encode(value).finish()),
    responseDeserialize: (value: Buffer): ReadContentResponse => ReadContentResponse.decode(value),
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
