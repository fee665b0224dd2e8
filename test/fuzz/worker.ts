import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { inputOf, targets } from "./targets.ts";

/* Plays inputs until it is told to end: the number of each stands in shared memory before it is played, so that one that hangs is known. */

export type FuzzJob = {
  readonly names: readonly string[];
  readonly first: number;
  readonly step: number;
  readonly until: number;
  /** [target, number of the input, inputs so far, played now (1) or not, then the inputs of each target]. */
  readonly shared: SharedArrayBuffer;
};
export type Finding = { readonly target: string; readonly number: number; readonly problem: string };

const job = workerData as FuzzJob;
const shared = new Int32Array(job.shared);
const mine = targets.filter(({ name }) => job.names.length === 0 || job.names.includes(name));

/** So long it is one target's turn: those that are quick get more inputs. */
const turnMs = 10;
const numbers = mine.map(() => job.first);

for (let count = 0; Date.now() < job.until;) {
  for (const [index, target] of mine.entries()) {
    const end = performance.now() + turnMs;
    do {
      const number = numbers[index] ?? 0;
      numbers[index] = number + job.step;
      Atomics.store(shared, 0, index);
      Atomics.store(shared, 1, number);
      Atomics.store(shared, 3, 1);
      try {
        // Most answer at once; a promise for each would be a turn of the loop for each.
        const running = target.run(inputOf(target, number));
        if (running !== undefined) await running;
      } catch (error) {
        const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
        parentPort?.postMessage({ target: target.name, number, problem } satisfies Finding);
      }
      Atomics.store(shared, 2, ++count);
      Atomics.add(shared, 4 + index, 1);
    } while (performance.now() < end);
    // Node frees what belongs to a decompressor when the loop turns, however much has been collected.
    await nextTurn();
  }
}
for (const target of mine) await target.end?.();
