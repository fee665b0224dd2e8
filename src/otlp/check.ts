import { Cursor, Wire } from "./cursor.ts";
import type { Signal } from "./signals.ts";

/** What the door finds: how many records a request holds, or where its frames are broken and how. */
export type Checked =
  | { readonly status: "valid"; readonly items: number }
  | { readonly status: "malformed"; readonly problem: string };

/**
 * Resources and scopes in one request. Each costs a few hundred bytes of memory once it is read but as little as two on
 * the wire, so that without a limit a small request could fill the heap.
 */
const maxParts = 100_000;

/**
 * Checks the frames of an Export…ServiceRequest down to its records: lengths, wire types, no overrun.
 * What lies inside a record is not looked at. All signals share the shape
 * request.1 resource_x { 1 resource, 2 scope_x { 1 scope, 2 records, 3 schema_url }, 3 schema_url }.
 */
export function check(signal: Signal, bytes: Uint8Array): Checked {
  const names = levels[signal];
  const cursor = new Cursor(bytes);
  const items = countRequest(cursor, { names, parts: 0 });
  if (items >= 0) return { status: "valid", items };
  return { status: "malformed", problem: `Cannot read ${names.request}: ${cursor.problem}` };
}

type Walk = { readonly names: Levels; parts: number };

type Levels = {
  readonly request: string;
  readonly resources: string;
  readonly scopes: string;
  readonly records: string;
};

const levels: Readonly<Record<Signal, Levels>> = {
  traces: {
    request: "ExportTraceServiceRequest",
    resources: "resource_spans",
    scopes: "scope_spans",
    records: "spans",
  },
  logs: {
    request: "ExportLogsServiceRequest",
    resources: "resource_logs",
    scopes: "scope_logs",
    records: "log_records",
  },
};

/** Records in the request, or -1 with the cursor's problem set. */
function countRequest(cursor: Cursor, walk: Walk): number {
  const { names } = walk;
  let items = 0;
  for (let index = 0; cursor.next();) {
    if (cursor.field !== 1) continue;
    if (cursor.wire !== Wire.LEN) return misplaced(cursor, names.resources);
    if (++walk.parts > maxParts) return tooMany(cursor);
    const found = countResource(cursor, walk);
    if (found < 0) return within(cursor, `${names.resources}[${index}]`);
    items += found;
    index++;
  }
  return cursor.problem === "" ? items : -1;
}

function countResource(cursor: Cursor, walk: Walk): number {
  const { names } = walk;
  const outer = cursor.enter();
  let items = 0;
  for (let index = 0; cursor.next();) {
    if (cursor.field > 3) continue;
    if (cursor.wire !== Wire.LEN)
      return misplaced(cursor, cursor.field === 1 ? "resource" : cursor.field === 2 ? names.scopes : "schema_url");
    if (cursor.field === 1) {
      if (!isFramed(cursor)) return within(cursor, "resource");
      continue;
    }
    if (cursor.field !== 2) continue;
    if (++walk.parts > maxParts) return tooMany(cursor);
    const found = countScope(cursor, names);
    if (found < 0) return within(cursor, `${names.scopes}[${index}]`);
    items += found;
    index++;
  }
  if (cursor.problem !== "") return -1;
  cursor.leave(outer);
  return items;
}

function countScope(cursor: Cursor, names: Levels): number {
  const outer = cursor.enter();
  let items = 0;
  while (cursor.next()) {
    if (cursor.field > 3) continue;
    if (cursor.wire !== Wire.LEN)
      return misplaced(cursor, cursor.field === 1 ? "scope" : cursor.field === 2 ? names.records : "schema_url");
    if (cursor.field === 2) items++;
  }
  if (cursor.problem !== "") return -1;
  cursor.leave(outer);
  return items;
}

/** Whether the fields of the message under the cursor are whole, so that something can be put behind the last of them. */
function isFramed(cursor: Cursor): boolean {
  const outer = cursor.enter();
  while (cursor.next());
  if (cursor.problem !== "") return false;
  cursor.leave(outer);
  return true;
}

function misplaced(cursor: Cursor, name: string): -1 {
  cursor.problem = `${name} must be length-delimited, has wire type ${cursor.wire} (byte ${cursor.tag})`;
  return -1;
}

function tooMany(cursor: Cursor): -1 {
  cursor.problem = `must have at most ${maxParts} resources and scopes, has more (byte ${cursor.tag})`;
  return -1;
}

function within(cursor: Cursor, place: string): -1 {
  cursor.problem = `${place}: ${cursor.problem}`;
  return -1;
}
