import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../../support/cri/answers.ts";
import type { CriServer } from "../../support/cri/server.ts";
import { eventually } from "../../support/eventually.ts";
import { createLedger, type Owner, type Tally } from "../../support/otlp/ledger.ts";
import { lendAgent, lendRuntime, lendSender, lendSink } from "../../support/lend.ts";
import type { Attributes } from "../../support/otlp/plain.ts";

const image = "registry.example/shop/web:1.2";
const steadyPods = 185;
const waves = 30;
const perWave = 50;

/** The ways in which telemetry names its container, in turn. */
const names: readonly ((id: string, uid: string) => Attributes)[] = [
  (id) => ({ "container.id": id }),
  (id) => ({ "container.id": id.slice(0, 12) }),
  (id, uid) => ({ "process.linux.cgroup": `/kubepods/besteffort/pod${uid}/${id}` }),
];

test(
  "twenty thousand containers come and go: every span of one that the runtime knew is stamped right, and none wrong",
  { timeout: 300_000 },
  async () => {
    const steady = Array.from({ length: steadyPods }, (_, i) => ({
      id: newId(),
      name: `steady-${i}`,
      namespace: "shop",
      containers: Array.from({ length: 100 }, (_one, j) => ({ id: newId(), name: `c-${j}`, image })),
    }));
    const runtime = await lendRuntime({ pods: steady });
    const sink = await lendSink();
    const agent = await lendAgent({
      runtime: runtime.endpoint,
      sink: sink.address,
      wait: "10s",
      timeout: "30s",
      env: { NODE_OPTIONS: "--max-old-space-size=320" },
    });
    const sender = lendSender(agent.grpc);
    const ledger = createLedger();
    const sending: Promise<void>[] = [];
    const send = (name: string, resource: Attributes) =>
      sending.push(sender.traces([{ resource, records: [{ name }] }], 60_000));
    const known = () => agent.metric("podstamp_directory_entries", { kind: "container" });

    await eventually(async () => (await known()) === steadyPods * 100, { what: "all containers", timeoutMs: 60_000 });
    await eventually(() => runtime.calls("ContainerStatus") >= steadyPods * 100, {
      what: "the details of all containers",
      timeoutMs: 120_000,
      everyMs: 200,
    });
    const heap = () => agent.metric("otelcol_process_runtime_heap_alloc_bytes");
    const before = await heap();

    for (let wave = 0; wave < waves; wave++) {
      const pod = { id: newId(), uid: crypto.randomUUID(), name: `wave-${wave}`, namespace: "shop" };
      runtime.addPod(pod);
      for (let i = 0; i < perWave; i++) {
        const id = live(runtime, pod.id, i);
        const name = `${wave}-${i}`;
        ledger.expect(name, { pod: pod.name, container: `c-${i}`, id });
        const naming = names[i % names.length];
        if (naming !== undefined) send(name, naming(id, pod.uid));
      }
      const oldPod = steady[wave];
      const old = oldPod?.containers[wave];
      ledger.expect(`old-${wave}`, { pod: oldPod?.name ?? "", container: old?.name ?? "", id: old?.id ?? "" });
      send(`old-${wave}`, { "container.id": old?.id ?? "" });
      ledger.expect(`bogus-${wave}`, undefined);
      send(`bogus-${wave}`, { "container.id": newId() });
      await sleep(150);
      runtime.remove(old?.id ?? "");
    }
    await Promise.all(sending);
    await eventually(() => ledger.tally(sink.received()).missing === 0, { what: "all spans", timeoutMs: 30_000 });
    const wasAdmitted = (owner: Owner | undefined) => owner !== undefined && runtime.hasAdmitted(owner.id);
    const admitted = ledger.tally(sink.received(), wasAdmitted);
    const others = ledger.tally(sink.received(), (owner) => !wasAdmitted(owner));
    process.stdout.write(
      `churn: ${waves * perWave} containers came and went beside ${steadyPods * 100}; spans of those that the runtime ` +
        `listed: ${said(admitted)}; of those that it never listed or that never were: ${said(others)}\n`,
    );
    expect(admitted).toEqual({ right: admitted.right, podOnly: 0, unstamped: 0, wrong: 0, missing: 0 });
    expect(admitted.right).toBeGreaterThan(waves * 5);
    expect(others).toMatchObject({ right: 0, wrong: 0, missing: 0 });
    const reasons = ["not_found", "timeout"].map((reason) => agent.metric("podstamp_unstamped_items", { reason }));
    expect((await Promise.all(reasons)).reduce((sum, count) => sum + count, 0)).toBe(others.unstamped);

    await eventually(async () => (await known()) === steadyPods * 100 - waves, {
      what: "the level",
      timeoutMs: 30_000,
    });
    expect(await agent.metric("podstamp_directory_entries", { kind: "tombstone" })).toBeLessThanOrEqual(4096);
    // V8 collects when it must: in so little memory nothing that grows with what came and went would have fitted.
    process.stdout.write(`churn: heap ${megabytes(before)} before, ${megabytes(await heap())} after
`);
    expect(agent.hasExited()).toBe(false);
  },
);

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

const said = ({ right, podOnly, unstamped, wrong }: Tally) =>
  `${right} right, ${podOnly} with their pod only, ${unstamped} unstamped, ${wrong} wrong`;

/** A container of a kind of its own: told by its event, seen late, or gone after 50 ms. */
function live(runtime: CriServer, pod: string, i: number): string {
  const id = newId();
  const container = { id, name: `c-${i}`, image };
  const isShort = i % 5 === 0;
  const isSilent = i % 5 === 1;
  runtime.add(pod, container, { isSilent, visibleAfterMs: isShort ? 0 : (i % 4) * 40 });
  // On a busy machine it may not have appeared by then.
  const exits = setTimeout(() => runtime.hasContainer(id) && runtime.exit(id), isShort ? 50 : 2000);
  const goes = setTimeout(() => runtime.remove(id), isShort ? 400 : 4000);
  onTestFinished(() => {
    clearTimeout(exits);
    clearTimeout(goes);
  });
  return id;
}
