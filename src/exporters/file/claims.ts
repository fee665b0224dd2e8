import { setTimeout as sleep } from "node:timers/promises";

/*
 * Which exporter of this process writes which file: two of them would tear each other's records. That is asked when one starts and not
 * when it is made, since a reload makes the new ones while the old ones still write.
 */

/** An exporter's hold on its file. */
export type Claim = {
  /** From now on another one that wants the file waits for its release. */
  leave(): void;
  release(): void;
};

type Held = { readonly owner: string; readonly released: PromiseWithResolvers<void>; isLeaving: boolean };

const held = new Map<string, Held>();
const written = new Set<string>();

/** Takes a file, once it is closed by an exporter that is just ending. Rejects when one that is not writes it. */
export async function claim(path: string, owner: string): Promise<Claim> {
  for (let other = held.get(path); other !== undefined; other = held.get(path)) {
    const isFree = other.isLeaving && (await isReleased(other));
    if (isFree) continue;
    throw new Error(`Cannot use path: must be a file of its own, is also that of exporters::${other.owner} (${path})`);
  }
  const own: Held = { owner, released: Promise.withResolvers(), isLeaving: false };
  held.set(path, own);
  written.add(path);
  return {
    leave() {
      own.isLeaving = true;
    },
    release() {
      if (held.get(path) === own) held.delete(path);
      own.released.resolve();
    },
  };
}

/** How long one that ends may hold up the start of the next: it may be writing into a pipe that nobody empties. */
const longestWaitMs = 3000;

async function isReleased({ released }: Held): Promise<boolean> {
  const waiting = new AbortController();
  const tooLong = sleep(longestWaitMs, false, { signal: waiting.signal }).catch(() => false);
  const isFree = await Promise.race([released.promise.then(() => true), tooLong]);
  waiting.abort();
  return isFree;
}

/** Whether this process has written the file: what is in it was acknowledged, and whoever starts anew must not throw it away. */
export function wasWritten(path: string): boolean {
  return written.has(path);
}
