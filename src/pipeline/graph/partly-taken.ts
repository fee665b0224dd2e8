import { hash } from "node:crypto";
import type { Delivery } from "../contract.ts";

/** What each branch of a fan-out said of a request: its last word, or undefined when it is to be asked again. */
export type LastWords = readonly (Delivery | undefined)[];

/**
 * Requests that some branches of a fan-out have taken and others not, so that their sender was told to come again.
 * Each can be asked for once: who sends the same bytes twice without having been told to means them twice.
 */
export type PartlyTaken = {
  /** How many are remembered. */
  readonly size: number;
  remember(request: Uint8Array, words: LastWords): void;
  /** What is remembered of a request with these bytes, and forgets it. */
  recall(request: Uint8Array): LastWords | undefined;
};

/** A sender that does not come back in this time has given up. */
const keepMs = 5 * 60_000;
/** The oldest are forgotten beyond this: their sender's data may then arrive twice. */
const maxRemembered = 10_000;

type Entry = { readonly key: string; readonly until: number; readonly words: LastWords };

/** Nothing is remembered yet; nothing is hashed until something is. */
export function createPartlyTaken(): PartlyTaken {
  const entries = new Set<Entry>();
  const byKey = new Map<string, Entry[]>();

  const forget = (entry: Entry): void => {
    entries.delete(entry);
    const rest = byKey.get(entry.key)?.filter((other) => other !== entry) ?? [];
    if (rest.length === 0) byKey.delete(entry.key);
    else byKey.set(entry.key, rest);
  };
  const forgetOld = (room: number): void => {
    const now = performance.now();
    for (const entry of entries) {
      if (entry.until > now && entries.size + room <= maxRemembered) return;
      forget(entry);
    }
  };

  return {
    get size() {
      return entries.size;
    },
    remember(request, words) {
      forgetOld(1);
      const entry = { key: keyOf(request), until: performance.now() + keepMs, words };
      entries.add(entry);
      byKey.set(entry.key, [...(byKey.get(entry.key) ?? []), entry]);
    },
    recall(request) {
      forgetOld(0);
      if (entries.size === 0) return undefined;
      const [entry] = byKey.get(keyOf(request)) ?? [];
      if (entry === undefined) return undefined;
      forget(entry);
      return entry.words;
    },
  };
}

function keyOf(request: Uint8Array): string {
  return hash("sha256", request, "base64");
}
