import type { SecureContextOptions, Server } from "node:tls";

/** What TLS is made of and files can hold. */
export type Material = { readonly [Part in "ca" | "cert" | "key"]?: string | Buffer };

/** Settings of TLS whose files are read again while they are in use: `renewed` tells what is to be used now. */
export type Renewable = { readonly renewed?: () => Material };

/** Where is told what became of files that are read again. */
export type ReloadLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
};

type Reloading = {
  /** Reads and tries it; throws what is wrong with it. */
  readonly read: () => Material;
  /** How old it may be when it is used, in ms; without it, or with 0, it is read only once. */
  readonly everyMs: number | undefined;
  /** By the settings that name them, for the log. */
  readonly files: Readonly<Record<string, string | undefined>>;
  readonly log: ReloadLog | undefined;
};

/** What could not be read is tried again after this time, also where the interval is a day: a renewal is in its middle only for a moment. */
const retryMs = 1000;

/**
 * What is in files, read again by the call that finds it too old. What cannot be used is told once, and what was there before stays in use.
 * Throws only for the first reading, which is now.
 */
export function createReloading({ read, everyMs = 0, files, log }: Reloading): () => Material {
  let current = read();
  let told = "";
  const dueIn = (ms: number): number => (everyMs > 0 ? performance.now() + ms : Number.POSITIVE_INFINITY);
  let due = dueIn(everyMs);
  return () => {
    if (performance.now() < due) return current;
    try {
      const next = read();
      due = dueIn(everyMs);
      const isOther = !isSame(next, current);
      if (isOther) current = next;
      if (isOther || told !== "") log?.info(files, "New TLS connections use what is in these files now");
      told = "";
    } catch (cause) {
      due = dueIn(Math.min(everyMs, retryMs));
      const error = cause instanceof Error ? cause.message : String(cause);
      if (error !== told)
        log?.warn({ ...files, error }, "Cannot use what is in these files now; what was read before stays in use");
      told = error;
    }
    return current;
  };
}

/** What a connection that is opened now is to be made of. */
export function upToDate<T extends Renewable>(tls: T): T {
  return tls.renewed === undefined ? tls : { ...tls, ...tls.renewed() };
}

/** Lets each new connection of a server have what its files hold. Those that stand keep what they have. */
export function followFiles(server: Server, tls: SecureContextOptions & Renewable): void {
  const { renewed } = tls;
  if (renewed === undefined) return;
  let used: Material | undefined;
  // Before Node's own listener, which begins the handshake.
  server.prependListener("connection", () => {
    const now = renewed();
    if (used !== undefined && isSame(now, used)) return;
    used = now;
    server.setSecureContext({ ...tls, ...now });
  });
}

function isSame(one: Material, other: Material): boolean {
  return (["ca", "cert", "key"] as const).every(
    (part) => one[part] === other[part] || String(one[part]) === String(other[part]),
  );
}
