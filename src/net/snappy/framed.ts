import { broken, snap, unsnap } from "./block.ts";
import { maskedChecksum } from "./checksum.ts";

/*
 * Snappy's framing format: a stream of chunks, each with its own checksum and at most 64 KiB of text
 * (google/snappy, framing_format.txt).
 */

const beginning = Buffer.from("\xff\x06\0\0sNaPpY", "latin1");
const chunkSize = 65_536;
const Chunk = { COMPRESSED: 0, PLAIN: 1, BEGINNING: 0xff, FIRST_SKIPPABLE: 0x80 } as const;

/** Whether the bytes are a stream, and no block: a block that begins so would hold more than 2 GB. */
export function isFramed(bytes: Uint8Array): boolean {
  return beginning.equals(bytes.subarray(0, beginning.length));
}

/** Compresses into a stream. */
export function frame(bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = [beginning];
  for (let begin = 0; begin < bytes.length; begin += chunkSize) {
    const text = bytes.subarray(begin, begin + chunkSize);
    const block = snap(text);
    const isSmaller = block.length < text.length - text.length / 8;
    const body = isSmaller ? block : text;
    const head = Buffer.allocUnsafe(8);
    head.writeUInt32LE((isSmaller ? Chunk.COMPRESSED : Chunk.PLAIN) + (body.length + 4) * 256, 0);
    head.writeUInt32LE(maskedChecksum(text), 4);
    parts.push(head, body);
  }
  return Buffer.concat(parts);
}

/** Decompresses a stream; undefined when it holds more than `limit` bytes. Throws when it is broken. */
export function unframe(bytes: Uint8Array, limit: number): Buffer | undefined {
  const stream = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!isFramed(stream)) throw broken("must begin with the name of the format");
  const texts: Buffer[] = [];
  let length = 0;
  for (let at = 0; at < stream.length;) {
    if (stream.length - at < 4) throw broken("has a chunk that is cut short");
    const kind = stream.readUInt8(at);
    const begin = at + 4;
    at = begin + stream.readUIntLE(at + 1, 3);
    if (at > stream.length) throw broken("has a chunk that is cut short");
    if (kind >= Chunk.FIRST_SKIPPABLE) continue;
    if (kind > Chunk.PLAIN) throw broken(`has a chunk of the unknown kind ${kind}`);
    if (at - begin < 4) throw broken("has a chunk without a checksum");
    const body = stream.subarray(begin + 4, at);
    const text = kind === Chunk.PLAIN ? body : unsnap(body, chunkSize);
    if (text === undefined || text.length > chunkSize) throw broken(`has a chunk of more than ${chunkSize} bytes`);
    length += text.length;
    if (length > limit) return undefined;
    if (maskedChecksum(text) !== stream.readUInt32LE(begin)) throw broken("has a chunk with another checksum");
    texts.push(text);
  }
  return Buffer.concat(texts);
}
