import { connectionAge } from "../../transport.ts";
import type { ServerKeepalive } from "../../transport.ts";
import type { ServerConnection } from "./connection.ts";

type Kept = {
  readonly maxAgeMs: number;
  /** When a call was last seen on it, and when it last answered a ping. */
  calledAt: number;
  answeredAt: number;
  pingSent: number | undefined;
  /** Whether a ping has no answer yet, and what had come when it was to be answered anew. */
  isAsked: boolean;
  heardBefore: number;
  agedOut: number | undefined;
  written: number;
  stalledSince: number | undefined;
  /** A frame that was not complete when it was looked at, and since when. */
  unfinished: number | undefined;
  unfinishedSince: number;
};

type KeeperOptions = {
  readonly settings: ServerKeepalive;
  /** How long the first words may take to come, and ours may wait to be read. */
  readonly patienceMs: number;
  readonly onSlow: () => void;
  readonly onStalled: () => void;
  readonly onSweep: (now: number) => void;
};

/** How long a peer may take to answer our goodbye before its new streams are passed over. */
const goodbyeMs = 1000;

/** Looks after the connections of a server: first words, idle time, age, pings and peers that do not read, with one timer for all. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #connections = new Map<ServerConnection, Kept>();
  #timer: NodeJS.Timeout | undefined;
  #waiting: (() => void) | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  start(): void {
    const { settings, patienceMs } = this.#options;
    const { maxIdleMs, maxAgeMs, maxAgeGraceMs, pingMs, pingTimeoutMs } = settings;
    const shortest = Math.min(
      ...[maxIdleMs, maxAgeMs, maxAgeGraceMs, pingMs, pingTimeoutMs, patienceMs].filter((ms) => ms > 0),
    );
    this.#timer = setInterval(() => this.#sweep(), Math.min(1000, Math.max(50, shortest / 4)));
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const connection of this.#connections.keys()) connection.destroy();
  }

  add(connection: ServerConnection): void {
    this.#connections.set(connection, {
      maxAgeMs: connectionAge(this.#options.settings),
      calledAt: connection.born,
      answeredAt: connection.born,
      pingSent: undefined,
      isAsked: false,
      heardBefore: 0,
      agedOut: undefined,
      written: -1,
      stalledSince: undefined,
      unfinished: undefined,
      unfinishedSince: 0,
    });
  }

  remove(connection: ServerConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#waiting?.();
  }

  /** Says goodbye on every connection and waits until their calls have ended, at most until `signal` is aborted. */
  async closeAll(signal: AbortSignal): Promise<void> {
    for (const connection of this.#connections.keys()) connection.drain();
    if (this.#connections.size === 0 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = resolve;
    const hurry = setTimeout(() => this.#hurryAll(), goodbyeMs);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(hurry);
  }

  #hurryAll(): void {
    for (const connection of this.#connections.keys()) connection.hurry();
  }

  #sweep(): void {
    const now = performance.now();
    this.#options.onSweep(now);
    for (const [connection, kept] of this.#connections) this.#check(connection, kept, now);
  }

  #check(connection: ServerConnection, kept: Kept, now: number): void {
    const { settings, patienceMs } = this.#options;
    const { maxIdleMs, maxAgeGraceMs, pingMs, pingTimeoutMs } = settings;
    const { maxAgeMs } = kept;
    if (!connection.isOpen) {
      if (now - connection.born <= patienceMs) return;
      this.#options.onSlow();
      return connection.destroy();
    }
    if (this.#isStalled(connection, kept, now)) {
      this.#options.onStalled();
      return connection.destroy();
    }
    if (this.#isSlow(connection, kept, now)) {
      this.#options.onSlow();
      return connection.destroy();
    }
    connection.endStalled(now - patienceMs);
    if (kept.agedOut !== undefined) {
      if (now - kept.agedOut > goodbyeMs) connection.hurry();
      if (maxAgeGraceMs > 0 && now - kept.agedOut > maxAgeGraceMs) connection.destroy();
      return;
    }
    kept.calledAt = connection.calls > 0 ? now : Math.max(kept.calledAt, connection.lastCall);
    if ((maxAgeMs > 0 && now - connection.born > maxAgeMs) || (maxIdleMs > 0 && now - kept.calledAt > maxIdleMs)) {
      kept.agedOut = now;
      return connection.drain();
    }
    if (kept.pingSent !== undefined) {
      // Whatever comes shows that the peer lives: its answer may stand behind a long message on a slow line.
      if (connection.link.socket.bytesRead !== kept.heardBefore) hear(kept);
      else if (now - kept.pingSent > pingTimeoutMs) connection.destroy();
      return;
    }
    if (pingMs > 0 && now - Math.max(connection.lastCall, kept.answeredAt) > pingMs) this.#ping(connection, kept, now);
  }

  /** Whether the peer has not read anything for too long though there is something to read. */
  #isStalled(connection: ServerConnection, kept: Kept, now: number): boolean {
    const { socket, out } = connection.link;
    const written = socket.bytesWritten - socket.writableLength;
    if (out.pending === 0 || written !== kept.written) {
      kept.written = written;
      kept.stalledSince = undefined;
      return false;
    }
    kept.stalledSince ??= now;
    return now - kept.stalledSince > this.#options.patienceMs;
  }

  /** Whether a frame or header block has been coming for too long. */
  #isSlow(connection: ServerConnection, kept: Kept, now: number): boolean {
    const { unfinished } = connection.link;
    if (unfinished === undefined || unfinished !== kept.unfinished) {
      kept.unfinished = unfinished;
      kept.unfinishedSince = now;
      return false;
    }
    return now - kept.unfinishedSince > this.#options.patienceMs;
  }

  #ping(connection: ServerConnection, kept: Kept, now: number): void {
    kept.pingSent = now;
    kept.heardBefore = connection.link.socket.bytesRead;
    if (kept.isAsked) return;
    kept.isAsked = true;
    connection.link.ping(() => {
      kept.isAsked = false;
      hear(kept);
    });
  }
}

function hear(kept: Kept): void {
  kept.pingSent = undefined;
  kept.answeredAt = performance.now();
}
