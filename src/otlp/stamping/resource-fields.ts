import { type Change, type Message, writeChanged } from "../editing/changes.ts";
import { type Entity, entityTypes } from "./entity-refs.ts";
import type { KeySet } from "../wire/keys.ts";
import { areKept, type Mode, type Occurrence, occurrences, stampAt } from "./put-stamp.ts";
import type { Reading, ResourceReading } from "../reading.ts";
import type { Splice } from "../rope/splice.ts";
import type { Stamp } from "./stamp.ts";

/** The number of the attributes of a Resource. */
const attributes = 1;

const none: readonly Entity[] = [];

/** What a Resource lacks of a stamp, to be put behind what it has; else what changes in it. */
type Plan = readonly Uint8Array[] | { readonly changes: readonly Change[] };

/**
 * Fields of a resource_…, its Resource message among them, that are written once for each group of its records. What they have of a
 * stamp's keys is looked up once: most containers' stamps have the same.
 */
export class ResourceFields {
  readonly #reading: Reading;
  readonly #ranges: readonly number[];
  readonly #messages: readonly Message[];
  #keys: KeySet | undefined;
  #found: readonly Occurrence[] | undefined;
  #entityTypes: ReadonlySet<string> | undefined;

  /** `ranges` of the request, in which the resource's messages are: [start, stop, start, stop …]. */
  constructor(reading: Reading, { messages }: ResourceReading, ranges: readonly number[]) {
    this.#reading = reading;
    this.#ranges = ranges;
    this.#messages = messages;
  }

  /** What becomes of them with the stamp on the Resource message: a missing one is made, split ones count as one. Undefined when nothing does. */
  plan(stamp: (Stamp & Mode) | undefined): Plan | undefined {
    if (stamp === undefined || stamp.keys.keys.length === 0) return undefined;
    const { entities = none } = stamp;
    if (this.#messages.length === 0) return { changes: [made(this.#ranges[0] ?? 0, stamp)] };
    const found = this.#occurrences(stamp);
    if (entities.length === 0 && found !== undefined && areKept(found, stamp)) {
      const pieces = stamp.missing(attributes, found);
      return pieces.length === 0 ? undefined : pieces;
    }
    const changes = this.#changes(stamp);
    return changes.length === 0 ? undefined : { changes };
  }

  /** Appends them. */
  write(out: Splice, plan: Plan | undefined): void {
    if (plan === undefined) out.copyAll(this.#ranges);
    else if ("changes" in plan) writeChanged(out, this.#ranges, plan.changes);
    else this.#append(out, plan);
  }

  /** Appends them with pieces behind the last of the messages. */
  #append(out: Splice, pieces: readonly Uint8Array[]): void {
    const ranges = this.#ranges;
    const last = this.#messages.at(-1);
    if (last === undefined) return;
    const { tag, start, stop } = last;
    for (let i = 0; i < ranges.length; i += 2) {
      const from = ranges[i] ?? 0;
      const to = ranges[i + 1] ?? 0;
      if (tag < from || tag >= to) {
        out.copy(from, to);
        continue;
      }
      out.copy(from, tag);
      const place = out.open(1);
      out.copy(start, stop);
      for (const piece of pieces) out.insert(piece);
      out.close(place);
      out.copy(stop, to);
    }
  }

  #changes(stamp: Stamp & Mode): readonly Change[] {
    const found = this.#occurrences(stamp);
    if (found === undefined) return [];
    const { entities = [] } = stamp;
    if (entities.length > 0) this.#entityTypes ??= entityTypes(this.#reading, this.#messages);
    const more = entities.filter(({ type }) => this.#entityTypes?.has(type) !== true).map(({ bytes }) => bytes);
    return stampAt(found, this.#messages, { no: 1, field: attributes, stamp, more });
  }

  /** What is there of the stamp's keys; undefined when a message is broken. */
  #occurrences(stamp: Stamp & Mode): readonly Occurrence[] | undefined {
    if (this.#keys !== stamp.keys) {
      this.#keys = stamp.keys;
      this.#found = occurrences(this.#reading, this.#messages, { field: attributes, stamp });
    }
    return this.#found;
  }
}

/** A Resource that has nothing but the stamp. */
function made(start: number, stamp: Stamp & Mode): Change {
  return {
    start,
    stop: start,
    write(out) {
      const place = out.open(1);
      out.insert(stamp.slice(attributes, 0, stamp.keys.keys.length));
      for (const { bytes } of stamp.entities ?? []) out.insert(bytes);
      out.close(place);
    },
  };
}
