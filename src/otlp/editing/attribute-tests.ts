import { type AnyValue, decodeValue, sameValue, valueOf, valueText } from "../wire/any-value.ts";
import { readAttributes } from "./attribute-list.ts";
import type { Message } from "./changes.ts";
import { keySet } from "../wire/keys.ts";

/** A test of one text. */
export type TextTest = (text: string) => boolean;

/** An attribute that must be there: with any value, with this one (as a configuration has it), or with one whose text passes a test. */
export type AttributeTest =
  | { readonly key: string; readonly kind: "present" }
  | { readonly key: string; readonly kind: "equal"; readonly value: unknown }
  | { readonly key: string; readonly kind: "pattern"; readonly test: TextTest };

type AttributesTest = (bytes: Uint8Array, messages: readonly Message[], field: number) => boolean;

/** Makes one test of many, all of which must pass; a message that is broken passes none. */
export function attributeMatcher(tests: readonly AttributeTest[]): AttributesTest {
  if (tests.length === 0) return () => true;
  const readAll = attributeReader(tests.map(({ key }) => key));
  return (bytes, messages, field) => {
    const found = readAll(bytes, messages, field);
    return found !== undefined && tests.every((test, index) => passes(test, found[index]));
  };
}

/** Whether an attribute, undefined when it is absent, passes. */
export function passes(test: AttributeTest, value: AnyValue | undefined): boolean {
  if (value === undefined) return false;
  switch (test.kind) {
    case "present":
      return true;
    case "equal":
      return sameValue(valueOf(test.value), value);
    case "pattern":
      return isPlain[value.kind] === true && test.test(valueText(value));
  }
}

/** Kinds of values whose text a pattern is matched with. */
const isPlain: Readonly<Partial<Record<AnyValue["kind"], boolean>>> = {
  string: true,
  bool: true,
  int: true,
  double: true,
};

type ReadAttributes = (
  bytes: Uint8Array,
  messages: readonly Message[],
  field: number,
) => readonly (AnyValue | undefined)[] | undefined;

/** Reads the values of keys, of each the first; undefined when a message is broken. */
export function attributeReader(keys: readonly string[]): ReadAttributes {
  const set = keySet([...new Set(keys)]);
  const slots = keys.map((key) => set.keys.indexOf(key));
  return (bytes, messages, field) => {
    const list = readAttributes(bytes, messages, { field, keys: set, isWanted: undefined });
    return (
      list &&
      slots.map((slot) => {
        const content = list.get(slot);
        return content === undefined ? undefined : decodeValue(content);
      })
    );
  };
}
