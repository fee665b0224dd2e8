/** A version of an HTTP API as numbers, "1.41" or "4.3.1"; undefined when it is none. */
function numbers(text: string): readonly number[] | undefined {
  return /^\d{1,4}(?:\.\d{1,4}){1,2}$/.test(text) ? text.split(".").map(Number) : undefined;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((each, i) => each !== (b[i] ?? 0));
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

export type ApiRange = {
  /** What the server speaks, oldest and newest. */
  readonly oldest: string;
  readonly newest: string;
};

/**
 * The newest version that both sides speak: the server's newest, or ours where that is older.
 * A server that has given up all that we know is asked in its own oldest: fields come and rarely go. Throws for one that is too old, or tells none.
 */
export function negotiate(server: ApiRange, ours: ApiRange): string {
  const newest = numbers(server.newest);
  const [ourOldest = [], ourNewest = []] = [numbers(ours.oldest), numbers(ours.newest)];
  if (newest === undefined) throw new Error(`must tell the version of its API, told "${server.newest.slice(0, 40)}"`);
  if (compare(newest, ourOldest) < 0)
    throw new Error(`must speak version ${ours.oldest} of its API or a newer one, speaks ${server.newest}`);
  if (compare(newest, ourNewest) <= 0) return server.newest;
  const oldest = numbers(server.oldest);
  return oldest !== undefined && compare(oldest, ourNewest) > 0 ? server.oldest : ours.newest;
}
