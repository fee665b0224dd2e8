import { expect, test } from "vitest";
import { accepted } from "../../../src/pipeline/contract.ts";
import { createSending } from "../../../src/receivers/ebpf/delivery.ts";
import { never } from "../../contract/given.ts";
import { givenNext } from "../../processors/given-next.ts";
import { eventually } from "../../support/eventually.ts";
import { testHost } from "../../support/agent/host.ts";

const cause = new Error("told");
const request = { bytes: Buffer.alloc(100), items: 3 };
const labels = { receiver: "ebpf", transport: "ebpf" };

function given(maxBytes = 250) {
  const host = testHost("ebpf");
  const next = givenNext();
  const sending = createSending({ host, signal: "traces", consumer: next, maxBytes });
  return {
    next,
    sending,
    accepted: () => host.metric("otelcol_receiver_accepted_spans", labels),
    refused: () => host.metric("otelcol_receiver_refused_spans", labels),
  };
}

test("what is accepted is counted, and makes room", async () => {
  const { next, sending, accepted: taken, refused } = given();
  sending.send(request);
  await eventually(() => taken() === 3, { what: "the count" });
  expect([refused(), sending.bytes(), next.taken.length]).toEqual([0, 0, 1]);
});

test("what is to be sent again is sent again, with the same bytes", async () => {
  const { next, sending, accepted: taken } = given();
  next.answers(() => (next.taken.length < 3 ? { status: "retry", cause, afterMs: 1 } : accepted));
  sending.send(request);
  await eventually(() => taken() === 3, { what: "the third attempt" });
  expect(next.taken.map(({ batch }) => batch.bytes === request.bytes)).toEqual([true, true, true]);
});

test("what is refused for good is counted, as far as it is", async () => {
  const { next, sending, accepted: taken, refused } = given();
  next.answers(() => ({ status: "rejected", cause, items: 1 }));
  sending.send(request);
  await eventually(() => refused() === 1, { what: "the count" });
  expect(taken()).toBe(2);
});

test("more than may be on its way is not taken", async () => {
  const { next, sending, refused } = given();
  next.answers(undefined);
  expect([1, 2, 3].map(() => sending.send(request))).toEqual([true, true, false]);
  expect(refused()).toBe(3);
  for (const one of next.taken) one.answer(accepted);
  await eventually(() => sending.bytes() === 0, { what: "room" });
  expect(sending.send(request)).toBe(true);
});

test("its stop waits for answers, tries once more what waits, and is cut by its limit", async () => {
  const { next, sending, accepted: taken, refused } = given();
  next.answers(() => ({ status: "retry", cause, afterMs: 60_000 }));
  sending.send(request);
  await eventually(() => next.taken.length === 1, { what: "the first attempt" });
  next.answers(() => accepted);
  await sending.stop(never);
  expect([taken(), refused()]).toEqual([3, 0]);
  expect(sending.send(request)).toBe(false);

  const other = given();
  other.next.answers(undefined);
  other.sending.send(request);
  await other.sending.stop(AbortSignal.abort());
  expect([other.accepted(), other.refused()]).toEqual([0, 3]);
});
