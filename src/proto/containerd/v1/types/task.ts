// Made from proto/ by `npm run build:proto`: do not edit.

/* eslint-disable */
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { Timestamp } from "../../../google/protobuf/timestamp.ts";

export const protobufPackage = "containerd.v1.types";

export const protobufFileName = "containerd/v1/types/task.proto";

/**
 * The processes of containers.
 * Facts of containerd/containerd api/ at 301026e58 (Apache-2.0).
 */

export const Status = {
  UNKNOWN: 0,
  CREATED: 1,
  RUNNING: 2,
  STOPPED: 3,
  PAUSED: 4,
  PAUSING: 5,
  UNRECOGNIZED: -1,
} as const;

export type Status = typeof Status[keyof typeof Status];

export namespace Status {
  export type UNKNOWN = typeof Status.UNKNOWN;
  export type CREATED = typeof Status.CREATED;
  export type RUNNING = typeof Status.RUNNING;
  export type STOPPED = typeof Status.STOPPED;
  export type PAUSED = typeof Status.PAUSED;
  export type PAUSING = typeof Status.PAUSING;
  export type UNRECOGNIZED = typeof Status.UNRECOGNIZED;
}

export interface Process {
  containerId: string;
  id: string;
  pid: number;
  status: Status;
  exitStatus: number;
  exitedAt: Date | undefined;
}

function createBaseProcess(): Process {
  return { containerId: "", id: "", pid: 0, status: 0, exitStatus: 0, exitedAt: undefined };
}

export const Process: MessageFns<Process> = {
  encode(message: Process, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.containerId !== "") {
      writer.uint32(10).string(message.containerId);
    }
    if (message.id !== "") {
      writer.uint32(18).string(message.id);
    }
    if (message.pid !== 0) {
      writer.uint32(24).uint32(message.pid);
    }
    if (message.status !== 0) {
      writer.uint32(32).int32(message.status);
    }
    if (message.exitStatus !== 0) {
      writer.uint32(72).uint32(message.exitStatus);
    }
    if (message.exitedAt !== undefined) {
      Timestamp.encode(toTimestamp(message.exitedAt), writer.uint32(82).fork()).join();
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): Process {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseProcess();
      while (reader.pos < end) {
        const tag = reader.uint32();
        switch (tag >>> 3) {
          case 1: {
            if (tag !== 10) {
              break;
            }

            message.containerId = reader.string();
            continue;
          }
          case 2: {
            if (tag !== 18) {
              break;
            }

            message.id = reader.string();
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.pid = reader.uint32();
            continue;
          }
          case 4: {
            if (tag !== 32) {
              break;
            }

            message.status = reader.int32() as any;
            continue;
          }
          case 9: {
            if (tag !== 72) {
              break;
            }

            message.exitStatus = reader.uint32();
            continue;
          }
          case 10: {
            if (tag !== 82) {
              break;
            }

            message.exitedAt = fromTimestamp(Timestamp.decode(reader, reader.uint32()));
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

  create<I extends Exact<DeepPartial<Process>, I>>(base?: I): Process {
    return Process.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<Process>, I>>(object: I): Process {
    const message = createBaseProcess();
    message.containerId = object.containerId ?? "";
    message.id = object.id ?? "";
    message.pid = object.pid ?? 0;
    message.status = object.status ?? 0;
    message.exitStatus = object.exitStatus ?? 0;
    message.exitedAt = object.exitedAt ?? undefined;
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

function toTimestamp(date: Date): Timestamp {
  const seconds = BigInt(Math.trunc(date.getTime() / 1_000));
  const nanos = (date.getTime() % 1_000) * 1_000_000;
  return { seconds, nanos };
}

function fromTimestamp(t: Timestamp): Date {
  let millis = (globalThis.Number(t.seconds.toString()) || 0) * 1_000;
  millis += (t.nanos || 0) / 1_000_000;
  return new globalThis.Date(millis);
}

export interface MessageFns<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
  create<I extends Exact<DeepPartial<T>, I>>(base?: I): T;
  fromPartial<I extends Exact<DeepPartial<T>, I>>(object: I): T;
}
