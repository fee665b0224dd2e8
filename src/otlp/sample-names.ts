import { AttributeReader } from "./wire/attribute.ts";
import { Cursor, Wire } from "./wire/cursor.ts";
import type { KeySet } from "./wire/keys.ts";
import {
  type ProfileFields,
  profileFields,
  type ProfilesLayout,
  sampleIndices,
  sampleLayout,
} from "./profiles-layout.ts";
import type { RecordNames } from "./record-names.ts";
import type { Range, StringTable } from "./wire/string-table.ts";
import { readVarints } from "./wire/varints.ts";

/** What is known of the attributes of a request's samples: how to read them, that there are none of the wanted, or that nobody can tell. */
export type SampleNames =
  | { readonly status: "named"; readonly names: RecordNames }
  | { readonly status: "nameless" }
  | { readonly status: "unreadable" };

/** Finds how the samples of a profiles request are named by the wanted attributes, which stand in its dictionary. */
export function sampleNames(bytes: Uint8Array, strings: StringTable, wanted: KeySet): SampleNames {
  const kind = kindOf(bytes, strings.attributes);
  if (kind === "unknown") return { status: "unreadable" };
  const table = readTable(bytes, { strings, wanted, keyField: kind === "keys" ? -1 : 1 });
  if (table.every((entry) => entry === undefined)) return { status: "nameless" };
  const layout = sampleLayout(bytes, kind);
  if (layout === undefined) return { status: "unreadable" };
  return { status: "named", names: indexedNames({ table, wanted, layout }) };
}

/** Whether the attribute table is of KeyValue or of KeyValueAndUnit: 1 is a key there and the position of one here. */
function kindOf(bytes: Uint8Array, attributes: readonly Range[]): "keys" | "positions" | "unknown" {
  let keys = 0;
  let positions = 0;
  const cursor = new Cursor(bytes);
  for (const { start, stop } of attributes) {
    cursor.pos = start;
    cursor.end = stop;
    while (cursor.next()) {
      if (cursor.field !== 1) continue;
      if (cursor.wire === Wire.LEN) keys++;
      else positions++;
    }
    if (cursor.problem !== "") return "unknown";
  }
  if (keys > 0 && positions > 0) return "unknown";
  return keys > 0 ? "keys" : "positions";
}

type Named = Range & { readonly key: number };

/** For each attribute of the table that is a wanted one with a string that is not empty, which and where the string stands. */
function readTable(
  bytes: Uint8Array,
  options: { readonly strings: StringTable; readonly wanted: KeySet; readonly keyField: number },
): readonly (Named | undefined)[] {
  const { strings, wanted, keyField } = options;
  const attribute = new AttributeReader({ strings: () => strings, keyField });
  const cursor = new Cursor(bytes);
  return strings.attributes.map(({ start, stop }) => {
    cursor.start = start;
    cursor.stop = stop;
    const key = attribute.find(cursor, wanted);
    return key < 0 || attribute.kind !== "string"
      ? undefined
      : { key, start: attribute.valueStart, stop: attribute.valueStop };
  });
}

type Indexed = {
  readonly table: readonly (Named | undefined)[];
  readonly wanted: KeySet;
  readonly layout: ProfilesLayout;
};

/** For each wanted key where its value was found. */
type Found = { readonly starts: number[]; readonly stops: number[] };

/** A sample is named by its own attributes, else by its profile's. */
function indexedNames({ table, wanted, layout }: Indexed): RecordNames {
  const starts = wanted.keys.map(() => -1);
  const stops = wanted.keys.map(() => -1);
  const profileStarts = wanted.keys.map(() => -1);
  const profileStops = wanted.keys.map(() => -1);
  const indices: number[] = [];
  const own: Found = { starts, stops };
  const profile: Found = { starts: profileStarts, stops: profileStops };

  /** Takes what the indices in one field of the message under the cursor name. */
  const take = (cursor: Cursor, field: number, into: Found): void => {
    const { stop } = cursor;
    const outer = cursor.enter();
    while (cursor.next()) {
      if (cursor.field !== field || cursor.wire !== Wire.LEN) continue;
      readVarints(cursor.bytes, indices, cursor);
      for (const index of indices) {
        const named = table[index];
        if (named === undefined || into.starts[named.key] !== -1) continue;
        into.starts[named.key] = named.start;
        into.stops[named.key] = named.stop;
      }
    }
    cursor.problem = "";
    cursor.pos = stop;
    cursor.end = outer;
  };

  return {
    areShared: true,
    starts,
    stops,
    plain: undefined,
    enter(cursor): ProfileFields {
      const { start, stop } = cursor;
      const inside = new Cursor(cursor.bytes);
      inside.start = start;
      inside.stop = stop;
      const fields = profileFields(inside, layout);
      profileStarts.fill(-1);
      inside.start = start;
      inside.stop = stop;
      take(inside, fields.indices, profile);
      return fields;
    },
    read(cursor) {
      starts.fill(-1);
      take(cursor, sampleIndices[layout], own);
      let isNamed = false;
      for (let key = 0; key < starts.length; key++) {
        if (starts[key] === -1) {
          starts[key] = profileStarts[key] ?? -1;
          stops[key] = profileStops[key] ?? -1;
        }
        if (starts[key] !== -1) isNamed = true;
      }
      return isNamed;
    },
  };
}
