import { setTimeout as sleep } from "node:timers/promises";
import { startCriServer } from "../cri/server.ts";
import { newId } from "../cri/answers.ts";
import { createBackend } from "./backend.ts";
import { createLedger, startLoad, templateOf } from "./ledger.ts";
import type { Row } from "./ledger.ts";
import { sampled } from "./sampling.ts";
import type { Sample, Watch } from "./sampling.ts";
import { createSubject } from "./subject.ts";

export type Steady = { readonly row: Row; readonly samples: readonly Sample[]; readonly changes: number };

export type SteadyOptions = Watch & {
  readonly spansPerSecond: number;
  /** Containers that begin and end in a second. */
  readonly changesPerSecond: number;
  readonly program: string;
};

const spansPerRequest = 50;
const livingContainers = 100;

/** Days in the life of a node, in minutes: spans at a rate while containers come and go, with the queue on disk. */
export async function playSteady(options: SteadyOptions): Promise<Steady> {
  const { spansPerSecond, changesPerSecond, program } = options;
  const ledger = createLedger();
  const backend = await createBackend(ledger);
  await backend.up();
  const runtime = await startCriServer({ pods: [{ name: "web", namespace: "shop" }] });
  const wish = {
    backend: backend.address,
    processors: {
      // So that soon as many are forgotten as come.
      cri_attributes: `{runtimes: [{type: cri, endpoint: "${runtime.endpoint}"}], max_tombstones: 1000}`,
      batch: "{}",
    },
  };
  const subject = await createSubject(wish, { program });
  await subject.start();
  const living: { readonly pod: string; readonly container: string }[] = [];
  let changes = 0;
  const change = (): void => {
    const container = newId();
    const pod = runtime.addPod({
      name: `job-${changes++}`,
      namespace: "shop",
      containers: [{ id: container, name: "job" }],
    });
    living.push({ pod, container });
    const oldest = living.length > livingContainers ? living.shift() : undefined;
    if (oldest === undefined) return;
    runtime.exit(oldest.container);
    runtime.remove(oldest.container);
    runtime.remove(oldest.pod);
  };
  const load = startLoad(ledger, {
    address: subject.address,
    template: templateOf({ spans: spansPerRequest, bytes: 100, container: () => living.at(-1)?.container ?? "" }),
    requestsPerSecond: spansPerSecond / spansPerRequest,
    maxInFlight: 50,
  });
  const changing = setInterval(change, 1000 / changesPerSecond);
  try {
    const samples = await sampled(options, { subject, ledger });
    clearInterval(changing);
    await load.stop();
    for (let i = 0; i < 300 && ledger.missing() > 0; i++) await sleep(100);
    return { row: ledger.row(`${spansPerSecond} spans/s, ${changesPerSecond} container changes/s`), samples, changes };
  } finally {
    clearInterval(changing);
    await load.stop();
    await subject.clean();
    await runtime.close();
    backend.down();
  }
}
