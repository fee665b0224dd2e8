import { LRUCache } from "lru-cache";
import type { Runtime } from "../runtimes/facts.ts";

/** What runtimes have said to be gone: several may know one ID, and lose it one after the other. */
export type Gone = {
  add(id: string, runtime: Runtime): void;
  delete(id: string, runtime: Runtime): void;
  has(id: string, runtime: Runtime): boolean;
  /** As has(), in view of an answer of the runtime that it was asked for at `askedAt` (performance.now()) and that has the ID in it. */
  hasSince(id: string, runtime: Runtime, askedAt: number): boolean;
};

/** IDs are hardly ever used again: one that is gone is not put back by a list that was made before. */
const maxGone = 20_000;

/** A runtime may tell of the end before it has cleared up; one that is listed so long after its end has not ended: the event was old, or wrong. */
const believedMs = 2000;

export function createGone(): Gone {
  const times = new LRUCache<string, number>({ max: maxGone });
  const key = (id: string, { identity }: Runtime) => `${identity.endpoint} ${id}`;
  return {
    add: (id, runtime) => void times.set(key(id, runtime), performance.now()),
    delete: (id, runtime) => void times.delete(key(id, runtime)),
    has: (id, runtime) => times.size > 0 && times.has(key(id, runtime)),
    hasSince(id, runtime, askedAt) {
      const time = times.size > 0 ? times.get(key(id, runtime)) : undefined;
      if (time === undefined) return false;
      if (askedAt - time < believedMs) return true;
      times.delete(key(id, runtime));
      return false;
    },
  };
}
