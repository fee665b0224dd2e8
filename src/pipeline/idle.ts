/** Counts what is under way and tells when nothing is. */
export type Idle = {
  enter(): void;
  leave(): void;
  /** Undefined when nothing is under way, else a promise of the moment when that is so. */
  whenIdle(): Promise<void> | undefined;
};

/** Nothing is under way yet. */
export function createIdle(): Idle {
  let count = 0;
  let waiting: PromiseWithResolvers<void> | undefined;
  return {
    enter: () => {
      count++;
    },
    leave: () => {
      count--;
      if (count > 0 || waiting === undefined) return;
      waiting.resolve();
      waiting = undefined;
    },
    whenIdle: () => {
      if (count === 0) return undefined;
      waiting ??= Promise.withResolvers<void>();
      return waiting.promise;
    },
  };
}
