import { allocate } from "../otlp/rope/slab.ts";
import { lengthDelimited, putVarint, varintSize } from "../otlp/rope/splice.ts";
import type { Slot, Source } from "./sources.ts";
import { Writer } from "./encoding/writer.ts";

/** A request with all that could leave. */
export type Outgoing = { readonly bytes: Buffer; readonly items: number };

export type OutboxOptions = {
  readonly signal: "spans" | "logs";
  /** Tag of the records' attributes. */
  readonly tag: number;
  /** The content of an InstrumentationScope. */
  readonly scope: Uint8Array;
  readonly schemaUrl: string;
  /** Counts records that nobody wanted after all. */
  refused(records: number): void;
};

/** Records of one signal until they leave: written once, one behind the other, and listed by their source. */
export class Outbox {
  writer: Writer;
  /** Records in it. */
  items = 0;
  readonly #signal: "spans" | "logs";
  readonly #options: OutboxOptions;
  readonly #scope: Uint8Array;
  readonly #schemaUrl: Uint8Array;
  #spare: Writer;
  #starts: number[] = [];
  #ends: number[] = [];
  #nexts: number[] = [];
  #sources: Source[] = [];

  constructor(options: OutboxOptions) {
    const { signal, tag, scope, schemaUrl } = options;
    this.#options = options;
    this.#signal = signal;
    this.writer = new Writer(tag);
    this.#spare = new Writer(tag);
    this.#scope = lengthDelimited(1, scope);
    this.#schemaUrl = lengthDelimited(3, Buffer.from(schemaUrl));
  }

  /** Bytes in it. */
  get length(): number {
    return this.writer.length;
  }

  /** What was written since `start` is a record of this source, with its tag and length. */
  add(source: Source, start: number): void {
    const index = this.#starts.length;
    this.#starts.push(start);
    this.#ends.push(this.writer.length);
    this.#nexts.push(-1);
    this.items++;
    const slot = source[this.#signal];
    if (slot.first < 0) {
      slot.first = index;
      this.#sources.push(source);
    } else this.#nexts[slot.last] = index;
    slot.last = index;
  }

  /** Takes out what is of sources that are known; what is of others stays. Undefined when nothing can leave. */
  take(): Outgoing | undefined {
    const leaving = this.#sources.filter(({ cgroup }) => cgroup.status === "wanted");
    const staying = this.#sources.filter(({ cgroup }) => cgroup.status === "waiting");
    const bytes = this.#build(leaving);
    const left = this.#keep(staying);
    const items = bytes === undefined ? 0 : leaving.reduce((sum, source) => sum + this.#count(source[this.#signal]), 0);
    const refused = this.items - items - left.items;
    if (refused > 0) this.#options.refused(refused);
    for (const source of this.#sources) Object.assign(source[this.#signal], { first: -1, last: -1 });
    this.#restore(left);
    return bytes === undefined ? undefined : { bytes, items };
  }

  /** Drops everything and says how much it was. */
  clear(): number {
    const { items } = this;
    for (const source of this.#sources) Object.assign(source[this.#signal], { first: -1, last: -1 });
    this.writer.clear();
    this.#starts = [];
    this.#ends = [];
    this.#nexts = [];
    this.#sources = [];
    this.items = 0;
    return items;
  }

  /** Export…ServiceRequest: 1 resource_… { 1 resource, 2 scope_… { 1 scope, 2 records, 3 schema_url }, 3 schema_url }. */
  #build(sources: readonly Source[]): Buffer | undefined {
    if (sources.length === 0) return undefined;
    const sizes = sources.map(
      (source) => this.#scope.length + this.#bytesOf(source[this.#signal]) + this.#schemaUrl.length,
    );
    let total = 0;
    const lengths = sources.map((source, i) => {
      const scoped = sizes[i] ?? 0;
      const length = source.resource.length + 1 + varintSize(scoped) + scoped + this.#schemaUrl.length;
      total += 1 + varintSize(length) + length;
      return length;
    });
    const out = allocate(total);
    let at = 0;
    const put = (bytes: Uint8Array) => {
      out.set(bytes, at);
      at += bytes.length;
    };
    for (const [i, source] of sources.entries()) {
      out[at++] = 0x0a;
      at = putVarint(out, at, lengths[i] ?? 0);
      put(source.resource);
      out[at++] = 0x12;
      at = putVarint(out, at, sizes[i] ?? 0);
      put(this.#scope);
      this.#each(source[this.#signal], (start, end) => {
        this.writer.bytes.copy(out, at, start, end);
        at += end - start;
      });
      put(this.#schemaUrl);
      put(this.#schemaUrl);
    }
    return out;
  }

  /** Copies what stays to the other writer. */
  #keep(sources: readonly Source[]): {
    readonly records: readonly (readonly [Source, Uint8Array])[];
    readonly items: number;
  } {
    const records: (readonly [Source, Uint8Array])[] = [];
    for (const source of sources)
      this.#each(source[this.#signal], (start, end) => records.push([source, this.writer.bytes.subarray(start, end)]));
    return { records, items: records.length };
  }

  #restore({ records }: { readonly records: readonly (readonly [Source, Uint8Array])[] }): void {
    const { writer } = this;
    this.writer = this.#spare;
    this.writer.clear();
    this.#spare = writer;
    this.#starts = [];
    this.#ends = [];
    this.#nexts = [];
    this.#sources = [];
    this.items = 0;
    for (const [source, bytes] of records) {
      const start = this.writer.length;
      this.writer.all(bytes);
      this.add(source, start);
    }
  }

  /** Calls with the ranges of a source's records; one by one, since each is a record. */
  #each({ first }: Slot, take: (start: number, end: number) => void): void {
    for (let i = first; i >= 0; i = this.#nexts[i] ?? -1) take(this.#starts[i] ?? 0, this.#ends[i] ?? 0);
  }

  #bytesOf({ first }: Slot): number {
    let sum = 0;
    for (let i = first; i >= 0; i = this.#nexts[i] ?? -1) sum += (this.#ends[i] ?? 0) - (this.#starts[i] ?? 0);
    return sum;
  }

  #count({ first }: Slot): number {
    let count = 0;
    for (let i = first; i >= 0; i = this.#nexts[i] ?? -1) count++;
    return count;
  }
}
