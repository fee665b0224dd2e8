import type { AttributeEditor } from "./attribute-actions.ts";
import { applyChanges, type Change, type Message, messageChange, replacement } from "./changes.ts";
import { Cursor } from "../wire/cursor.ts";
import { keySet } from "../wire/keys.ts";
import { createSelector, type Selection, type SignalFields, fieldsOf } from "./matching.ts";
import { read } from "../reading.ts";
import { shapes, type Signal } from "../signals.ts";
import type { StringTable } from "../wire/string-table.ts";
import { lengthDelimited } from "../rope/splice.ts";
import { eachMessage, walkRecords } from "./walk.ts";

const noKeys = keySet([]);

/** How many bytes may be added to a request: its own size four times, and 16 MiB in any case. */
function growthLimit(bytes: Uint8Array): number {
  return Math.max(16 * 1024 * 1024, 4 * bytes.length);
}

/** The request with its resources' attributes edited; the very same bytes when nothing changes; undefined when it would become much larger, as no honest sender's does. */
export function editResources(signal: Signal, bytes: Uint8Array, editor: AttributeEditor): Uint8Array | undefined {
  const budget = createBudget(bytes);
  const strings = shapes[signal].isDivisible ? undefined : read(signal, bytes, noKeys).strings;
  const changes: Change[] = [];
  const cursor = new Cursor(bytes);
  while (cursor.next()) {
    if (cursor.field !== 1) continue;
    const container = { tag: cursor.tag, start: cursor.start, stop: cursor.stop };
    const resources: Message[] = [];
    eachMessage(bytes, container, (no, field) => {
      if (no === 1) resources.push(field);
    });
    const inside = editMessages(bytes, resources, {
      editor,
      no: 1,
      field: 1,
      strings,
      budget,
      missingAt: container.start,
    });
    for (const change of messageChange(1, container, inside)) changes.push(change);
    if (budget.isSpent()) return undefined;
  }
  return applyChanges(bytes, changes);
}

/** The request with the attributes of its selected spans, log records or data points edited; the very same bytes and undefined as above. */
export function editRecords(
  signal: Signal,
  bytes: Uint8Array,
  options: { readonly editor: AttributeEditor; readonly selection: Selection },
): Uint8Array | undefined {
  const fields = fieldsOf(signal);
  if (fields === undefined) return bytes;
  const budget = createBudget(bytes);
  const selector = createSelector(signal, options.selection);
  const changes = walkRecords(bytes, {
    resource: (_, message) => !budget.isSpent() && selector.resource(bytes, message),
    scope: (_, message) => selector.scope(bytes, message),
    record: (_, message) =>
      budget.isSpent() ? [] : editRecord(bytes, message, { fields, selector, editor: options.editor, budget }),
  });
  return budget.isSpent() ? undefined : applyChanges(bytes, changes);
}

type RecordEdit = {
  readonly fields: SignalFields;
  readonly selector: ReturnType<typeof createSelector>;
  readonly editor: AttributeEditor;
  readonly budget: Budget;
};

function editRecord(
  bytes: Uint8Array,
  record: Message,
  { fields, selector, editor, budget }: RecordEdit,
): readonly Change[] {
  if (fields.kind === "record") {
    if (!selector.record(bytes, record)) return [];
    return editMessages(bytes, [record], { editor, no: 2, field: fields.attributes, budget });
  }
  if (!selector.metric(bytes, record)) return [];
  const changes: Change[] = [];
  const isWhole = eachMessage(bytes, record, (no, data) => {
    const field = fields.attributesOfPoint[no];
    if (field === undefined) return;
    const points: Change[] = [];
    const isWholeData = eachMessage(bytes, data, (inner, point) => {
      if (inner === 1 && selector.point(bytes, point, field))
        points.push(...editMessages(bytes, [point], { editor, no: 1, field, budget }));
    });
    if (isWholeData) changes.push(...messageChange(no, data, points));
  });
  return isWhole ? messageChange(2, record, changes) : [];
}

type MessagesEdit = {
  readonly editor: AttributeEditor;
  /** Field number of the messages in their parent, and of the attributes in them. */
  readonly no: number;
  readonly field: number;
  readonly strings?: (() => StringTable) | undefined;
  readonly budget: Budget;
  /** Where a message is made when there is none. */
  readonly missingAt?: number;
};

/** The changes to messages that count as one. */
function editMessages(
  bytes: Uint8Array,
  messages: readonly Message[],
  { editor, no, field, strings, budget, missingAt }: MessagesEdit,
): readonly Change[] {
  const edits = editor(bytes, messages, { field, strings });
  if (edits === undefined) return [];
  const changes = [...edits.changes];
  const appended = Buffer.concat(edits.appended);
  budget.spend(edits.added);
  const last = messages.at(-1);
  if (appended.length > 0 && last !== undefined) changes.push(replacement(last.stop, last.stop, appended));
  if (last === undefined)
    return appended.length === 0 || missingAt === undefined
      ? []
      : [replacement(missingAt, missingAt, lengthDelimited(no, appended))];
  let next = 0;
  return messages.flatMap((message) => {
    const from = next;
    while ((changes[next]?.stop ?? Infinity) <= message.stop) next++;
    return messageChange(no, message, changes.slice(from, next));
  });
}

type Budget = { spend(bytes: number): void; isSpent(): boolean };

function createBudget(bytes: Uint8Array): Budget {
  let left = growthLimit(bytes);
  return {
    spend(more) {
      left -= more;
    },
    isSpent: () => left < 0,
  };
}

/** A request without what was filtered out, and how many items went. */
export type Filtered = { readonly bytes: Uint8Array; readonly dropped: number };

/** The request without its spans, log records or metrics that are not selected; the very same bytes when all are. Data points count as items. */
export function filterRecords(signal: Signal, bytes: Uint8Array, selection: Selection): Filtered {
  const fields = fieldsOf(signal);
  if (fields === undefined) return { bytes, dropped: 0 };
  const selector = createSelector(signal, selection);
  let dropped = 0;
  let isResourceOut = false;
  let isScopeOut = false;
  const changes = walkRecords(bytes, {
    resource: (_, message) => {
      isResourceOut = !selector.resource(bytes, message);
      return true;
    },
    scope: (_, message) => {
      isScopeOut = isResourceOut || !selector.scope(bytes, message);
      return true;
    },
    record: (_, message) => {
      const isIn =
        !isScopeOut && (fields.kind === "record" ? selector.record(bytes, message) : selector.metric(bytes, message));
      if (isIn) return [];
      dropped += fields.kind === "record" ? 1 : countPoints(bytes, message, fields.attributesOfPoint);
      return "dropped";
    },
  });
  return { bytes: applyChanges(bytes, changes), dropped };
}

function countPoints(bytes: Uint8Array, metric: Message, attributesOfPoint: Readonly<Record<number, number>>): number {
  let count = 0;
  eachMessage(bytes, metric, (no, data) => {
    if (attributesOfPoint[no] === undefined) return;
    eachMessage(bytes, data, (inner) => {
      if (inner === 1) count++;
    });
  });
  return count;
}
