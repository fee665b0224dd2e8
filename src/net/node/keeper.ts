import { constants } from "node:http2";
import type { Http2Session, ServerHttp2Stream } from "node:http2";
import { PingGuard } from "../grpc/ping-guard.ts";
import { connectionAge } from "../transport.ts";
import type { ServerKeepalive } from "../transport.ts";

type Kept = {
  readonly born: number;
  readonly maxAgeMs: number;
  /** Calls that are open; when one last began or ended, and when a ping was last answered. */
  calls: number;
  calledAt: number;
  answeredAt: number;
  /** Whether the peer's settings came: it speaks HTTP/2. */
  isOpen: boolean;
  pingSent: number | undefined;
  /** Whether a ping has no answer yet, and what had come when it was to be answered anew. */
  isAsked: boolean;
  heardBefore: number;
  agedOut: number | undefined;
  readonly pings: PingGuard | undefined;
};

type KeeperOptions = {
  readonly settings: ServerKeepalive;
  readonly handshakeMs: number;
  readonly onFlood: () => void;
  readonly onSweep: () => void;
};

/** Looks after the connections of a server: handshake, idle time, age and keep-alive, with one timer for all of them. */
export class SessionKeeper {
  readonly #settings: ServerKeepalive;
  readonly #handshakeMs: number;
  readonly #onFlood: () => void;
  readonly #onSweep: () => void;
  readonly #sessions = new Map<Http2Session, Kept>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KeeperOptions) {
    this.#settings = options.settings;
    this.#handshakeMs = options.handshakeMs;
    this.#onFlood = options.onFlood;
    this.#onSweep = options.onSweep;
  }

  start(): void {
    const { maxIdleMs, maxAgeMs, maxAgeGraceMs, pingMs, pingTimeoutMs } = this.#settings;
    const shortest = Math.min(
      ...[maxIdleMs, maxAgeMs, maxAgeGraceMs, pingMs, pingTimeoutMs, this.#handshakeMs].filter((ms) => ms > 0),
    );
    this.#timer = setInterval(() => this.#sweep(), Math.min(10_000, Math.max(50, shortest / 4)));
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const session of this.#sessions.keys()) session.destroy();
    this.#sessions.clear();
  }

  add(session: Http2Session): void {
    const now = performance.now();
    const { pingPolicy } = this.#settings;
    const kept: Kept = {
      born: now,
      maxAgeMs: connectionAge(this.#settings),
      calls: 0,
      calledAt: now,
      answeredAt: now,
      isOpen: false,
      pingSent: undefined,
      isAsked: false,
      heardBefore: 0,
      agedOut: undefined,
      pings: pingPolicy === undefined ? undefined : new PingGuard(pingPolicy),
    };
    this.#sessions.set(session, kept);
    session.once("remoteSettings", () => {
      kept.isOpen = true;
    });
    session.on("ping", () => {
      if (kept.pings?.isTooMuch(kept.calls > 0) === true && !session.destroyed) this.#turnAway(session);
    });
    session.once("close", () => this.#sessions.delete(session));
  }

  /** Notes that a call came in, and when it ends. */
  enter(stream: ServerHttp2Stream): void {
    const kept = stream.session === undefined ? undefined : this.#sessions.get(stream.session);
    if (kept === undefined) return;
    kept.calls++;
    kept.calledAt = performance.now();
    stream.once("close", () => {
      kept.calls--;
      kept.pings?.answered();
      kept.calledAt = performance.now();
    });
  }

  /** Says goodbye on every connection and waits until their calls have ended, at most until `signal` is aborted. */
  async closeAll(signal: AbortSignal): Promise<void> {
    const closed = [...this.#sessions.keys()].map(closing);
    if (closed.length === 0 || signal.aborted) return;
    const cut = Promise.withResolvers<void>();
    const onAbort = (): void => cut.resolve();
    signal.addEventListener("abort", onAbort, { once: true });
    await Promise.race([Promise.all(closed), cut.promise]);
    signal.removeEventListener("abort", onAbort);
  }

  #turnAway(session: Http2Session): void {
    this.#onFlood();
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from("too_many_pings"));
    session.destroy();
  }

  #sweep(): void {
    this.#onSweep();
    const now = performance.now();
    for (const [session, kept] of this.#sessions) this.#check(session, kept, now);
  }

  #check(session: Http2Session, kept: Kept, now: number): void {
    const { maxIdleMs, maxAgeGraceMs, pingMs, pingTimeoutMs } = this.#settings;
    const { maxAgeMs } = kept;
    if (!kept.isOpen) {
      if (now - kept.born > this.#handshakeMs) session.destroy();
      return;
    }
    if (kept.agedOut !== undefined && maxAgeGraceMs > 0 && now - kept.agedOut > maxAgeGraceMs) return session.destroy();
    const idle = kept.calls > 0 ? 0 : now - kept.calledAt;
    const isOld = (maxAgeMs > 0 && now - kept.born > maxAgeMs) || (maxIdleMs > 0 && idle > maxIdleMs);
    if (isOld && kept.agedOut === undefined) {
      kept.agedOut = now;
      session.close();
      return;
    }
    if (kept.pingSent !== undefined) {
      // Whatever comes shows that the peer lives: its answer may stand behind a long message on a slow line.
      if (session.socket.bytesRead !== kept.heardBefore) hear(kept);
      else if (now - kept.pingSent > pingTimeoutMs) session.destroy();
      return;
    }
    // Node waits for the calls of a session that closes, and reads nothing more once its peer has broken the protocol then: it would
    // not notice that nobody is there, and keep the socket for ever.
    const quietMs = session.closed ? pingTimeoutMs : pingMs;
    if (quietMs > 0 && now - Math.max(kept.calledAt, kept.answeredAt) > quietMs) this.#ping(session, kept, now);
  }

  #ping(session: Http2Session, kept: Kept, now: number): void {
    kept.pingSent = now;
    kept.heardBefore = session.socket.bytesRead;
    if (kept.isAsked) return;
    kept.isAsked = true;
    session.ping((error) => {
      if (error !== null) return;
      kept.isAsked = false;
      hear(kept);
    });
  }
}

function hear(kept: Kept): void {
  kept.pingSent = undefined;
  kept.answeredAt = performance.now();
}

/** Resolves when the session has ended; closing the listener may have begun that already. */
function closing(session: Http2Session): Promise<void> {
  return new Promise((resolve) => {
    session.once("close", resolve);
    session.close();
  });
}
