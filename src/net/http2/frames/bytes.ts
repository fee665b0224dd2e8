/** No bytes. */
export const nothing: Buffer = Buffer.alloc(0);

/** Puts bytes behind the first `length` of `target`, which grows with what has come. */
export function append(target: Buffer, length: number, bytes: Uint8Array): Buffer {
  let room = target;
  if (length + bytes.length > target.length) {
    room = Buffer.allocUnsafeSlow(Math.max(256, 2 * (length + bytes.length)));
    target.copy(room, 0, 0, length);
  }
  room.set(bytes, length);
  return room;
}

/** Four bytes, big-endian. */
export function uint32(bytes: Buffer, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}
