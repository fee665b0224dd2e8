import { setTimeout as sleep } from "node:timers/promises";
import { createBackend } from "./backend.ts";
import { createLedger, startLoad, templateOf } from "./ledger.ts";
import type { Row } from "./ledger.ts";
import { sampled } from "./sampling.ts";
import type { Sample, Watch } from "./sampling.ts";
import { createSubject } from "./subject.ts";

export type Stalled = { readonly row: Row; readonly samples: readonly Sample[] };

/** What stands between those who send and a backend that takes calls and answers none. */
export const stalledQueues = {
  "a queue in memory": "{queue_size: 500}",
  "no queue": "{enabled: false}",
} as const;

/** Long after podstamp has given a call up. */
const silenceMs = 20_000;
const settleMs = 30_000;

/** Load against a backend that stopped answering, for minutes; then it answers again, and what was acknowledged has to arrive. */
export async function playStalled(
  queue: keyof typeof stalledQueues,
  watch: Watch & { readonly program: string },
): Promise<Stalled> {
  const ledger = createLedger();
  const backend = await createBackend(ledger);
  backend.be(() => sleep(silenceMs, { code: 14, details: "too late" }, { ref: false }));
  await backend.up();
  const wish = {
    backend: backend.address,
    queue: stalledQueues[queue],
    // Held for longer than the five minutes after which a queue in memory gives up.
    retry: "{initial_interval: 50ms, max_interval: 200ms, max_elapsed_time: 0s}",
  };
  const subject = await createSubject(wish, watch);
  await subject.start();
  const load = startLoad(ledger, {
    address: subject.address,
    template: templateOf({ spans: 100, bytes: 400 }),
    requestsPerSecond: 200,
  });
  try {
    const samples = await sampled(watch, { subject, ledger });
    backend.be(undefined);
    await load.stop();
    for (const end = performance.now() + settleMs; ledger.missing() > 0 && performance.now() < end;) await sleep(100);
    return { row: ledger.row(`backend that answers nothing, ${queue}`), samples };
  } finally {
    await load.stop();
    await subject.clean();
    backend.down();
  }
}
