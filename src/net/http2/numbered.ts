/** Places at first, and at most; powers of two. */
const leastPlaces = 16;
const mostPlaces = 4096;

/**
 * What belongs to numbers that grow by two, as those of a client's streams do, most of which are soon gone again. A Map of them makes a new
 * table for every few that come and go, and V8 links each old table to the next: one that has become old keeps all that came after it, with
 * what is in them, from being collected until the next full collection (docs/performance.md).
 */
export class Numbered<T> {
  size = 0;
  #numbers: number[] = Array.from({ length: leastPlaces }, () => 0);
  #values = Array.from<T | undefined>({ length: leastPlaces }).fill(undefined);
  /** Those whose place is another's, who stays long. */
  #crowded: Map<number, T> | undefined;

  get(number: number): T | undefined {
    const place = this.#placeOf(number);
    const value = this.#numbers[place] === number ? this.#values[place] : undefined;
    return value ?? this.#crowded?.get(number);
  }

  /** Puts a value to a number that has none. */
  set(number: number, value: T): void {
    const place = this.#placeOf(number);
    if (this.#values[place] === undefined) {
      this.#numbers[place] = number;
      this.#values[place] = value;
    } else if (this.#values.length < mostPlaces && this.size >= this.#values.length / 4) {
      this.#grow();
      return this.set(number, value);
    } else (this.#crowded ??= new Map()).set(number, value);
    this.size++;
  }

  /** Whether there was one. */
  delete(number: number): boolean {
    const place = this.#placeOf(number);
    if (this.#numbers[place] === number && this.#values[place] !== undefined) this.#values[place] = undefined;
    else if (this.#crowded?.delete(number) !== true) return false;
    this.size--;
    return true;
  }

  clear(): void {
    this.#values.fill(undefined);
    this.#crowded = undefined;
    this.size = 0;
  }

  /** All of now, by their numbers. */
  values(): T[] {
    if (this.size === 0) return [];
    return this.#entries()
      .toSorted(([a], [b]) => a - b)
      .map(([, value]) => value);
  }

  #placeOf(number: number): number {
    return (number >>> 1) & (this.#values.length - 1);
  }

  #entries(): (readonly [number, T])[] {
    const placed = this.#values.flatMap((value, place) =>
      value === undefined ? [] : [[this.#numbers[place] ?? 0, value] as const],
    );
    return [...placed, ...(this.#crowded ?? [])];
  }

  #grow(): void {
    const entries = this.#entries();
    const length = 2 * this.#values.length;
    this.#numbers = Array.from({ length }, () => 0);
    this.#values = Array.from<T | undefined>({ length }).fill(undefined);
    this.clear();
    for (const [number, value] of entries) this.set(number, value);
  }
}
