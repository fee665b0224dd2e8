export type DescriberOptions = {
  /** Asks the runtime for all that it knows about the entry. Never rejects. */
  readonly describe: (id: string) => Promise<void>;
};

/** Fetches details: ahead in the background for all, at once for the one whose data has arrived. */
export type Describer = {
  /** Puts an entry at the end of the queue. */
  want(id: string): void;
  /** Fetches an entry's details now; shared by all who ask. */
  now(id: string): Promise<void>;
  stop(): void;
};

/** Background fetches at once; the runtime's own limit of calls leaves room for the urgent ones. */
const inBackground = 2;

export function createDescriber({ describe }: DescriberOptions): Describer {
  const queue = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let workers = 0;
  let isStopped = false;

  const fetch = (id: string): Promise<void> => {
    const shared = running.get(id);
    if (shared !== undefined) return shared;
    queue.delete(id);
    const fetching = describe(id).finally(() => running.delete(id));
    running.set(id, fetching);
    return fetching;
  };

  const work = async () => {
    workers++;
    for (let next = queue.values().next(); next.done !== true && !isStopped; next = queue.values().next()) await fetch(next.value);
    workers--;
  };

  return {
    want(id) {
      if (isStopped) return;
      queue.add(id);
      if (workers < inBackground) void work(); // describe never rejects
    },
    now: (id) => (isStopped ? Promise.resolve() : fetch(id)),
    stop() {
      isStopped = true;
      queue.clear();
    },
  };
}
