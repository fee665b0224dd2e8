// Made from proto/ by `npm run build:proto`: do not edit.

/* eslint-disable */
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

export const protobufPackage = "containerd.events";

export const protobufFileName = "containerd/events/task.proto";

/**
 * Payloads of /tasks/* events.
 * Facts of containerd/containerd api/ at 301026e58 (Apache-2.0).
 */

export interface TaskCreate {
  containerId: string;
  pid: number;
}

export interface TaskStart {
  containerId: string;
  pid: number;
}

export interface TaskDelete {
  containerId: string;
  pid: number;
  exitStatus: number;
  id: string;
}

export interface TaskExit {
  containerId: string;
  id: string;
  pid: number;
  exitStatus: number;
}

function createBaseTaskCreate(): TaskCreate {
  return { containerId: "", pid: 0 };
}

export const TaskCreate: MessageFns<TaskCreate> = {
  encode(message: TaskCreate, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.containerId !== "") {
      writer.uint32(10).string(message.containerId);
    }
    if (message.pid !== 0) {
      writer.uint32(48).uint32(message.pid);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): TaskCreate {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseTaskCreate();
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
          case 6: {
            if (tag !== 48) {
              break;
            }

            message.pid = reader.uint32();
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

  create<I extends Exact<DeepPartial<TaskCreate>, I>>(base?: I): TaskCreate {
    return TaskCreate.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<TaskCreate>, I>>(object: I): TaskCreate {
    const message = createBaseTaskCreate();
    message.containerId = object.containerId ?? "";
    message.pid = object.pid ?? 0;
    return message;
  },
};

function createBaseTaskStart(): TaskStart {
  return { containerId: "", pid: 0 };
}

export const TaskStart: MessageFns<TaskStart> = {
  encode(message: TaskStart, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.containerId !== "") {
      writer.uint32(10).string(message.containerId);
    }
    if (message.pid !== 0) {
      writer.uint32(16).uint32(message.pid);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): TaskStart {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseTaskStart();
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
            if (tag !== 16) {
              break;
            }

            message.pid = reader.uint32();
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

  create<I extends Exact<DeepPartial<TaskStart>, I>>(base?: I): TaskStart {
    return TaskStart.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<TaskStart>, I>>(object: I): TaskStart {
    const message = createBaseTaskStart();
    message.containerId = object.containerId ?? "";
    message.pid = object.pid ?? 0;
    return message;
  },
};

function createBaseTaskDelete(): TaskDelete {
  return { containerId: "", pid: 0, exitStatus: 0, id: "" };
}

export const TaskDelete: MessageFns<TaskDelete> = {
  encode(message: TaskDelete, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.containerId !== "") {
      writer.uint32(10).string(message.containerId);
    }
    if (message.pid !== 0) {
      writer.uint32(16).uint32(message.pid);
    }
    if (message.exitStatus !== 0) {
      writer.uint32(24).uint32(message.exitStatus);
    }
    if (message.id !== "") {
      writer.uint32(42).string(message.id);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): TaskDelete {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseTaskDelete();
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
            if (tag !== 16) {
              break;
            }

            message.pid = reader.uint32();
            continue;
          }
          case 3: {
            if (tag !== 24) {
              break;
            }

            message.exitStatus = reader.uint32();
            continue;
          }
          case 5: {
            if (tag !== 42) {
              break;
            }

            message.id = reader.string();
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

  create<I extends Exact<DeepPartial<TaskDelete>, I>>(base?: I): TaskDelete {
    return TaskDelete.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<TaskDelete>, I>>(object: I): TaskDelete {
    const message = createBaseTaskDelete();
    message.containerId = object.containerId ?? "";
    message.pid = object.pid ?? 0;
    message.exitStatus = object.exitStatus ?? 0;
    message.id = object.id ?? "";
    return message;
  },
};

function createBaseTaskExit(): TaskExit {
  return { containerId: "", id: "", pid: 0, exitStatus: 0 };
}

export const TaskExit: MessageFns<TaskExit> = {
  encode(message: TaskExit, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.containerId !== "") {
      writer.uint32(10).string(message.containerId);
    }
    if (message.id !== "") {
      writer.uint32(18).string(message.id);
    }
    if (message.pid !== 0) {
      writer.uint32(24).uint32(message.pid);
    }
    if (message.exitStatus !== 0) {
      writer.uint32(32).uint32(message.exitStatus);
    }
    return writer;
  },

  decode(input: BinaryReader | Uint8Array, length?: number): TaskExit {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const previousRecursionDepth = (reader as any).__tsProtoDecodeDepth ?? 0;
    if (previousRecursionDepth >= 100) {
      throw new globalThis.Error("protobuf decode recursion limit exceeded");
    }
    (reader as any).__tsProtoDecodeDepth = previousRecursionDepth + 1;
    try {
      const end = length === undefined ? reader.len : reader.pos + length;
      const message = createBaseTaskExit();
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

            message.exitStatus = reader.uint32();
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

  create<I extends Exact<DeepPartial<TaskExit>, I>>(base?: I): TaskExit {
    return TaskExit.fromPartial(base ?? ({} as any));
  },
  fromPartial<I extends Exact<DeepPartial<TaskExit>, I>>(object: I): TaskExit {
    const message = createBaseTaskExit();
    message.containerId = object.containerId ?? "";
    message.id = object.id ?? "";
    message.pid = object.pid ?? 0;
    message.exitStatus = object.exitStatus ?? 0;
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
