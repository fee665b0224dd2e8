import { Cursor, Wire } from "./cursor.ts";

/** Where something stands in a request. */
export type Range = { readonly start: number; readonly stop: number };

/** The strings of a profiles request, to which keys and values point by position, and the attributes to which samples do. */
export type StringTable = {
  /** How many strings there are. */
  readonly size: number;
  /** Where the string at a position stands; undefined when there is none. */
  at(index: number): Range | undefined;
  /** The messages of the attribute table. */
  readonly attributes: readonly Range[];
};

/**
 * Reads ProfilesDictionary: 5 string_table, 6 attribute_table. Several messages count as one, as protobuf merges them.
 * A broken one has nothing in it: its request is not readable for anybody.
 */
export function readStringTable(bytes: Uint8Array, dictionaries: readonly Range[]): StringTable {
  const starts: number[] = [];
  const stops: number[] = [];
  const attributes: Range[] = [];
  const cursor = new Cursor(bytes);
  for (const { start, stop } of dictionaries) {
    cursor.pos = start;
    cursor.end = stop;
    while (cursor.next()) {
      if (cursor.wire !== Wire.LEN) continue;
      if (cursor.field === 5) {
        starts.push(cursor.start);
        stops.push(cursor.stop);
      } else if (cursor.field === 6) attributes.push({ start: cursor.start, stop: cursor.stop });
    }
    if (cursor.problem !== "") return { size: 0, at: () => undefined, attributes: [] };
  }
  return {
    size: starts.length,
    at(index) {
      const start = starts[index];
      return start === undefined ? undefined : { start, stop: stops[index] ?? start };
    },
    attributes,
  };
}
