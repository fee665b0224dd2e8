import { expect, test } from "vitest";
import type { Sample } from "../../../../src/processors/cri-attributes/inquiry/samples.ts";
import { newId } from "../../../support/cri/answers.ts";
import { eventually } from "../../../support/eventually.ts";
import { item, traces } from "../../telemetry.ts";
import { givenProcessor, type ProcessorOptions } from "../given-processor.ts";

const web = newId();
const pods = [{ name: "web-1", namespace: "shop", uid: "u-1", containers: [{ id: web, name: "web" }] }];

/** A processor, and who looks at what leaves it. */
async function given(question: Readonly<Record<string, unknown>> = {}, options: ProcessorOptions = {}) {
  const processor = await givenProcessor({ type: "cri_attributes", pods, ...options });
  const leaving = new AbortController();
  const samples: Sample[] = [];
  const reply = {
    send: async () => {},
    offer: (one: unknown) => void samples.push(one as Sample),
    signal: leaving.signal,
  };
  const ended = processor.processor.answers?.["spans"]?.(question, reply);
  const send = (attributes: Readonly<Record<string, string>>, count = 1) =>
    processor.through(traces({ attributes, items: Array.from({ length: count }, (_, at) => item(String(at))) }));
  return { ...processor, samples, leave: () => leaving.abort(), ended, send };
}

test("who looks at what leaves sees whose it is, and if nobody's why", async () => {
  const { samples, send } = await given();
  await send({ "container.id": web, "service.name": "checkout" }, 3);
  await send({ "service.name": "lost" });
  await send({ "container.id": newId() });
  expect(samples).toMatchObject([
    {
      processor: "cri_attributes",
      signal: "traces",
      service: "checkout",
      items: 3,
      outcome: "stamped",
      reason: null,
      container: { id: web, name: "web" },
      pod: { namespace: "shop", name: "web-1", uid: "u-1" },
    },
    { service: "lost", outcome: "unstamped", reason: "no_identity", container: null, pod: null },
    { service: null, outcome: "unstamped", reason: "not_found" },
  ]);
});

test.each([
  [{ namespace: "shop" }, 1],
  [{ namespace: "other" }, 0],
  [{ pod: "web-1", container: "web" }, 1],
  [{ outcome: "unstamped" }, 1],
  [{ outcome: "stamped" }, 1],
  [{ outcome: "other", rate: "many" }, 2],
])("of %j there are %i", async (question, count) => {
  const { samples, send } = await given(question);
  await send({ "container.id": web });
  await send({ "service.name": "lost" });
  expect(samples).toHaveLength(count);
});

test("more than the rate are counted and not shown", async () => {
  const { samples, send } = await given({ rate: 2 });
  for (let i = 0; i < 50; i++) await send({ "container.id": web });
  const isTold = async () => {
    await send({ "container.id": web });
    return samples.some(({ notShown }) => notShown > 0);
  };
  await eventually(isTold, { what: "how many were not shown" });
  const parts = samples.reduce((sum, { notShown }) => sum + notShown + 1, 0);
  expect(parts).toBeGreaterThanOrEqual(50);
  expect(samples.length).toBeLessThan(parts);
});

test("nobody is told any more who has left, or when the processor stops", async () => {
  const left = await given();
  left.leave();
  expect(await left.ended).toEqual({ ok: true, lines: [] });
  await left.send({ "container.id": web });
  expect(left.samples).toEqual([]);
  const staying = await given();
  await staying.processor.stop(AbortSignal.abort());
  expect(await staying.ended).toEqual({ ok: true, lines: [] });
});
