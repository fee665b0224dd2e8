import { setTimeout as sleep } from "node:timers/promises";
import type { Node } from "./cluster.ts";
import { eventually } from "../eventually.ts";
import type { Pod } from "./kubelet.ts";
import { createLedger, type Tally } from "../otlp/ledger.ts";
import type { Agent } from "../agent/podstamp.ts";
import type { Sender } from "../otlp/sender.ts";
import type { Sink } from "../otlp/sink.ts";

export type ChurnOptions = {
  readonly node: Node;
  readonly agent: Agent;
  readonly sender: Sender;
  /** To a podstamp that asks no runtime, for comparison. */
  readonly control: Sender;
  readonly sink: Sink;
  /** Pulled before. */
  readonly image: string;
  readonly containers: number;
};

/** What became of the spans, and how long those of a container that was there all the time took to be acknowledged meanwhile, in ms: through podstamp, and in turn through one that only passes them. */
export type ChurnFigures = { readonly tally: Tally; readonly known: Quantiles; readonly passed: Quantiles };
type Quantiles = { readonly p50: number; readonly p99: number };

const podCount = 15;
const parallel = 6;
const shortly = ["/bin/sleep", "0.05"];

/** Makes so many real containers, six at a time, every third of which lives for 50 ms and is removed then; each sends a span when it is made, when it runs, and when it is gone. */
export async function churn(options: ChurnOptions): Promise<ChurnFigures> {
  const { node, agent, sender, control, sink, image } = options;
  const { kubelet } = node;
  const ledger = createLedger();
  const pods: Pod[] = [];
  for (let i = 0; i < podCount; i++) pods.push(await kubelet.runPod({ name: `churn-${i}`, namespace: "shop" }));
  const [home] = pods;
  if (home === undefined) throw new Error("Cannot churn: there must be a pod");
  const steady = await kubelet.run(home, { name: "steady", image });
  await sender.spanOf(steady, "warm");
  const send = async (pod: Pod, container: { id: string; name: string }, when: string) => {
    const name = `${container.name} ${when}`;
    ledger.expect(name, { pod: pod.name, container: container.name, id: container.id });
    await sender.spanOf(container.id, name);
  };
  const live = async (i: number) => {
    const pod = pods[i % pods.length] ?? home;
    const isShort = i % 3 === 0;
    const name = `c-${i}`;
    const id = await kubelet.create(pod, { name, image, ...(isShort ? { command: shortly } : {}) });
    const container = { id, name };
    const made = send(pod, container, "made");
    await kubelet.start(id);
    await Promise.all([made, send(pod, container, "running")]);
    if (isShort) await sleep(50);
    await kubelet.stop(id);
    // It may not have noticed the end yet.
    await eventually(() => kubelet.remove(id).then(() => true), { what: "that the container is removed" });
    await send(pod, container, "gone");
  };
  let next = 0;
  const work = async () => {
    for (let i = next++; i < options.containers; i = next++) await live(i);
  };
  let isBusy = true;
  const probing = probe([sender, control], steady, () => isBusy);
  probing.catch(() => {}); // whoever waits for it below is told
  await Promise.all(Array.from({ length: parallel }, work)).finally(() => (isBusy = false));
  const [known = [], passed = []] = await probing;
  await eventually(() => ledger.tally(sink.received()).missing === 0, { what: "all spans", timeoutMs: 30_000 });
  if (agent.hasExited()) throw new Error(`Cannot churn: podstamp ended\n${agent.log()}`);
  return { tally: ledger.tally(sink.received()), known: quantiles(known), passed: quantiles(passed) };
}

/** A line about the figures. */
export function churnSaid({ tally, known, passed }: ChurnFigures): string {
  const ms = ({ p50, p99 }: Quantiles) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  const { right, podOnly, unstamped, wrong } = tally;
  return (
    `${right} spans right, ${podOnly} with their pod only, ${unstamped} unstamped, ${wrong} wrong; ` +
    `a known container's took ${ms(known)} meanwhile, without cri_attributes ${ms(passed)}`
  );
}

const probeMs = 10;

/** Sends span after span of one container through each in turn for as long as it is told, and gives how long each took. */
async function probe(
  senders: readonly Sender[],
  container: string,
  goesOn: () => boolean,
): Promise<readonly (readonly number[])[]> {
  const took = senders.map((): number[] => []);
  do {
    for (const [index, sender] of senders.entries()) {
      const since = performance.now();
      await sender.spanOf(container, "probe");
      took[index]?.push(performance.now() - since);
      await sleep(probeMs);
    }
  } while (goesOn());
  return took;
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
