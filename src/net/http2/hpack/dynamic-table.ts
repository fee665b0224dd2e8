/** What an entry costs beside its name and value (RFC 7541, section 4.1). */
export const entryOverhead = 32;

/** The dynamic table of one direction of a connection (RFC 7541, section 2.3.2): a ring, the newest entry first. */
export class DynamicTable {
  /** Counts the changes: what a block meant while it was the same it means still. */
  generation = 0;
  /** How many entries there are, how many there have been, and their size in the specification's count. */
  count = 0;
  inserted = 0;
  size = 0;
  maxSize: number;
  #names: string[] = [];
  #values: string[] = [];
  /** The length of the ring less one; it is a power of two and grows with what is in it. */
  #mask = -1;

  constructor(maxSize: number) {
    this.maxSize = maxSize;
  }

  /** The name and value of the entry that was inserted `age` entries before the newest: 0 is the newest. Below count only. */
  name(age: number): string {
    return this.#names[(this.inserted - 1 - age) & this.#mask] ?? "";
  }

  value(age: number): string {
    return this.#values[(this.inserted - 1 - age) & this.#mask] ?? "";
  }

  /** Puts an entry in front. Older ones give way; one that is larger than the table empties it (section 4.4). */
  insert(name: string, value: string): void {
    this.generation++;
    const size = name.length + value.length + entryOverhead;
    while (this.count > 0 && this.size + size > this.maxSize) this.dropOldest();
    if (size > this.maxSize) return;
    if (this.count > this.#mask) this.#grow();
    const at = this.inserted++ & this.#mask;
    this.#names[at] = name;
    this.#values[at] = value;
    this.count++;
    this.size += size;
  }

  /** Sets the largest size; older entries give way. */
  resize(maxSize: number): void {
    if (maxSize === this.maxSize) return;
    this.generation++;
    this.maxSize = maxSize;
    while (this.count > 0 && this.size > maxSize) this.dropOldest();
  }

  dropOldest(): void {
    const at = (this.inserted - this.count) & this.#mask;
    this.size -= (this.#names[at] ?? "").length + (this.#values[at] ?? "").length + entryOverhead;
    // Not kept alive by a ring that outlives it.
    this.#names[at] = "";
    this.#values[at] = "";
    this.count--;
  }

  #grow(): void {
    const length = Math.max(8, (this.#mask + 1) * 2);
    const names = Array.from({ length }, () => "");
    const values = Array.from({ length }, () => "");
    for (let n = this.inserted - this.count; n < this.inserted; n++) {
      names[n & (length - 1)] = this.#names[n & this.#mask] ?? "";
      values[n & (length - 1)] = this.#values[n & this.#mask] ?? "";
    }
    this.#names = names;
    this.#values = values;
    this.#mask = length - 1;
  }
}
