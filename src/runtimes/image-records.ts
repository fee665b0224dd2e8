import { putBounded } from "./oldest-out.ts";

/** How long an image's names are believed, and of how many images: tags come and go while containers run. */
const ttlMs = 60_000;
const maxImages = 1000;

/** Remembers for a while what a runtime tells about images, by the reference that it was asked for. */
export type ImageRecords<T extends object> = {
  /** What `ask` answers, or answered lately; an answer that there is no such image (undefined) is not remembered. */
  find(reference: string, ask: () => Promise<T | undefined>): Promise<T | undefined>;
};

export function createImageRecords<T extends object>(): ImageRecords<T> {
  /** The one that was asked for longest ago first. */
  const known = new Map<string, { readonly image: T; readonly until: number }>();
  return {
    async find(reference, ask) {
      const cached = known.get(reference);
      if (cached !== undefined && performance.now() < cached.until) return cached.image;
      const image = await ask();
      if (image === undefined) known.delete(reference);
      else putBounded(known, [reference, { image, until: performance.now() + ttlMs }], maxImages);
      return image;
    },
  };
}
