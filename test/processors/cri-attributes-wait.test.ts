import { describe, expect, test } from "vitest";
import type { Directory } from "../../src/containers/directory.ts";
import { whole } from "../../src/otlp/rope/rope.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch, Delivery } from "../../src/pipeline/contract.ts";
import { criAttributesProcessor } from "../../src/processors/cri-attributes/cri-attributes.ts";
import { encode, field } from "../otlp/wire.ts";
import { newId } from "../support/cri/answers.ts";
import { eventually } from "../support/eventually.ts";
import { settled } from "./given-next.ts";
import { given, never, pay, refused, unknown, web } from "./given-web.ts";
import { item, logs, resourcesOf, traces } from "./telemetry.ts";

describe("the wait for a container", () => {
  const top = encode([field(17, "of the request itself")]);
  const mixed = (late: string): Batch => {
    const batch = traces(
      { attributes: { "container.id": web }, items: [item("known")] },
      { attributes: {}, items: [item("also", pay), item("late", late)] },
    );
    return { ...batch, bytes: Buffer.concat([whole(batch.bytes), top]) };
  };

  test("holds no record of a known one, ends when the container is there, and what is said at the end is one answer", async () => {
    const { consume, next, server, host } = await given({ wait: "15s" });
    const late = newId();
    let delivery: Delivery | undefined;
    void consume(mixed(late)).then((told) => (delivery = told));
    await settled();
    expect(next.taken.map(({ batch }) => batch.items)).toEqual([2]);
    expect(host.metric("podstamp_waiting_bytes")).toBe(mixed(late).bytes.length);
    server.addPod({ name: "late-1", namespace: "shop", containers: [{ id: late, name: "late" }] });
    await eventually(() => next.taken.length === 2, { what: "the second piece" });
    await eventually(() => delivery !== undefined, { what: "the answer" });
    expect(delivery).toEqual(accepted);
    const pods = next.taken
      .flatMap(({ batch }) => resourcesOf(batch))
      .map(({ attributes }) => attributes["k8s.pod.name"]);
    expect(pods).toEqual(["web-1", "pay-1", "late-1"]);
    expect(host.metric("podstamp_waiting_bytes")).toBe(0);
    expect(host.metric("podstamp_waits", { outcome: "found" })).toBe(1);
  });

  test("holds what is listed for its details only, not for the unknown ones of the same request", async () => {
    const { consume, next, server, host } = await given({ wait: "15s" });
    const directory = [...host.shared.values()][0] as Directory;
    server.slow("ContainerStatus", 300);
    const fresh = newId();
    server.addPod({ name: "fresh-1", namespace: "shop", containers: [{ id: fresh, name: "fresh" }] });
    await eventually(() => directory.find({ id: fresh, mayBePrefix: false }).status === "found", { what: "the list" });
    const giving = new AbortController();
    const consuming = consume(
      traces({ attributes: {}, items: [item("fresh", fresh), item("late", unknown)] }),
      giving.signal,
    );
    await eventually(() => next.taken.length === 1, { what: "the listed one's piece" });
    expect(
      next.taken.flatMap(({ batch }) => resourcesOf(batch)).map(({ attributes }) => attributes["k8s.pod.name"]),
    ).toEqual(["fresh-1"]);
    giving.abort();
    expect(await consuming).toMatchObject({ status: "retry" });
  });

  test("takes nothing from the request that belongs to no resource: it goes with the first piece", async () => {
    const { consume, next } = await given();
    await consume(mixed(unknown));
    const bytes = next.taken.map(({ batch }) => Buffer.from(whole(batch.bytes)));
    expect(bytes.map((each) => each.indexOf(top) >= 0)).toEqual([true, false]);
  });

  test("tells how many items of which piece were refused", async () => {
    const { consume, next } = await given();
    next.answers((batch) => (batch.items === 2 ? refused : accepted));
    expect(await consume(mixed(unknown))).toMatchObject({ status: "rejected", items: 2 });
    next.answers((batch) => (batch.items === 1 ? { ...refused, items: 1 } : accepted));
    expect(await consume(mixed(newId()))).toMatchObject({ status: "rejected", items: 1 });
    next.answers(() => refused);
    expect(await consume(mixed(newId()))).toEqual(refused);
  });

  test("gives the whole back when one piece is to be sent again", async () => {
    const { consume, next } = await given();
    next.answers((batch) =>
      batch.items === 1 ? { status: "retry", cause: new Error("later"), afterMs: 50 } : accepted,
    );
    expect(await consume(mixed(unknown))).toMatchObject({ status: "retry", afterMs: 50 });
  });

  test("inline holds the resource as a whole, and the others not", async () => {
    const { consume, next } = await given({ record_attributes: "inline", wait: "15s" });
    const giving = new AbortController();
    const consuming = consume(mixed(unknown), giving.signal);
    await settled();
    expect(next.taken.map(({ batch }) => resourcesOf(batch).map(({ items }) => items.map(({ name }) => name)))).toEqual(
      [[["known"]]],
    );
    giving.abort();
    expect(await consuming).toMatchObject({ status: "retry" });
  });

  test("ends when the caller hangs up, and what was held goes nowhere", async () => {
    const { consume, next, host } = await given({ wait: "15s" });
    const giving = new AbortController();
    const consuming = consume(traces({ attributes: { "container.id": unknown }, items: [item("a")] }), giving.signal);
    giving.abort();
    expect(await consuming).toMatchObject({ status: "retry" });
    expect(
      await consume(traces({ attributes: { "container.id": newId() }, items: [item("a")] }), AbortSignal.abort()),
    ).toMatchObject({ status: "retry" });
    expect(next.taken).toEqual([]);
    expect(host.metric("podstamp_waiting_bytes")).toBe(0);
  });

  test("ends in time before the caller's deadline", async () => {
    const { consume, next, unstamped } = await given({ wait: "1m" });
    const since = performance.now();
    const until = (ms: number) => ({
      ...traces({ attributes: { "container.id": newId() }, items: [item("a")] }),
      deadline: Date.now() + ms,
    });
    expect(await Promise.all([until(1500), until(100), until(-1)].map((batch) => consume(batch)))).toEqual([
      accepted,
      accepted,
      accepted,
    ]);
    expect(performance.now() - since).toBeLessThan(15_000);
    expect(next.taken).toHaveLength(3);
    // In that time the runtime said that it does not know the first one.
    expect([unstamped("not_found"), unstamped("timeout")]).toEqual([1, 2]);
  });

  test("holds no more than its limit, of all signals together: what is above it passes at once", async () => {
    const { consume, next, unstamped, host, server } = await given({ wait: "15s", max_waiting_mib: 1 });
    const padding = { "container.id": unknown, padding: "x".repeat(600_000) };
    const giving = new AbortController();
    const held = consume(traces({ attributes: padding, items: [item("a")] }), giving.signal);
    const settings = { runtimes: [{ type: "cri", endpoint: server.endpoint }], wait: "15s", max_waiting_mib: 1 };
    const other = criAttributesProcessor.create(criAttributesProcessor.schema.parse(settings), host, next);
    await other.consume(
      logs(
        { attributes: padding, items: [item("b"), item("c")] },
        { attributes: { "container.id": web }, items: [item("d")] },
      ),
      never,
    );
    expect(
      next.taken.map(({ batch }) => resourcesOf(batch).map(({ attributes }) => attributes["k8s.pod.name"])),
    ).toEqual([[undefined, "web-1"]]);
    expect(unstamped("waiting_cap")).toBe(2);
    giving.abort();
    await held;
  });

  test("is busy time for whoever stands before", async () => {
    const { consume, processor } = await given({ wait: "15s" });
    expect(processor.whenIdle()).toBeUndefined();
    const giving = new AbortController();
    const consuming = consume(traces({ attributes: { "container.id": unknown }, items: [item("a")] }), giving.signal);
    expect(processor.whenIdle()).toBeInstanceOf(Promise);
    giving.abort();
    await consuming;
    expect(processor.whenIdle()).toBeUndefined();
  });
});
