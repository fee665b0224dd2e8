import { Cursor, Wire } from "./wire/cursor.ts";
import { countVarints } from "./wire/varints.ts";

/**
 * The layouts of Profile and Sample that are in use. The numbers of their fields have changed twice under one package name:
 * oldest is opentelemetry-proto 1.6 and 1.7 (attribute_table of KeyValue, no stack_table), previous is 1.8 and 1.9
 * (attribute_table of KeyValueAndUnit), current is what came after.
 */
export type ProfilesLayout = "oldest" | "previous" | "current";

/** The number of Sample.attribute_indices. */
export const sampleIndices: Readonly<Record<ProfilesLayout, number>> = { oldest: 4, previous: 3, current: 2 };

/** Where the attributes of a profile are, and what there can be only one of: its ID and its payload in another format. */
export type ProfileFields = { readonly indices: number; readonly onceFields: readonly number[] };

const oldestProfile: ProfileFields = { indices: 14, onceFields: [10, 12, 13] };
/** 1.8, which still had comment_strindices before the others. */
const profileOf18: ProfileFields = { indices: 12, onceFields: [8, 10, 11] };
const currentProfile: ProfileFields = { indices: 11, onceFields: [7, 9, 10] };

/** The layout of the profile under the cursor; 1.8 and what came after are told apart by wire types and by fields that need each other. */
export function profileFields(cursor: Cursor, layout: ProfilesLayout): ProfileFields {
  if (layout === "oldest") return oldestProfile;
  let is18 = false;
  let hasFormat = false;
  let hasTen = false;
  const outer = cursor.enter();
  while (cursor.next()) {
    const { field, wire } = cursor;
    // 8 is profile_id in 1.8, later dropped_attributes_count; 9 was that, later original_payload_format.
    if ((field === 8 && wire === Wire.LEN) || (field === 9 && wire === Wire.VARINT) || field === 12) is18 = true;
    if (field === 9 && wire === Wire.LEN) hasFormat = true;
    if (field === 10 && wire === Wire.LEN) hasTen = true;
  }
  back(cursor, outer);
  return is18 || (hasTen && !hasFormat) ? profileOf18 : currentProfile;
}

/**
 * Finds the layout of all samples of a request, which one program has written. Each wire type that only one layout can have speaks for
 * it. Where none is seen, the rules of the contract do: a sample has values or timestamps, and where it has both, as many of each.
 * Undefined when they speak for both or for none: then nobody can tell attributes from values.
 */
export function sampleLayout(bytes: Uint8Array, attributesAre: "keys" | "positions"): ProfilesLayout | undefined {
  const seen: Evidence = { isOldest: true, isStrange: false, isOpen: false, firm: new Set(), soft: new Set() };
  forEachSample(new Cursor(bytes), (cursor) => weigh(cursor, seen));
  if (attributesAre === "keys") return seen.isOldest ? "oldest" : undefined;
  if (seen.isStrange) return undefined;
  const votes = seen.firm.size > 0 ? seen.firm : seen.soft;
  const [vote] = votes;
  if (votes.size === 1) return vote;
  // Without a list that could be either, nothing depends on it.
  return votes.size === 0 && !seen.isOpen ? "current" : undefined;
}

type Evidence = {
  isOldest: boolean;
  isStrange: boolean;
  isOpen: boolean;
  readonly firm: Set<"previous" | "current">;
  readonly soft: Set<"previous" | "current">;
};

/**
 * oldest: 1 locations_start_index, 2 locations_length, 3 values, 4 attribute_indices, 5 link_index, 6 timestamps
 * previous: 1 stack_index, 2 values, 3 attribute_indices, 4 link_index, 5 timestamps
 * current: 1 stack_index, 2 attribute_indices, 3 link_index, 4 values, 5 timestamps
 */
function weigh(cursor: Cursor, seen: Evidence): void {
  const { bytes } = cursor;
  let lists = 0;
  let times = 0;
  let isFirm = false;
  const outer = cursor.enter();
  while (cursor.next()) {
    const { field, wire, start, stop } = cursor;
    const isList = wire === Wire.LEN;
    if (field < oldestWires.length && wire !== oldestWires[field]) seen.isOldest = false;
    if (field === 2 && !isList) seen.isStrange = true;
    if ((field === 3 || field === 4) && !isList && wire !== Wire.VARINT) seen.isStrange = true;
    if (field === 2 && isList) lists += countVarints(bytes, start, stop);
    if (field === 5 && isList) times += (stop - start) / 8;
    if (field !== 3 && field !== 4) continue;
    seen.firm.add(isList === (field === 3) ? "previous" : "current");
    isFirm = true;
  }
  back(cursor, outer);
  if (lists === 0 || isFirm) return;
  seen.isOpen = true;
  if (times === 0) seen.soft.add("previous");
  else if (times !== lists) seen.soft.add("current");
}

const oldestWires = [-1, Wire.VARINT, Wire.VARINT, Wire.LEN, Wire.LEN, Wire.VARINT, Wire.LEN];

/** Request: 1 resource_profiles { 2 scope_profiles { 2 profiles { 2 samples } } }. */
function forEachSample(cursor: Cursor, visit: (cursor: Cursor) => void, depth = 0): void {
  const wanted = depth === 0 ? 1 : 2;
  while (cursor.next()) {
    if (cursor.field !== wanted || cursor.wire !== Wire.LEN) continue;
    if (depth === 3) {
      visit(cursor);
      continue;
    }
    const outer = cursor.enter();
    forEachSample(cursor, visit, depth + 1);
    back(cursor, outer);
  }
}

/** Behind the message that was entered, whatever was found in it. */
function back(cursor: Cursor, outer: number): void {
  cursor.problem = "";
  cursor.leave(outer);
}
