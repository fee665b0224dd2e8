import { hash, randomFillSync } from "node:crypto";

const pool = Buffer.alloc(8 * 1024);
let used = pool.length;

/** Writes `length` bytes, not all zero, that nobody can foresee. */
export function putRandom(target: Uint8Array, at: number, length: number): void {
  for (;;) {
    if (used + length > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const byte = pool[used++] ?? 0;
      target[at + i] = byte;
      sum |= byte;
    }
    if (sum !== 0) return;
  }
}

/** 16 bytes of the client's address (IPv4 as ::ffff:a.b.c.d), its port and the sequence number, both big-endian. */
const call = Buffer.alloc(22);

/** One request on the wire: what both of its ends know. */
export type Wire = {
  readonly bytes: Uint8Array;
  /** Where the client's address stands. */
  readonly addressAt: number;
  readonly port: number;
  /** TCP sequence number of the request's first byte. */
  readonly sequence: number;
};

/**
 * The IDs that both ends of a call make of it when no trace context travels: of the SHA-256, bytes 0 to 15 are the trace's, bytes 16 to
 * 23 the client span's.
 */
export function derive({ bytes, addressAt, port, sequence }: Wire): Buffer {
  for (let i = 0; i < 16; i++) call[i] = bytes[addressAt + i] ?? 0;
  call.writeUInt16BE(port, 16);
  call.writeUInt32BE(sequence >>> 0, 18);
  return hash("sha256", call, "buffer");
}

/** Reads hex digits at source[from, …) into `length` bytes. */
export function putHex(target: Uint8Array, at: number, source: Uint8Array, from: number, length: number): void {
  for (let i = 0; i < length; i++)
    target[at + i] = (nibble(source[from + i * 2] ?? 0) << 4) | nibble(source[from + i * 2 + 1] ?? 0);
}

function nibble(digit: number): number {
  return digit < 58 ? digit - 48 : (digit | 32) - 87;
}
