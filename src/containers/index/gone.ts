import type { Runtime } from "../../runtimes/facts.ts";

/** What runtimes have said to be gone: several may know one ID, and lose it one after the other. */
export type Gone = {
  add(id: string, runtime: Runtime): void;
  delete(id: string, runtime: Runtime): void;
  has(id: string, runtime: Runtime): boolean;
  /** As has(), in view of an answer of the runtime that it was asked for at `askedAt` (performance.now()) and that has the ID in it. */
  hasSince(id: string, runtime: Runtime, askedAt: number): boolean;
  /** Forgets those that no answer can be from before any more. */
  purge(): void;
};

/** IDs are hardly ever used again: one that is gone is not put back by a list that was made before. */
const maxGone = 20_000;
/** No answer is on its way for so long. */
const keptMs = 300_000;

/** A runtime may tell of the end before it has cleared up; one that is listed so long after its end has not ended: the event was old, or wrong. */
const believedMs = 2000;

export function createGone(): Gone {
  /** The oldest first. */
  const times = new Map<string, number>();
  const key = (id: string, { identity }: Runtime) => `${identity.endpoint} ${id}`;
  const purge = () => {
    const oldest = performance.now() - keptMs;
    for (const [one, time] of times) {
      if (time > oldest && times.size <= maxGone) return;
      times.delete(one);
    }
  };
  return {
    add(id, runtime) {
      const one = key(id, runtime);
      times.delete(one);
      times.set(one, performance.now());
      purge();
    },
    delete: (id, runtime) => void times.delete(key(id, runtime)),
    has: (id, runtime) => times.size > 0 && times.has(key(id, runtime)),
    hasSince(id, runtime, askedAt) {
      const time = times.size > 0 ? times.get(key(id, runtime)) : undefined;
      if (time === undefined) return false;
      if (askedAt - time < believedMs) return true;
      times.delete(key(id, runtime));
      return false;
    },
    purge,
  };
}
