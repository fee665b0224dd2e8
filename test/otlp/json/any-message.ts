import { create, ScalarType } from "@bufbuild/protobuf";
import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import fc from "fast-check";
import { isId } from "./library.ts";

/** Any message of a type, as Protobuf-ES has it: each field now and then, few items, at most `depth` messages deep. */
export function anyMessage(desc: DescMessage, depth = 7): fc.Arbitrary<Message> {
  const members = desc.members.map((member) => {
    if (member.kind === "oneof") {
      const cases = member.fields
        .filter((field) => depth > 0 || field.message === undefined)
        .map((field) => anyField(field, depth).map((value) => ({ case: field.localName, value })));
      return fc.tuple(fc.constant(member.localName), fc.option(fc.oneof(...cases), { nil: undefined }));
    }
    return fc.tuple(fc.constant(member.localName), fc.option(anyField(member, depth), { nil: undefined, freq: 3 }));
  });
  return fc
    .tuple(...members)
    .map((entries) => create(desc, Object.fromEntries(entries.filter(([, value]) => value !== undefined))));
}

function anyField(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.fieldKind === "list")
    return depth > 0 ? fc.array(anyItem(field, depth), { maxLength: 2 }) : fc.constant([]);
  return anyItem(field, depth);
}

function anyItem(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return depth > 0 ? anyMessage(field.message, depth - 1) : fc.constant(undefined);
  if (field.enum !== undefined) return fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constantFrom(-1, 2 ** 31 - 1));
  if (isId(field)) {
    const length = field.name.endsWith("span_id") ? 8 : 16;
    return fc.uint8Array({ minLength: length, maxLength: length });
  }
  const found = field.fieldKind === "scalar" || field.fieldKind === "list" ? field.scalar : undefined;
  if (found === undefined) throw new Error(`Cannot make ${field.name}: must be a scalar`);
  return scalars(found);
}

const unsigned64 = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(0n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n),
  fc.constant(1_544_712_660_000_000_001n),
);
const signed64 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, -(2n ** 63n), 2n ** 63n - 1n, -(2n ** 32n)),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 80 }),
  fc.constantFrom("", '"', "\\", "\u0000\n\r\t\b\f\u001f\u007f\u2028", "😀/größe", "[{,:}]"),
);

function scalars(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 8 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.DOUBLE:
      // JSON.stringify, which writes the expectation, has no -0.
      return fc
        .oneof(fc.double(), fc.integer(), fc.constantFrom(1e21, 5e-324))
        .filter((value) => !Object.is(value, -0));
    case ScalarType.INT32:
    case ScalarType.SINT32:
      return fc.integer();
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
      return signed64;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return unsigned64;
    case ScalarType.FLOAT:
    case ScalarType.SFIXED32:
    case ScalarType.SINT64:
      throw new Error(`Cannot make a value of type ${type}: OTLP has none`);
  }
}
