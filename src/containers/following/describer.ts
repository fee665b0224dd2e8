export type DescriberOptions = {
  /** Asks the runtime for all that it knows about the entry. Never rejects. */
  readonly describe: (id: string) => Promise<void>;
};

/** Fetches details: ahead in the background for all, first for those whose data has arrived. */
export type Describer = {
  /** Puts an entry at the end of the queue. */
  want(id: string): void;
  /** Fetches an entry's details before those that wait in the background; shared by all who ask. */
  now(id: string): Promise<void>;
  /** Whether nothing is wanted. */
  isIdle(): boolean;
  stop(): void;
};

/** Fetches at once: less than the calls that a runtime is given at a time, so that a list never stands behind them. */
const maxWorkers = 3;

export function createDescriber({ describe }: DescriberOptions): Describer {
  const background = new Set<string>();
  const urgent = new Map<string, PromiseWithResolvers<void>>();
  const running = new Map<string, Promise<void>>();
  let workers = 0;
  let isStopped = false;

  const next = (): string | undefined => {
    const [first] = urgent.size > 0 ? urgent.keys() : background;
    return isStopped ? undefined : first;
  };

  const fetch = async (id: string): Promise<void> => {
    background.delete(id);
    const awaited = urgent.get(id);
    urgent.delete(id);
    const fetching = describe(id);
    running.set(id, fetching);
    await fetching;
    running.delete(id);
    awaited?.resolve();
  };

  const work = async () => {
    workers++;
    await Promise.resolve(); // whoever wants something does so in the middle of a change
    for (let id = next(); id !== undefined; id = next()) await fetch(id);
    workers--;
  };

  const start = () => {
    if (workers < maxWorkers) void work(); // describe never rejects
  };

  return {
    want(id) {
      if (isStopped) return;
      background.add(id);
      start();
    },
    now(id) {
      if (isStopped) return Promise.resolve();
      const shared = running.get(id) ?? urgent.get(id)?.promise;
      if (shared !== undefined) return shared;
      const awaited = Promise.withResolvers<void>();
      urgent.set(id, awaited);
      start();
      return awaited.promise;
    },
    isIdle: () => background.size + urgent.size + running.size === 0,
    stop() {
      isStopped = true;
      background.clear();
      for (const { resolve } of urgent.values()) resolve();
      urgent.clear();
    },
  };
}
