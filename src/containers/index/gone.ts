import type { Runtime } from "../../runtimes/facts.ts";

/** What runtimes have said to be gone: several may know one ID, and lose it one after the other. */
export type Gone = {
  /** A question is put to a runtime now: what goes from now on is remembered until it ends, since its answer may have it still. */
  ask(): Question;
  add(id: string, runtime: Runtime): void;
  delete(id: string, runtime: Runtime): void;
  has(id: string, runtime: Runtime): boolean;
  /** As has(), in view of an answer of the runtime that it was asked for at `askedAt` (performance.now()) and that has the ID in it. */
  hasSince(id: string, runtime: Runtime, askedAt: number): boolean;
  /** Forgets those that no answer can be from before any more. */
  purge(): void;
};

/** When it was asked, as performance.now() has it; to be ended once its answer is there, or when none will come. */
export type Question = { readonly askedAt: number; end(): void };

/** IDs are hardly ever used again: one that is gone is not put back by a list that was made before. So many of each runtime. */
const maxGone = 20_000;
/** Hints are late, too: remembered for so long at least, and while a question is open that was asked before. How long one can be is up to `timeout`, and to how many calls it needs. */
const keptMs = 60_000;

/** A runtime may tell of the end before it has cleared up; one that is listed so long after its end has not ended: the event was old, or wrong. */
const believedMs = 2000;

export function createGone(): Gone {
  /** By endpoint, the oldest first; whole milliseconds, since each fraction is an object of its own to V8. */
  const endpoints = new Map<string, Map<string, number>>();
  /** Those that are open, the oldest first. */
  const questions = new Set<Question>();
  const timesOf = ({ identity }: Runtime) => endpoints.get(identity.endpoint);
  const now = () => Math.floor(performance.now());
  const purgeOne = (times: Map<string, number>) => {
    const [question] = questions;
    const oldest = Math.min(now() - keptMs, (question?.askedAt ?? Infinity) - believedMs);
    for (const [id, time] of times) {
      if (time >= oldest && times.size <= maxGone) return;
      times.delete(id);
    }
  };
  return {
    ask() {
      const question: Question = { askedAt: performance.now(), end: () => void questions.delete(question) };
      questions.add(question);
      return question;
    },
    add(id, runtime) {
      const times = timesOf(runtime) ?? new Map<string, number>();
      endpoints.set(runtime.identity.endpoint, times);
      times.delete(id);
      times.set(id, now());
      purgeOne(times);
    },
    delete: (id, runtime) => void timesOf(runtime)?.delete(id),
    has: (id, runtime) => timesOf(runtime)?.has(id) === true,
    hasSince(id, runtime, askedAt) {
      const times = timesOf(runtime);
      const time = times?.get(id);
      if (time === undefined) return false;
      if (askedAt - time < believedMs) return true;
      times?.delete(id);
      return false;
    },
    purge() {
      for (const [endpoint, times] of endpoints) {
        purgeOne(times);
        if (times.size === 0) endpoints.delete(endpoint);
      }
    },
  };
}
