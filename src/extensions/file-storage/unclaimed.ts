import { readdir } from "node:fs/promises";
import type { ExtensionHost } from "../../pipeline/contract.ts";
import type { DiskClient } from "./disk-client.ts";

const ending = ".db";

/**
 * Makes what looks for queues that no exporter opens: after a change of an exporter's name, or where its queue has no storage any more, what
 * it had acknowledged lies there and nobody sends it. Each is told once. A queue counts as nobody's when that was so in two looks, one after
 * the other, so that a reload which just opens it again is left alone.
 */
export function createUnclaimed(
  directory: string,
  disk: Pick<DiskClient, "store" | "isClaimed">,
  host: Pick<ExtensionHost, "log" | "status">,
): () => Promise<void> {
  let before: ReadonlySet<string> = new Set();
  const told = new Set<string>();
  let isLooking = false;

  const tell = async (name: string): Promise<void> => {
    told.add(name);
    const store = disk.store(name);
    const { count, items } = await store.open();
    await store.close();
    if (count === 0) return;
    host.log.warn(
      { ...ownerOf(name), requests: count, items },
      "Requests wait on disk for an exporter that has no queue here any more: they are sent when one of this name has this storage again",
    );
  };

  return async () => {
    // Until then exporters still open what is theirs.
    if (host.status().phase !== "running" || isLooking) return;
    isLooking = true;
    try {
      const found = await readdir(directory);
      const names = found.filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length));
      for (const name of names) if (disk.isClaimed(name)) told.delete(name);
      const unclaimed = names.filter((name) => !disk.isClaimed(name) && !told.has(name));
      const again = unclaimed.filter((name) => before.has(name));
      before = new Set(unclaimed);
      for (const name of again) await tell(name);
    } catch {
      // A directory that is gone, or a file that cannot be opened: whoever has to use them tells of it.
    } finally {
      isLooking = false;
    }
  };
}

/** Whose queue a file is, by its name (file-storage.ts makes it). */
function ownerOf(name: string): object {
  const [, exporter, signal] = /^exporter_(.+)_([a-z]+)$/.exec(name) ?? [];
  if (exporter === undefined) return { store: name };
  const decoded = exporter.replaceAll(/~([0-9A-F]{4})/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
  return { exporter: decoded, otel_signal: signal };
}
