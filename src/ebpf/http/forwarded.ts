import { putHex } from "../encoding/trace-ids.ts";

/** A request that a process is answering, with a trace context. */
type Open = {
  readonly tgid: number;
  /** 16 bytes of the trace's ID and 8 of the parent's. */
  readonly context: Buffer;
  readonly spanId: Buffer;
};

/** Requests that are being answered, at most. */
const maxOpen = 65_536;

const context = Buffer.alloc(24);

/**
 * Requests with a trace context that are being answered now. A process that sends the very same context on, as a proxy that knows
 * nothing of tracing does, sends it because of the request that it is answering.
 */
export type Servers = {
  /** Remembers a request; what comes back ends it. */
  add(tgid: number, bytes: Uint8Array, traceparent: number, spanId: Buffer): number;
  remove(key: number): void;
  /** The span ID of the request with this context that the process is answering. */
  find(tgid: number, bytes: Uint8Array, traceparent: number): Buffer | undefined;
};

export function createServers(): Servers {
  const open = new Map<number, Open>();

  const read = (bytes: Uint8Array, traceparent: number): void => {
    putHex(context, 0, bytes, traceparent + 3, 16);
    putHex(context, 16, bytes, traceparent + 36, 8);
  };
  // Never 0; two of the same number are told apart by find().
  const keyOf = (tgid: number): number => (tgid * 0x40000000 + (context.readUInt32LE(20) >>> 2)) * 2 + 1;

  return {
    add(tgid, bytes, traceparent, spanId) {
      if (open.size >= maxOpen) return 0;
      read(bytes, traceparent);
      const key = keyOf(tgid);
      open.set(key, { tgid, context: Buffer.from(context), spanId: Buffer.from(spanId) });
      return key;
    },
    remove: (key) => void open.delete(key),
    find(tgid, bytes, traceparent) {
      read(bytes, traceparent);
      const found = open.get(keyOf(tgid));
      return found?.tgid === tgid && found.context.equals(context) ? found.spanId : undefined;
    },
  };
}
