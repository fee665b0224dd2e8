import { setTimeout as sleep } from "node:timers/promises";
import { createBackend } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { createLedger, startLoad } from "./ledger.ts";
import type { Ledger, LoadOptions, Row } from "./ledger.ts";
import { createSubject } from "./subject.ts";
import type { Subject, Wish } from "./subject.ts";

/** Where a scenario is played: a sender, podstamp, a backend, and the books. */
export type Stage = {
  readonly ledger: Ledger;
  readonly backend: Backend;
  readonly subject: Subject;
  /** 1 in the short form; how much longer each part lasts. */
  readonly scale: number;
  /** Begins to send. */
  load(options?: Partial<LoadOptions>): ReturnType<typeof startLoad>;
  /** Lets this time pass, times the scale. */
  pass(ms: number): Promise<void>;
  /** Waits until everything that was acknowledged has arrived, or gives up: what is missing then is lost. */
  settle(patienceMs?: number): Promise<void>;
  /** To be done when the scenario is over, last first. */
  later(cleanup: () => Promise<unknown> | void): void;
};

export type Scenario = {
  readonly name: string;
  /** Why it cannot be played here; undefined when it can. */
  cannot?(): string | undefined;
  play(scale: number): Promise<Row>;
};

export type Play = {
  readonly name: string;
  cannot?(): string | undefined;
  wish?(stage: Pick<Stage, "backend">): Partial<Wish>;
  act(stage: Stage): Promise<void>;
};

const patience = 30_000;

/** A scenario that is played from the start of podstamp to the last span. */
export function scenario({ name, cannot, wish, act }: Play): Scenario {
  return {
    name,
    ...(cannot === undefined ? {} : { cannot }),
    async play(scale) {
      const cleanups: (() => Promise<unknown> | void)[] = [];
      const ledger = createLedger();
      const backend = await createBackend(ledger);
      cleanups.push(() => backend.down());
      const subject = await createSubject({ backend: backend.address, ...wish?.({ backend }) });
      cleanups.push(() => subject.clean());
      const stage: Stage = {
        ledger,
        backend,
        subject,
        scale,
        load(options = {}) {
          const load = startLoad(ledger, { address: subject.address, ...options });
          cleanups.push(() => load.stop());
          return load;
        },
        pass: (ms) => sleep(ms * scale),
        async settle(patienceMs = patience) {
          const end = performance.now() + patienceMs;
          while (ledger.missing() > 0 && performance.now() < end) await sleep(50);
        },
        later: (cleanup) => void cleanups.push(cleanup),
      };
      try {
        await act(stage);
        return ledger.row(name);
      } catch (error) {
        throw new Error(`Cannot play "${name}": podstamp wrote\n${subject.output().slice(-3000)}`, { cause: error });
      } finally {
        for (const cleanup of cleanups.toReversed()) await cleanup();
      }
    },
  };
}

/** The rows as lines of a table. */
export function tableOf(rows: readonly Row[]): string {
  const head = ["scenario", "sent", "acknowledged", "arrived", "lost", "duplicates"];
  const cells = [
    head,
    ...rows.map((row) => [row.scenario, row.sent, row.acknowledged, row.arrived, row.lost, row.duplicates].map(String)),
  ];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
}
