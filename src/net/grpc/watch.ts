import type { UnaryCall, UnaryHandler, UnaryReply } from "../transport.ts";
import { Code } from "../status.ts";
import type { Status } from "../status.ts";

type WatchOptions = {
  /** The message that tells a call how things stand; undefined where its request is none, with `problem` as the answer. */
  readonly tellerOf: (message: Buffer) => (() => Buffer) | undefined;
  readonly problem: Status;
};

/** More calls than that, which may last for ever, are nothing that a node's clients need. */
const maxWatchers = 1000;
/** How often is looked whether things stand otherwise. */
const lookMs = 500;

type Watcher = {
  readonly call: UnaryCall;
  readonly tell: () => Buffer;
  told: Buffer | undefined;
  end(status: Status): void;
};

const tooMany: Status = { code: Code.RESOURCE_EXHAUSTED, message: `Cannot watch: ${maxWatchers} calls do already` };
const leaving: Status = { code: Code.UNAVAILABLE, message: "The connection is being ended: watch on another one" };
const gone: Status = { code: Code.CANCELLED, message: "The caller hung up" };

/** A method that tells how things stand, at once and whenever they change, until the call or its connection ends. */
export function watching({ tellerOf, problem }: WatchOptions): UnaryHandler {
  const watchers = new Set<Watcher>();
  let timer: NodeJS.Timeout | undefined;

  const look = (watcher: Watcher): void => {
    if (watcher.call.isLeaving) return watcher.end(leaving);
    const now = watcher.tell();
    // Where the last message has not gone yet, what counts then is told later.
    if (now !== watcher.told && watcher.call.send(now)) watcher.told = now;
  };
  const lookAtAll = (): void => {
    for (const watcher of watchers) look(watcher);
  };

  return async (call) => {
    const tell = tellerOf(call.message);
    if (tell === undefined) return { status: problem };
    if (watchers.size >= maxWatchers) return { status: tooMany };
    return new Promise<UnaryReply>((resolve) => {
      const onAbort = (): void => watcher.end(gone);
      const watcher: Watcher = {
        call,
        tell,
        told: undefined,
        end(status) {
          watchers.delete(watcher);
          if (watchers.size === 0) clearInterval(timer);
          call.signal.removeEventListener("abort", onAbort);
          resolve({ status });
        },
      };
      if (watchers.size === 0) timer = setInterval(lookAtAll, lookMs).unref();
      watchers.add(watcher);
      call.signal.addEventListener("abort", onAbort, { once: true });
      look(watcher);
    });
  };
}
