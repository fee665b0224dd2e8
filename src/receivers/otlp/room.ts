import type { Host } from "../../pipeline/contract.ts";

/** Bytes that may be held of requests that are not answered: room for one of the largest at least, and none while memory is short. */
export function room(written: number, largest: number, { gate }: Host): number {
  return gate?.isClosed === true ? 0 : Math.max(written, largest);
}
