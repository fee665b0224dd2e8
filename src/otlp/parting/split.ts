import { check } from "../check.ts";
import { type Frame, frameInside, group, type Grouping } from "./grouping.ts";
import { keySet } from "../wire/keys.ts";
import { read } from "../reading.ts";
import { shapes, type Signal } from "../signals.ts";
import { Splice } from "../rope/splice.ts";

/** A request that is a part of another one, and how many records it holds. */
export type Piece = { readonly bytes: Uint8Array; readonly items: number };

const noKeys = keySet([]);

/**
 * Cuts a checked request between records into requests of `maxItems` records, the last one of what is left. Order is kept.
 * What is cut stands in each piece with its own fields: resource, scope, metric. A request that fits comes back as the same bytes,
 * and so does one of profiles, and one of which the pieces would be many times as large as it is.
 */
export function split(signal: Signal, bytes: Uint8Array, maxItems: number): Piece[] {
  if (!(maxItems >= 1)) throw new RangeError(`Cannot split a request: maxItems must be >= 1, is ${maxItems}`);
  if (!shapes[signal].isDivisible) {
    const checked = check(signal, bytes);
    return [{ bytes, items: checked.status === "valid" ? checked.items : 0 }];
  }
  const reading = read(signal, bytes, noKeys);
  const cut = new Cutter(bytes, maxItems);
  let at = 0;
  for (const resource of reading.resources) {
    cut.copy(at, resource.tag);
    const grouping = group(reading, resource, noKeys);
    cut.add(grouping);
    grouping.giveBack();
    at = resource.stop;
  }
  cut.copy(at, bytes.length);
  return cut.end();
}

/** How many bytes more the pieces of a request may have than it, in all: a sender can make that a thousand times its request. */
const maxGrowth = 4;
const maxGrowthBytes = 16 * 1024 * 1024;

/** Fills one piece after the other. */
class Cutter {
  readonly #bytes: Uint8Array;
  readonly #maxItems: number;
  readonly #pieces: { readonly out: Splice; readonly items: number }[] = [];
  #out: Splice;
  #items = 0;

  constructor(bytes: Uint8Array, maxItems: number) {
    this.#bytes = bytes;
    this.#maxItems = maxItems;
    this.#out = new Splice(bytes);
  }

  /** Adds fields of the request that are no resources. */
  copy(start: number, stop: number): void {
    this.#out.copy(start, stop);
  }

  /** Adds a resource, cut where a piece is full. */
  add(grouping: Grouping): void {
    const { count, resource } = grouping;
    for (let from = 0, to = 0; from < count; from = to) {
      if (this.#items === this.#maxItems) this.#push();
      to = Math.min(count, from + this.#maxItems - this.#items);
      if (to - from < count) writeRecords(this.#out, grouping, { from, to });
      else this.#out.copy(resource.tag, resource.stop);
      this.#items += to - from;
    }
    if (count === 0) this.#out.copy(resource.tag, resource.stop);
  }

  /** All pieces. */
  end(): Piece[] {
    this.#push();
    const bytes = this.#bytes;
    const length = this.#pieces.reduce((sum, { out }) => sum + out.length, 0);
    if (length - bytes.length > Math.max(maxGrowthBytes, maxGrowth * bytes.length))
      return [{ bytes, items: this.#pieces.reduce((sum, { items }) => sum + items, 0) }];
    return this.#pieces.map(({ out, items }) => ({ bytes: out.toBytes(), items }));
  }

  #push(): void {
    this.#pieces.push({ out: this.#out, items: this.#items });
    this.#out = new Splice(this.#bytes);
    this.#items = 0;
  }
}

type Slice = { readonly from: number; readonly to: number };

/** Appends the resource with its records from index `from` up to `to` alone. */
function writeRecords(out: Splice, grouping: Grouping, slice: Slice): void {
  out.message(1, () => {
    out.copyAll(grouping.before);
    writeFrames(out, grouping, { ...slice, parent: -1, first: 0 });
    out.copyAll(grouping.after);
  });
}

/** Where frames are written: those right inside `parent`, whose first record is `first`. */
type Inside = Slice & { readonly parent: number; readonly first: number };

/** Appends the frames that have some of the records. Those without any stay behind the record before them, else with the first one. */
function writeFrames(out: Splice, grouping: Grouping, { from, to, parent, first }: Inside): void {
  const { frames, frameOf } = grouping;
  let index = from > first ? frameInside(grouping, frameOf[from] ?? -1, parent) : parent + 1;
  for (let frame = frames[index]; frame?.parent === parent && frame.from <= to; frame = frames[index]) {
    const begin = Math.max(frame.from, from);
    const end = Math.min(frame.to, to);
    const isEmpty = frame.from === frame.to;
    const owner = Math.max(frame.from - 1, first);
    const isWhole = begin === frame.from && end === frame.to && frame.contents.length === 2;
    if (isEmpty ? owner >= from && owner < to : isWhole) copyFrame(out, frame);
    else if (begin < end) writePart(out, grouping, { frame, index, from: begin, to: end });
    for (index++; (frames[index]?.tag ?? Infinity) < frame.stop;) index++;
  }
}

/** Appends a frame as it came. */
function copyFrame(out: Splice, { no, tag, stop, contents }: Frame): void {
  if (contents.length === 2) out.copy(tag, stop);
  else out.message(no, () => out.copyAll(contents));
}

type Part = Slice & { readonly frame: Frame; readonly index: number };

function writePart(out: Splice, grouping: Grouping, { frame, index, from, to }: Part): void {
  const { frameOf, starts, stops } = grouping;
  out.message(frame.no, () => {
    out.copyAll(frame.before);
    if (frameOf[from] === index) for (let i = from; i < to; i++) out.copy(starts[i] ?? 0, stops[i] ?? 0);
    else writeFrames(out, grouping, { from, to, parent: index, first: frame.from });
    out.copyAll(frame.after);
  });
}
