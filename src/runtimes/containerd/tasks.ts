import { Code } from "../../net/status.ts";
import { type Process, Status } from "../../proto/containerd/v1/types/task.ts";
import { CallError } from "../grpc/channel.ts";

export type TasksOptions = {
  /** Both are to answer within `taskMs`. */
  readonly list: (namespace: string, signal: AbortSignal) => Promise<readonly Process[]>;
  readonly get: (namespace: string, id: string, signal: AbortSignal) => Promise<Process | undefined>;
};

/** The tasks of containers. Never rejects: of one that is not told what was told last stands. */
export type Tasks = {
  /** Those of a namespace by their containers' IDs. */
  all(namespace: string, signal: AbortSignal): Promise<ReadonlyMap<string, Process>>;
  one(namespace: string, id: string, signal: AbortSignal): Promise<Process | undefined>;
  /** The container is gone: who is called so next is another one. */
  forget(namespace: string, id: string): void;
};

/** Tasks come from their shims, of which one may hang: neither pods nor other containers wait longer for what only they tell. */
export const taskMs = 500;

/** An answer that took so long lacks something: containerd leaves out, or does not know, what has not come in time. */
const wholeMs = 400;

/** So long they are not listed again after that. */
const silentMs = 30_000;

export function createTasks({ list, get }: TasksOptions): Tasks {
  const known = new Map<string, Map<string, Process>>();
  const silentUntil = new Map<string, number>();
  const none: ReadonlyMap<string, Process> = new Map();

  /** Nothing is kept of a namespace without tasks: there can be any number of them, one after the other. */
  const drop = (namespace: string, id: string): void => {
    const tasks = known.get(namespace);
    tasks?.delete(id);
    if (tasks?.size !== 0) return;
    known.delete(namespace);
    silentUntil.delete(namespace);
  };

  return {
    async all(namespace, signal) {
      const before = known.get(namespace) ?? none;
      const since = performance.now();
      if (since < (silentUntil.get(namespace) ?? 0)) return before;
      const told = await list(namespace, signal).catch(() => undefined);
      if (signal.aborted) return before;
      const isWhole = told !== undefined && performance.now() - since < wholeMs;
      if (isWhole) silentUntil.delete(namespace);
      else {
        for (const [name, until] of silentUntil) if (until <= since) silentUntil.delete(name);
        silentUntil.set(namespace, performance.now() + silentMs);
      }
      const now = new Map(isWhole ? none : before);
      for (const task of told ?? []) {
        // A task's own ID is its container's, which is left empty beside it.
        const id = task.containerId || task.id;
        now.set(id, latest(before.get(id), task));
      }
      if (now.size > 0) known.set(namespace, now);
      else known.delete(namespace);
      return now;
    },
    async one(namespace, id, signal) {
      const before = () => known.get(namespace)?.get(id);
      try {
        const task = await get(namespace, id, signal);
        if (task === undefined) return before();
        const now = latest(before(), task);
        known.set(namespace, (known.get(namespace) ?? new Map<string, Process>()).set(id, now));
        return now;
      } catch (error) {
        if (!isNotFound(error)) return before();
        drop(namespace, id);
        return undefined;
      }
    },
    forget: drop,
  };
}

/** Of a task whose shim does not answer containerd tells that there is one. */
function latest(before: Process | undefined, told: Process): Process {
  return told.status === Status.UNKNOWN ? (before ?? told) : told;
}

function isNotFound(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof CallError && cause.code === Code.NOT_FOUND;
}
