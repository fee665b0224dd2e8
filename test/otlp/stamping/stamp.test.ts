import { expect, test } from "vitest";
import { keySet } from "../../../src/otlp/wire/keys.ts";
import { createStamp } from "../../../src/otlp/stamping/stamp.ts";

const attributes = new Map([
  ["k8s.pod.name", "web-1"],
  ["k8s.namespace.name", "shop"],
]);

test("a stamp, which is kept as long as its container is known, keeps no memory beside its own bytes", () => {
  const bytes = createStamp(attributes).slice(9, 0, 2);
  expect(bytes.buffer.byteLength).toBe(bytes.length);
});

test("stamps of the same keys share what recognises them", () => {
  expect(createStamp(new Map([...attributes].map(([key]) => [key, "other"]))).keys).toBe(createStamp(attributes).keys);
  expect(keySet(["a", "b"])).not.toBe(keySet(["b", "a"]));
  expect(keySet([""])).not.toBe(keySet([]));
  expect(keySet(["a\0b"])).not.toBe(keySet(["a", "b"]));
  expect(keySet(["ab"])).not.toBe(keySet(["a", "b"]));
});
