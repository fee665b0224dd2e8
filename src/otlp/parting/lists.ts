/** A power of two; requests of more containers than about that look some of them up by their text. */
export const slotCount = 512;

/** What is known of a resource's records and of their groups while they are sorted and written: numbers, by record and by group. */
export class Lists {
  /** Offsets of each record's tag and behind it, the frame that it is in, its group. */
  readonly starts: number[] = [];
  readonly stops: number[] = [];
  readonly frameOf: number[] = [];
  readonly groupOf: number[] = [];
  /** The records, group by group. */
  readonly order: number[] = [];
  /** How many records each group has; in the end the place in `order` behind its last one. */
  readonly ends: number[] = [];
  /** Where the names of each group's first record stand, key by key; the start is -1 where it has none. */
  readonly nameStarts: number[] = [];
  readonly nameStops: number[] = [];
  /** Groups by the look of their names; 0 where there is none. */
  readonly slots = new Uint16Array(slotCount);
}

/** Lists that nobody uses: those of one request serve the next. Fresh ones were a third of what there is to collect of a request (measured). */
const spare: Lists[] = [];
/** As many numbers are kept in all, at eight bytes each, and lists for as many resources. */
const maxNumbers = 131_072;
const maxSpare = 256;
let numbers = 0;

/** Lists with anything in them, but for the slots: those are empty. */
export function takeLists(): Lists {
  const lists = spare.pop();
  if (lists === undefined) return new Lists();
  numbers -= sizeOf(lists);
  lists.slots.fill(0);
  return lists;
}

/** Takes lists back, once: nobody looks at them any more. Those that are not given back are left to the collector. */
export function giveBackLists(lists: Lists): void {
  const size = sizeOf(lists);
  if (spare.length >= maxSpare || numbers + size > maxNumbers) return;
  numbers += size;
  spare.push(lists);
}

function sizeOf({ order, nameStarts, slots }: Lists): number {
  return 5 * order.length + 3 * nameStarts.length + slots.length / 4;
}
