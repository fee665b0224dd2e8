import type { Grouping } from "./grouping.ts";

/**
 * Bytes that regrouping writes once more than they came: the fields of a resource and of its frames go with every group.
 * A sender can make that a thousand times its request, so look before writing.
 */
export function repeatedBytes({ before, after, frames, frameOf, order, ends, groups }: Grouping): number {
  const ownOf = frames.map((frame) => sizeOf(frame.before) + sizeOf(frame.after));
  const isWritten: boolean[] = [];
  const writtenBy: number[] = [];
  let filled = 0;
  let repeated = 0;
  let next = 0;
  for (let group = 0; group < groups; group++) {
    const end = ends[group] ?? 0;
    if (end > next) filled++;
    for (; next < end; next++) {
      const frame = frameOf[order[next] ?? 0] ?? -1;
      for (let at = frame; at >= 0 && writtenBy[at] !== group; at = frames[at]?.parent ?? -1) {
        if (isWritten[at] === true) repeated += ownOf[at] ?? 0;
        isWritten[at] = true;
        writtenBy[at] = group;
      }
    }
  }
  return repeated + Math.max(0, filled - 1) * (sizeOf(before) + sizeOf(after));
}

/** At least repeatedBytes(), without a look at each record. */
export function mostRepeatedBytes({ before, after, frames, groups }: Grouping): number {
  let own = sizeOf(before) + sizeOf(after);
  for (const frame of frames) own += sizeOf(frame.before) + sizeOf(frame.after);
  return own * groups;
}

function sizeOf(ranges: readonly number[]): number {
  let size = 0;
  for (let i = 0; i < ranges.length; i += 2) size += (ranges[i + 1] ?? 0) - (ranges[i] ?? 0);
  return size;
}
