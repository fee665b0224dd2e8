/*
 * HTTP/2 by hand (RFC 9113): frames as they stand on the wire, with nothing that keeps a test from sending a wrong one. Header
 * fields are written as literals without any table, so that neither our HPACK nor another one has a say in what is sent.
 */

export const Type = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = { NONE: 0, ACK: 1, END_STREAM: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 0x20 } as const;

export const Problem = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
} as const;

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
};

/** One frame; `length` is what its header says, when that is not the truth. */
export function frame(
  type: number,
  {
    flags = 0,
    stream = 0,
    payload = Buffer.alloc(0),
    length,
  }: Partial<Omit<Frame, "type">> & { readonly length?: number },
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length ?? payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function settings(...pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return frame(Type.SETTINGS, { payload });
}

export const settingsAck = frame(Type.SETTINGS, { flags: Flag.ACK });

export function ping(payload = Buffer.from("podstamp"), flags: number = Flag.NONE): Buffer {
  return frame(Type.PING, { flags, payload });
}

export function resetStream(stream: number, code: number = Problem.CANCEL): Buffer {
  return frame(Type.RST_STREAM, { stream, payload: uint32(code) });
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(Type.WINDOW_UPDATE, { stream, payload: uint32(increment) });
}

export function goaway(lastStream: number, code: number = Problem.NO_ERROR): Buffer {
  return frame(Type.GOAWAY, { payload: Buffer.concat([uint32(lastStream), uint32(code)]) });
}

export function priority(stream: number, dependsOn: number): Buffer {
  return frame(Type.PRIORITY, { stream, payload: Buffer.concat([uint32(dependsOn), Buffer.from([15])]) });
}

export function data(stream: number, payload: Buffer, flags: number = Flag.NONE): Buffer {
  return frame(Type.DATA, { flags, stream, payload });
}

export function headers(stream: number, block: Buffer, flags: number = Flag.END_HEADERS): Buffer {
  return frame(Type.HEADERS, { flags, stream, payload: block });
}

export function continuation(stream: number, block: Buffer, flags: number = Flag.END_HEADERS): Buffer {
  return frame(Type.CONTINUATION, { flags, stream, payload: block });
}

/** Padding of `length` bytes around a payload; the frame needs the flag PADDED. */
export function padded(payload: Buffer, length: number): Buffer {
  return Buffer.concat([Buffer.from([length]), payload, Buffer.alloc(length)]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A header block: each field a literal that is not put into the table (RFC 7541, section 6.2.2), without Huffman code. */
export function block(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

/** Cuts what comes into frames; what is left of the last one waits for more. */
export class FrameCutter {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): readonly Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    while (this.#rest.length >= 9) {
      const end = 9 + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) break;
      frames.push({
        type: this.#rest.readUInt8(3),
        flags: this.#rest.readUInt8(4),
        stream: this.#rest.readUInt32BE(5) & 0x7fffffff,
        payload: Buffer.from(this.#rest.subarray(9, end)),
      });
      this.#rest = this.#rest.subarray(end);
    }
    return frames;
  }
}
