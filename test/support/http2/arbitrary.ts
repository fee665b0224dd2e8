import fc from "fast-check";
import {
  block,
  continuation,
  data,
  Flag,
  frame,
  goaway,
  headers,
  padded,
  ping,
  priority,
  resetStream,
  Setting,
  settings,
  settingsAck,
  windowUpdate,
} from "./frames.ts";
import { grpcMessage, requestBlock } from "./raw.ts";

const stream = fc.constantFrom(1, 3, 5, 7, 9, 0, 2, 2 ** 31 - 1);
const number = fc.constantFrom(0, 1, 2, 100, 16_383, 16_384, 65_535, 65_536, 2 ** 24, 2 ** 31 - 1);
const payload = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
const message = fc.nat(300).map((size) => grpcMessage(Buffer.alloc(size, size % 256)));

/** A whole request, its header block and its data cut as it likes, with padding or without. */
const request = fc.record({ id: stream, message, cut: fc.nat(80), isPadded: fc.boolean() }).map(({ id, ...rest }) => {
  const list = requestBlock({ after: [["x-number", String(rest.cut)]] });
  const at = Math.min(rest.cut, rest.message.length);
  const last = rest.message.subarray(at);
  return Buffer.concat([
    headers(id, list.subarray(0, rest.cut), Flag.NONE),
    continuation(id, list.subarray(rest.cut)),
    data(id, rest.message.subarray(0, at)),
    rest.isPadded ? data(id, padded(last, rest.cut), Flag.PADDED | Flag.END_STREAM) : data(id, last, Flag.END_STREAM),
  ]);
});

/** Any frame at all, most of them in a place where they are wrong. */
const any = fc
  .record({ type: fc.nat(12), flags: fc.constantFrom(0, 1, 4, 5, 8, 0x0d, 0x20, 0x2d, 255), stream, payload })
  .map(({ type, ...rest }) => frame(type, rest));

const control = fc.oneof(
  fc.record({ id: stream, by: number }).map(({ id, by }) => windowUpdate(id, by)),
  fc.record({ id: stream, code: fc.nat(15) }).map(({ id, code }) => resetStream(id, code)),
  fc.record({ id: stream, on: stream }).map(({ id, on }) => priority(id, on)),
  fc
    .record({ id: fc.constantFrom(...Object.values(Setting), 99), value: number })
    .map(({ id, value }) => settings([id, value])),
  fc.constant(settingsAck),
  fc.boolean().map((isAck) => ping(Buffer.alloc(8, 1), isAck ? Flag.ACK : Flag.NONE)),
  stream.map((id) => goaway(id)),
  fc.record({ id: stream, payload }).map(({ id, payload: bytes }) => headers(id, bytes)),
  stream.map((id) =>
    headers(
      id,
      block([
        [":status", "200"],
        ["content-type", "application/grpc"],
      ]),
    ),
  ),
  stream.map((id) => headers(id, block([["grpc-status", "0"]]), Flag.END_HEADERS | Flag.END_STREAM)),
);

/** Frames of a conversation, right and wrong ones. */
export const conversation: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof({ weight: 5, arbitrary: request }, { weight: 3, arbitrary: control }, { weight: 1, arbitrary: any }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((frames) => Buffer.concat(frames));

type Damage =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "cut" | "double"; readonly at: number; readonly length: number };

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constantFrom("cut" as const, "double" as const), at: fc.nat(), length: fc.nat(40) }),
);

/** The same with bits that were flipped, and bytes that are missing or there twice. */
export function damaged(conversations: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(conversations, fc.array(damage, { maxLength: 5 }))
    .map(([bytes, damages]) => damages.reduce(spoil, bytes));
}

function spoil(bytes: Buffer, how: Damage): Buffer {
  if (bytes.length === 0) return bytes;
  const at = how.at % bytes.length;
  switch (how.kind) {
    case "flip": {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ (1 << how.bit);
      return copy;
    }
    case "cut":
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + how.length)]);
    case "double":
      return Buffer.concat([bytes.subarray(0, at + how.length), bytes.subarray(at)]);
  }
}

/** Sizes of the pieces in which bytes arrive, by turns. */
export const pieces: fc.Arbitrary<readonly number[]> = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2000 })),
  { minLength: 1, maxLength: 6 },
);

/** Bytes in pieces of these sizes. */
export function cutInto(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}
