import { expect, test } from "vitest";
import { anything, listOf, ObjectSchema, trueOrFalse } from "../../../src/config/schema/kinds.ts";

const told = (result: { error?: { issues: readonly { path: readonly unknown[]; message: string }[] } | undefined }) =>
  result.error?.issues.map(({ path, message }) => `${path.join("::")} ${message}`);

test("a section has the values that it was given and those that stand in for them, and no others", () => {
  const schema = new ObjectSchema({
    on: trueOrFalse().prefault(true),
    off: trueOrFalse().prefault(false),
    perhaps: trueOrFalse().optional(),
    list: listOf(trueOrFalse()).prefault([]),
  });
  expect(schema.parse({ off: true })).toEqual({ on: true, off: true, list: [] });
  expect(Object.keys(schema.parse({}))).toEqual(["on", "off", "list"]);
  expect(told(schema.safeParse({ of: 1, lst: 2 }))).toEqual([" unknown keys"]);
  expect(() => schema.parse([])).toThrow("Cannot use a value:  must be a map");
});

test("all that is wrong is told at once, each at its place", () => {
  const schema = new ObjectSchema({
    a: trueOrFalse(),
    b: listOf(new ObjectSchema({ c: trueOrFalse() }))
      .min(1)
      .max(3),
  });
  expect(told(schema.safeParse({ b: [{ c: 1 }, 2, {}] }))).toEqual([
    "a must be true or false",
    "b::0::c must be true or false",
    "b::1 must be a map",
    "b::2::c must be true or false",
  ]);
  expect(told(schema.safeParse({ a: true, b: [] }))).toEqual(["b must be a list of length >= 1"]);
  const ten = Array.from({ length: 10 }, () => 1);
  expect(told(schema.safeParse({ a: true, b: ten }))).toHaveLength(4);
});

test("a section is judged as a whole when its values are of the right kind, and made something else when they are right", () => {
  const odd = anything().refine((value) => Number(value) % 2 === 1, { message: "must be odd" });
  const schema = new ObjectSchema({ a: odd, b: trueOrFalse() })
    .superRefine(({ a, b }, context) => {
      if (a === 4 || b) context.addIssue({ message: "must be another", path: ["a"] });
    })
    .transform(({ a }) => String(a));
  expect(schema.parse({ a: 3, b: false })).toBe("3");
  expect(told(schema.safeParse({ a: 4, b: false }))).toEqual(["a must be odd", "a must be another"]);
  expect(told(schema.safeParse({ a: 4, b: "no" }))).toEqual(["a must be odd", "b must be true or false"]);
});

test("what is told of a setting stays with it whatever is put around it", () => {
  const field = trueOrFalse().meta({ form: "switch" }).describe("First.").prefault(true).optional().describe("Last.");
  expect(field.facts).toEqual({ form: "switch", description: "Last." });
});
