/** A process as its exec told. */
export type Process = {
  /** When it was forked, in ns since boot, which tells it from a later one with its number. */
  readonly start: number;
  readonly name: string;
  readonly path: string;
  readonly parent: number;
  readonly user: number;
  readonly pidInside: number;
  readonly args: readonly string[];
};

/** A process that has ended; what its exec told is undefined where it never had one of its own. */
export type Ended = { readonly tgid: number; readonly process: Process | undefined; readonly time: number };

export type ProcessesOptions<E extends Ended> = {
  readonly max: number;
  /** An ended process is remembered no more. */
  readonly onForgotten: (ended: E) => void;
};

/**
 * What execs have told, by the numbers of processes. A number goes to another process some time after the end of the one that
 * had it, and that one, when it is forked and calls no exec, says nothing of itself.
 */
export type Processes<E extends Ended> = {
  get(tgid: number): Process | undefined;
  exec(tgid: number, process: Process): void;
  /** What is known under this number is of a process that began at another time: forgets it, and says whether it was. */
  isOfAnother(tgid: number, start: number): boolean;
  /** Remembers it for a while yet: its connections may end after it. */
  end(ended: E): void;
  /** Forgets those that ended long before `time` (ns). */
  expire(time: number): void;
};

/** The last records of a process come within this time of its end; its number is not used again so soon. */
const lingerNs = 10e9;
/** Ended processes that are remembered. */
const maxEnded = 32_768;

export function createProcesses<E extends Ended>({ max, onForgotten }: ProcessesOptions<E>): Processes<E> {
  const known = new Map<number, Process>();
  const ended = new Set<E>();

  const forget = (one: E): void => {
    ended.delete(one);
    if (known.get(one.tgid) === one.process) known.delete(one.tgid);
    onForgotten(one);
  };

  return {
    get: (tgid) => known.get(tgid),
    exec(tgid, process) {
      known.delete(tgid);
      const [oldest] = known.size < max ? [] : known.keys();
      if (oldest !== undefined) known.delete(oldest);
      known.set(tgid, process);
    },
    isOfAnother(tgid, start) {
      const process = known.get(tgid);
      if (process === undefined || process.start === start) return false;
      known.delete(tgid);
      return true;
    },
    end(one) {
      const [oldest] = ended.size < maxEnded ? [] : ended;
      if (oldest !== undefined) forget(oldest);
      ended.add(one);
    },
    expire(time) {
      for (const one of ended) {
        if (time - one.time < lingerNs) return;
        forget(one);
      }
    },
  };
}
