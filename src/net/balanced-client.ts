import type { Resolve } from "./socket/resolve.ts";
import { Code } from "./status.ts";
import type { UnaryClient, UnaryReply, UnaryRequest } from "./transport.ts";
import { longestTimerMs } from "../longest-timer.ts";

export type BalancedOptions = {
  /** The name that has several addresses. */
  readonly host: string;
  readonly resolve: Resolve;
  /** A client for one of its addresses. */
  readonly create: (address: string) => UnaryClient;
};

/** One address. It is closed when the name has it no more and its calls have ended. */
type Backend = {
  readonly client: UnaryClient;
  connecting: Promise<boolean> | undefined;
  calls: number;
  isGone: boolean;
};

/** The name is asked for again when a call finds the answer older than this, … */
const refreshMs = 30_000;
/** … or than this while some address cannot be reached. */
const hurryMs = 2000;
/** Addresses beyond these are not used. */
const maxAddresses = 100;

/**
 * Calls each address of a name in turn, as gRPC's round_robin does: those with a connection, while the others connect.
 * An address that dies is passed over until it is back; without any connection a call waits for the first one.
 */
export function createBalancedClient(options: BalancedOptions): UnaryClient {
  return new BalancedClient(options);
}

class BalancedClient implements UnaryClient {
  readonly #options: BalancedOptions;
  readonly #backends = new Map<string, Backend>();
  #order: readonly Backend[] = [];
  #next = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #problem = "";
  #isClosed = false;

  constructor(options: BalancedOptions) {
    this.#options = options;
  }

  async call(request: UnaryRequest): Promise<UnaryReply> {
    const ready = this.#pick();
    if (ready !== undefined) return this.#callOn(ready, request);
    const begun = performance.now();
    const first = await within(this.#firstReady(), request);
    const backend = first ?? this.#order[this.#next % this.#order.length];
    if (this.#isClosed || backend === undefined)
      return { status: { code: Code.UNAVAILABLE, message: this.#isClosed ? closed : this.#unresolved() } };
    return this.#callOn(backend, { ...request, timeoutMs: request.timeoutMs - (performance.now() - begun) });
  }

  isReady(): boolean {
    return this.#order.some(({ client }) => client.isReady());
  }

  async connect(): Promise<boolean> {
    return (await this.#firstReady()) !== undefined;
  }

  hurry(): void {
    for (const { client } of this.#backends.values()) client.hurry();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#order = [];
    await Promise.all([...this.#backends.values()].map(({ client }) => client.close()));
    this.#backends.clear();
  }

  /** The next one that has a connection. Those that have none get their chance. */
  #pick(): Backend | undefined {
    const count = this.#order.length;
    let found: Backend | undefined;
    let isAnyLost = false;
    for (let i = 0; i < count; i++) {
      const at = (this.#next + i) % count;
      const backend = this.#order[at];
      if (backend === undefined) continue;
      if (!backend.client.isReady()) {
        isAnyLost = true;
        void this.#connect(backend);
      } else if (found === undefined) {
        found = backend;
        this.#next = (at + 1) % count;
      }
    }
    if (performance.now() - this.#askedAt > (isAnyLost ? hurryMs : refreshMs)) void this.#ask();
    return found;
  }

  /** The first one that gets a connection; undefined when none does. */
  async #firstReady(): Promise<Backend | undefined> {
    if (this.#order.length === 0) await this.#ask();
    const { promise, resolve } = Promise.withResolvers<Backend | undefined>();
    let open = this.#order.length;
    if (open === 0) return undefined;
    for (const backend of this.#order) {
      void this.#connect(backend).then((isReady) => {
        open--;
        if (isReady) resolve(backend);
        else if (open === 0) resolve(undefined);
      });
    }
    return promise;
  }

  #connect(backend: Backend): Promise<boolean> {
    backend.connecting ??= backend.client.connect().then((isReady) => {
      backend.connecting = undefined;
      return isReady;
    });
    return backend.connecting;
  }

  async #callOn(backend: Backend, request: UnaryRequest): Promise<UnaryReply> {
    backend.calls++;
    const reply = await backend.client.call(request);
    backend.calls--;
    if (backend.isGone && backend.calls === 0) await backend.client.close();
    return reply;
  }

  /** Asks for the addresses, once for all who want to know. What is known stays when there is no answer. */
  #ask(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#asking ??= this.#options.resolve(this.#options.host).then(
      (addresses) => this.#asked(addresses),
      (error: unknown) => {
        this.#problem = error instanceof Error ? error.message : String(error);
        this.#asked(undefined);
      },
    );
    return this.#asking;
  }

  #asked(addresses: readonly string[] | undefined): void {
    this.#asking = undefined;
    this.#askedAt = performance.now();
    if (this.#isClosed || addresses === undefined || addresses.length === 0) return;
    const wanted = new Set(addresses.slice(0, maxAddresses));
    for (const [address, backend] of this.#backends) {
      if (wanted.has(address)) continue;
      this.#backends.delete(address);
      backend.isGone = true;
      if (backend.calls === 0) void backend.client.close();
    }
    for (const address of wanted) {
      if (this.#backends.has(address)) continue;
      const client = this.#options.create(address);
      this.#backends.set(address, { client, connecting: undefined, calls: 0, isGone: false });
    }
    this.#order = [...this.#backends.values()];
  }

  #unresolved(): string {
    return `Cannot reach ${this.#options.host}: ${this.#problem === "" ? "it has no address" : this.#problem}`;
  }
}

const closed = "Cannot call: the client is closed";

/** What comes within a request's time; undefined when it does not, or nobody waits any more. */
function within<T>(
  promise: Promise<T>,
  { timeoutMs, signal }: Pick<UnaryRequest, "timeoutMs" | "signal">,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const end = (value: T | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      resolve(value);
    };
    const giveUp = (): void => end(undefined);
    const timer = setTimeout(giveUp, Math.min(Math.max(0, timeoutMs), longestTimerMs));
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    void promise.then(end, giveUp);
  });
}
