import { describe, expect, onTestFinished, test } from "vitest";
import { components } from "../../src/components.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Delivery, Exporter } from "../../src/pipeline/contract.ts";
import type { ReceiverFactory } from "../../src/pipeline/graph/factory.ts";
import { givenNext, settled } from "../processors/given-next.ts";
import type { Next } from "../processors/given-next.ts";
import { eventually } from "../support/eventually.ts";
import { givenExporter, givenProcessor, make, never } from "./given.ts";
import { watchHandles } from "./handles.ts";
import { keepers, minimalOf, processing, senders, settingsOf, signalsOf } from "./minimal.ts";
import type { Protocol } from "./minimal.ts";
import { lendBackend, sendTo } from "./peers.ts";
import { requestOf } from "./requests.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

/** Whether a promise has been settled by now. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol("open");
  for (let turn = 0; turn < 5; turn++) await settled();
  return (await Promise.race([promise, Promise.resolve(open)])) === open;
}

const cause = new Error("told");

describe.each(processing)("processor $type with $signal", ({ factory, signal }) => {
  test("says accepted only when the next one has said so", async () => {
    const { processor, next } = await givenProcessor(factory);
    next.answers(undefined);
    const delivery = processor.consume(requestOf(signal), never);
    await eventually(() => next.taken.length === 1, { what: "the batch at the next one" });
    expect(await isPending(delivery)).toBe(true);
    next.taken[0]?.answer(accepted);
    expect(await delivery).toMatchObject(accepted);
  });

  test("hands on as many items as it was given, of the same signal", async () => {
    const { processor, next } = await givenProcessor(factory);
    await processor.consume(requestOf(signal), never);
    expect(next.taken.map(({ batch }) => [batch.signal, batch.items])).toEqual([[signal, 1]]);
  });

  test.each<Delivery>([
    { status: "retry", cause },
    { status: "retry", cause, afterMs: 1234 },
    { status: "rejected", cause },
    { status: "rejected", cause, items: 1 },
  ])("passes on what the next one says: %o", async (said) => {
    const { processor, next } = await givenProcessor(factory);
    next.answers(() => said);
    expect(await processor.consume(requestOf(signal), never)).toEqual(said);
  });

  test("lets nobody wait who hung up, and tells the next one", async () => {
    const { processor, next } = await givenProcessor(factory);
    next.answers(undefined);
    const caller = new AbortController();
    const delivery = processor.consume(requestOf(signal), caller.signal);
    await eventually(() => next.taken.length === 1, { what: "the batch at the next one" });
    const [taken] = next.taken;
    taken?.signal.addEventListener("abort", () => taken.answer({ status: "retry", cause }), { once: true });
    caller.abort();
    expect((await delivery).status).toBe("retry");
    expect(taken?.signal.aborted).toBe(true);
  });

  test("is idle when nothing is in it or behind it, and only then", async () => {
    const { processor, next } = await givenProcessor(factory);
    expect(processor.whenIdle()).toBeUndefined();
    next.answers(undefined);
    const delivery = processor.consume(requestOf(signal), never);
    await eventually(() => next.taken.length === 1, { what: "the batch at the next one" });
    const idle = processor.whenIdle();
    expect(idle).toBeInstanceOf(Promise);
    next.taken[0]?.answer(accepted);
    await Promise.all([delivery, idle]);
    expect(processor.whenIdle()).toBeUndefined();
  });

  test("does not change the bytes that it was given", async () => {
    const { processor } = await givenProcessor(factory);
    const batch = requestOf(signal);
    const before = Buffer.from(whole(batch.bytes));
    await processor.consume(batch, never);
    expect(before.equals(whole(batch.bytes))).toBe(true);
  });
});

const sending = senders.flatMap((factory) =>
  signalsOf(factory).map((signal) => ({ type: factory.type, signal, factory })),
);

async function givenSender(factory: (typeof senders)[number]) {
  const { sending: how } = minimalOf(factory);
  const backend = await lendBackend(how?.protocol ?? "grpc");
  const given = await givenExporter(factory, how?.settings(backend.endpoint) ?? {});
  return { ...given, backend };
}

describe.each(sending)("exporter $type with $signal", ({ factory, signal }) => {
  test("says accepted only when the backend has said so, and is idle only then", async () => {
    const { exporter, backend } = await givenSender(factory);
    expect(exporter.whenIdle()).toBeUndefined();
    const delivery = exporter.consume(requestOf(signal), never);
    await eventually(() => backend.waiting() === 1, { what: "the request at the backend" });
    expect(await isPending(delivery)).toBe(true);
    const idle = exporter.whenIdle();
    expect(idle).toBeInstanceOf(Promise);
    backend.answers("accepted");
    expect(await delivery).toMatchObject(accepted);
    await idle;
    expect(exporter.whenIdle()).toBeUndefined();
  });

  test.each(["retry", "rejected"] as const)("passes on that the backend says %s", async (word) => {
    const { exporter, backend } = await givenSender(factory);
    backend.answers(word);
    const delivery = await exporter.consume(requestOf(signal), never);
    expect(delivery.status).toBe(word);
  });

  test("lets nobody wait who hung up", async () => {
    const { exporter, backend } = await givenSender(factory);
    const caller = new AbortController();
    const delivery = exporter.consume(requestOf(signal), caller.signal);
    await eventually(() => backend.waiting() === 1, { what: "the request at the backend" });
    caller.abort();
    expect((await delivery).status).toBe("retry");
  });
});

describe.each(senders)("exporter $type", (factory) => {
  test("takes nothing before its start and behind its stop, and says that it may be sent again", async () => {
    const { sending: how } = minimalOf(factory);
    const backend = await lendBackend(how?.protocol ?? "grpc");
    backend.answers("accepted");
    const made = make(factory, how?.settings(backend.endpoint) ?? {}, givenNext());
    const exporter = made.component as Exporter;
    const status = async () => (await exporter.consume(requestOf("traces"), never)).status;
    expect(await status()).toBe("retry");
    await made.start();
    expect(await status()).toBe("accepted");
    await made.stop();
    expect(await status()).toBe("retry");
  });

  test("with a backend that is not there says that it may be sent again", async () => {
    const { sending: how } = minimalOf(factory);
    const { exporter } = await givenExporter(factory, how?.settings("127.0.0.1:1") ?? {});
    expect((await exporter.consume(requestOf("traces"), never)).status).toBe("retry");
  });

  test("with its queue delivers at its stop what it has said accepted to, and leaves nothing open", async () => {
    const handles = watchHandles();
    onTestFinished(() => handles.end());
    const { sending: how } = minimalOf(factory);
    const backend = await lendBackend(how?.protocol ?? "grpc");
    const before = handles.open();
    const { sending_queue: _, ...queued } = { sending_queue: {}, ...how?.settings(backend.endpoint) };
    const { exporter, made } = await givenExporter(factory, queued);
    expect(await exporter.consume(requestOf("traces"), never)).toMatchObject(accepted);
    const stopped = made.stop();
    await eventually(() => backend.waiting() === 1, { what: "the request at the backend" });
    expect(await isPending(stopped)).toBe(true);
    backend.answers("accepted");
    await stopped;
    const own = () => handles.open().filter((handle) => handle.includes("/src/") && !before.includes(handle));
    await eventually(() => own().length === 0, { what: "the end of all handles" }).catch(() => {});
    expect(own()).toEqual([]);
  });
});

describe.each(keepers)("exporter $type", (factory) => {
  test.each(signalsOf(factory))("takes %s itself", async (signal) => {
    const { exporter } = await givenExporter(factory, settingsOf(factory));
    expect(await exporter.consume(requestOf(signal), never)).toMatchObject(accepted);
    await exporter.whenIdle();
    expect(exporter.whenIdle()).toBeUndefined();
  });
});

const doors = components.receivers.flatMap((factory) =>
  Object.entries(minimalOf(factory).doors?.listening ?? {}).flatMap(([protocol, listening]) =>
    signalsOf(factory).map((signal) => ({
      type: factory.type,
      protocol: protocol as Protocol,
      listening,
      signal,
      factory,
    })),
  ),
);

async function givenReceiver(factory: ReceiverFactory<unknown>, listening: string) {
  const next: Next = givenNext();
  const made = make(factory, minimalOf(factory).doors?.settings() ?? {}, next);
  await made.start();
  onTestFinished(() => made.stop(AbortSignal.abort()));
  const logged = made.host.logged.find(({ message }) => message === listening);
  return { next, made, endpoint: String(logged?.fields["endpoint"]) };
}

describe.each(doors)("receiver $type over $protocol with $signal", ({ factory, protocol, listening, signal }) => {
  test("tells the client that it is accepted only when the next one has said so", async () => {
    const { next, endpoint } = await givenReceiver(factory, listening);
    next.answers(undefined);
    const told = sendTo(protocol, endpoint, requestOf(signal));
    await eventually(() => next.taken.length === 1, { what: "the batch at the next one" });
    expect(await isPending(told)).toBe(true);
    next.taken[0]?.answer(accepted);
    expect(await told).toBe("accepted");
    expect(next.taken.map(({ batch }) => [batch.signal, batch.items])).toEqual([[signal, 1]]);
  });

  test.each(["retry", "rejected"] as const)("tells the client that the next one says %s", async (status) => {
    const { next, endpoint } = await givenReceiver(factory, listening);
    next.answers(() => ({ status, cause }));
    expect(await sendTo(protocol, endpoint, requestOf(signal))).toBe(status);
  });

  test("tells the client to come back while memory is short, and takes again behind that", async () => {
    const { next, made, endpoint } = await givenReceiver(factory, listening);
    made.host.gate.set(made, true);
    expect(await sendTo(protocol, endpoint, requestOf(signal))).toBe("retry");
    expect(next.taken).toEqual([]);
    made.host.gate.set(made, false);
    expect(await sendTo(protocol, endpoint, requestOf(signal))).toBe("accepted");
  });

  test("tells the next one that the client hung up", async () => {
    const { next, endpoint } = await givenReceiver(factory, listening);
    next.answers(undefined);
    const client = new AbortController();
    void sendTo(protocol, endpoint, requestOf(signal), client.signal);
    await eventually(() => next.taken.length === 1, { what: "the batch at the next one" });
    client.abort();
    await eventually(() => next.taken[0]?.signal.aborted, { what: "the end of the call at the next one" });
    next.taken[0]?.answer({ status: "retry", cause });
  });

  test("answers at its stop whom it has let in, and takes no other", async () => {
    const { next, made, endpoint } = await givenReceiver(factory, listening);
    next.answers(undefined);
    const told = sendTo(protocol, endpoint, requestOf(signal));
    await eventually(() => next.taken.length === 1, { what: "the batch at the next one" });
    const stopped = made.stop();
    expect(await isPending(stopped)).toBe(true);
    next.taken[0]?.answer(accepted);
    expect(await told).toBe("accepted");
    await stopped;
    expect(await sendTo(protocol, endpoint, requestOf(signal))).not.toBe("accepted");
    expect(next.taken).toHaveLength(1);
  });
});
