import { expect, test } from "vitest";
import { copierOf } from "../../../src/otlp/rope/rope.ts";
import { accepted, type Batch, type Delivery, sent } from "../../../src/pipeline/contract.ts";
import type { Taken } from "../given-next.ts";
import { item, traces } from "../telemetry.ts";
import { givenProcessor } from "./given-processor.ts";

const never = new AbortController().signal;
const ids = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(64, "0"));
const pods = ids.map((id, index) => ({
  name: `p-${index}`,
  namespace: "shop",
  uid: `uid-${index}`,
  containers: [{ id, name: "app" }],
}));
/** What is the same whenever a container was made. */
const settings = { extract: { metadata: ["k8s.pod.name", "k8s.namespace.name", "k8s.pod.uid", "k8s.container.name"] } };
const again: Delivery = { status: "retry", cause: new Error("later") };

/** What would be written to a socket now. */
function bytesOf({ bytes }: Batch): Buffer {
  const copied = Buffer.alloc(bytes.length);
  copierOf(bytes).copy(copied, 0, bytes.length);
  return copied;
}

test("memory that requests use in turn is of one at a time, in whatever order they are answered", async () => {
  const oneByOne = await givenProcessor({ type: "cri_attributes", pods, settings });
  // Of its own, since what was not found is not waited for again.
  const { processor, next } = await givenProcessor({ type: "cri_attributes", pods, settings });
  // Each has other containers, in another order, and as many records as make a long recipe; some name one that nobody knows and wait.
  const requests = Array.from({ length: 30 }, (_, n) =>
    traces({
      attributes: { "service.name": `agent-${n}` },
      items: Array.from({ length: 60 + 7 * n }, (__, i) =>
        item(`${n}.${i}`, n % 5 === 4 && i % 9 === 0 ? "f".repeat(64) : ids[(i * (n + 1) + n) % (2 + (n % 19))]),
      ),
    }),
  );
  const expected = new Map<string, Buffer>();
  const nameOf = ({ bytes, items }: Batch) => `${items}:${bytes.length}`;
  oneByOne.next.answers((batch) => {
    expected.set(nameOf(batch), bytesOf(batch));
    return accepted;
  });
  for (const request of requests) await oneByOne.processor.consume(request, never);
  next.answers(undefined);
  const deliveries: Promise<Delivery>[] = [];
  const open = () => next.taken.filter((taken) => !answered.has(taken));
  const answered = new Set<Taken>();
  const answer = (taken: Taken): void => {
    expect(bytesOf(taken.batch).equals(expected.get(nameOf(taken.batch)) ?? Buffer.of())).toBe(true);
    answered.add(taken);
    taken.answer(taken.batch.items % 4 === 0 ? again : sent);
  };
  for (const [index, request] of requests.entries()) {
    deliveries.push(processor.consume(request, never));
    // Some of the youngest before their elders.
    if (index % 4 === 3) open().slice(-2).forEach(answer);
    await new Promise(setImmediate);
  }
  while (next.taken.length < oneByOne.next.taken.length) await new Promise((resolve) => setTimeout(resolve, 10));
  open().forEach(answer);
  expect((await Promise.all(deliveries)).filter(({ status }) => status === "accepted").length).toBeGreaterThan(10);
});
