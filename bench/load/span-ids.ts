import { Cursor, Wire } from "../../src/otlp/wire/cursor.ts";

/** The first half of every span ID of a benchmark; the second half is the span's number. */
const mark = 0x706f6473;

/** Where the span IDs of a traces request stand, in order. */
export function spanIdOffsets(request: Uint8Array): readonly number[] {
  const offsets: number[] = [];
  eachSpan(request, (offset) => offsets.push(offset));
  return offsets;
}

/** Writes consecutive numbers into the span IDs at these offsets. */
export function numberSpans(bytes: Buffer, offsets: readonly number[], first: number): void {
  for (const [index, offset] of offsets.entries()) {
    bytes.writeUInt32BE(mark, offset);
    bytes.writeUInt32BE(first + index, offset + 4);
  }
}

/** The number that stands in the span ID at `offset`; undefined when it is none of a benchmark. */
export function numberAt(bytes: Buffer, offset: number): number | undefined {
  return bytes.readUInt32BE(offset) === mark ? bytes.readUInt32BE(offset + 4) : undefined;
}

/** Calls `visit` for each span of a request with the offset of its ID. */
export function eachSpan(request: Uint8Array, visit: (offset: number) => void): void {
  const cursor = new Cursor(request);
  // TracesData: 1 resource_spans; ResourceSpans: 2 scope_spans; ScopeSpans: 2 spans; Span: 2 span_id.
  const descend = (path: readonly number[]): void => {
    const [field, ...rest] = path;
    while (cursor.next()) {
      if (cursor.field !== field || cursor.wire !== Wire.LEN) continue;
      if (rest.length === 0) {
        visit(cursor.start);
        continue;
      }
      const outer = cursor.enter();
      descend(rest);
      cursor.leave(outer);
    }
  };
  descend([1, 2, 2, 2]);
}
