import type { OnReadOpts, Socket } from "node:net";

/** Told of bytes that have arrived in chunk[start, end), good until it returns. */
export type OnBytes = (chunk: Buffer, start: number, end: number) => void;

/**
 * One piece of memory for all sockets to read into: what is read is taken before the next one reads. A fresh one for each read is what
 * the collector would have to do with most.
 */
const memory = Buffer.allocUnsafeSlow(256 * 1024);
const receivers = new WeakMap<object, OnBytes>();

/** The "onread" of sockets that are told with readFrom where their bytes go. */
export const reusedMemory: OnReadOpts = {
  buffer: memory,
  callback(this: object, length, buffer) {
    receivers.get(this)?.(buffer as Buffer, 0, length);
    return true;
  },
};

/** Takes what arrives on a socket, with "onread" or without. */
export function readFrom(socket: Socket, onBytes: OnBytes): void {
  receivers.set(socket, onBytes);
  socket.on("data", (chunk: Buffer) => onBytes(chunk, 0, chunk.length));
}
