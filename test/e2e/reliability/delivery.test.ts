import { expect, test } from "vitest";
import { newId } from "../../support/cri/answers.ts";
import { eventually } from "../../support/eventually.ts";
import { lendAgent, lendRuntime, lendSender, lendSink } from "../../support/lend.ts";

const container = newId();
const pods = [{ name: "web-1", namespace: "shop", containers: [{ id: container, name: "web" }] }];
const named = (name: string) => (record: { name: string }) => record.name === name;
const quickRetry = "{initial_interval: 100ms, max_interval: 200ms}";

test("what is sent while the backend is down arrives when it is up again", async () => {
  const runtime = await lendRuntime({ pods });
  const gone = await lendSink();
  const agent = await lendAgent({
    runtime: runtime.endpoint,
    sink: gone.address,
    retry: quickRetry,
    processors: ["cri_attributes", "batch"],
  });
  const sender = lendSender(agent.grpc);
  await sender.spanOf(container, "before");
  await gone.waitFor(named("before"), "the span before");
  await gone.stop();
  for (let i = 0; i < 20; i++) await sender.spanOf(container, `during-${i}`);
  const back = await lendSink(gone.port);
  // The one before may come again: the backend had it, and may have gone before it could say so.
  const during = () => new Set(back.received().flatMap(({ name }) => (name === "before" ? [] : [name])));
  await eventually(() => during().size >= 20, { what: "20 spans at the backend that is back", timeoutMs: 20_000 });
  expect(during()).toEqual(new Set(Array.from({ length: 20 }, (_, i) => `during-${i}`)));
  expect(back.received().every(({ resource }) => resource["k8s.pod.name"] === "web-1")).toBe(true);
  expect(await agent.metric("otelcol_exporter_send_failed_spans")).toBe(0);
});

test("SIGTERM delivers what was acknowledged and still queued, then ends with 0", async () => {
  const runtime = await lendRuntime({ pods });
  const sink = await lendSink();
  await sink.delay(300);
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address });
  const sender = lendSender(agent.grpc);
  await Promise.all(Array.from({ length: 30 }, (_, i) => sender.spanOf(container, `span-${i}`)));
  agent.signal("SIGTERM");
  expect(await agent.exited).toEqual({ code: 0, signal: null });
  expect(new Set(sink.received().map(({ name }) => name)).size).toBe(30);
  expect(agent.log()).toMatch(/Stopped\. Everything that was taken was delivered/);
});

test("SIGTERM with a dead backend ends within the limit and says how much was lost", async () => {
  const runtime = await lendRuntime({ pods });
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address, retry: quickRetry });
  const sender = lendSender(agent.grpc);
  await sink.stop();
  await sender.traces([
    { resource: { "container.id": container }, records: [{ name: "a" }, { name: "b" }, { name: "c" }] },
  ]);
  agent.signal("SIGTERM");
  const exit = await agent.exited;
  expect(exit.signal).toBe(null);
  expect(agent.log()).toMatch(/\b3\b/);
  expect(agent.log()).toMatch(/lost|not delivered|dropped/i);
});

test("a span that the backend refuses for good takes no other client's spans along", async () => {
  const runtime = await lendRuntime({ pods });
  const sink = await lendSink();
  await sink.delay(100);
  await sink.fail({ code: 3, onlyName: "bad" });
  const agent = await lendAgent({
    runtime: runtime.endpoint,
    sink: sink.address,
    processors: ["cri_attributes", "batch"],
  });
  const sender = lendSender(agent.grpc);
  await sender.spanOf(container, "first");
  await Promise.allSettled(["good-1", "bad", "good-2", "good-3"].map((name) => sender.spanOf(container, name)));
  await eventually(() => ["good-1", "good-2", "good-3"].every((name) => sink.received().some(named(name))), {
    what: "all good spans",
  });
  expect(sink.received().some(named("bad"))).toBe(false);
});

test("RetryInfo is waited for before the same bytes are sent again", async () => {
  const runtime = await lendRuntime({ pods });
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address, retry: "{initial_interval: 10ms}" });
  const sender = lendSender(agent.grpc);
  await sink.fail({ code: 8, retryAfterMs: 1500, times: 1 });
  await sender.spanOf(container, "later");
  await eventually(() => sink.refused().length === 1, { what: "the refusal" });
  const refusedAt = performance.now();
  await sink.waitFor(named("later"), "the span");
  expect(performance.now() - refusedAt).toBeGreaterThan(1300);
  expect(sink.refused()).toEqual([8]);
});
