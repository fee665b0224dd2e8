import { expect, test } from "vitest";
import { createDescriber } from "../../../src/containers/following/describer.ts";

/** A describer whose fetches end when told. */
function given() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const describer = createDescriber({
    describe: (id) => {
      started.push(id);
      return new Promise((resolve) => ends.set(id, resolve));
    },
  });
  const end = async (id: string) => {
    ends.get(id)?.();
    await settled();
  };
  return { started, describer, end };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("details are fetched three at a time, and first for those whose data has arrived", async () => {
  const { started, describer, end } = given();
  for (const id of ["a", "b", "c", "d", "e"]) describer.want(id);
  await settled();
  expect(started).toEqual(["a", "b", "c"]);
  const now = describer.now("e");
  await end("b");
  expect(started).toEqual(["a", "b", "c", "e"]);
  await end("e");
  await now;
  expect(started).toEqual(["a", "b", "c", "e", "d"]);
});

test("a hundred who want the same details share one fetch", async () => {
  const { started, describer, end } = given();
  const all = Array.from({ length: 100 }, () => describer.now("a"));
  await settled();
  all.push(describer.now("a"));
  await end("a");
  await Promise.all(all);
  expect(started).toEqual(["a"]);
});

test("what changes while it is fetched is fetched again", async () => {
  const { started, describer, end } = given();
  describer.want("a");
  await settled();
  describer.want("a");
  await end("a");
  expect(started).toEqual(["a", "a"]);
});

test("after its stop nobody waits and nothing is fetched", async () => {
  const { started, describer, end } = given();
  for (const id of ["a", "b", "c", "d"]) describer.want(id);
  await settled();
  const waiting = describer.now("e");
  describer.stop();
  await waiting;
  await describer.now("f");
  await end("a");
  expect(started).toEqual(["a", "b", "c"]);
});
