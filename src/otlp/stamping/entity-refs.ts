import { Cursor, Wire } from "../wire/cursor.ts";
import { lengthDelimited } from "../rope/splice.ts";
import type { Reading } from "../reading.ts";
import { text } from "../wire/text.ts";

/** An entity that a resource is of, encoded as field 3 of Resource. */
export type Entity = { readonly type: string; readonly bytes: Uint8Array };

export type EntityDescription = {
  /** As the semantic conventions call it, "k8s.pod". */
  readonly type: string;
  /** Keys of attributes that tell which one it is, and of others that say something of it. */
  readonly idKeys: readonly string[];
  readonly descriptionKeys: readonly string[];
};

/** The number of entity_refs in Resource. */
export const entityRefsField = 3;

/** Encodes EntityRef: 1 schema_url, 2 type, 3 id_keys, 4 description_keys. */
export function encodeEntity({ type, idKeys, descriptionKeys }: EntityDescription): Entity {
  const content = Buffer.concat([
    string(2, type),
    ...idKeys.map((key) => string(3, key)),
    ...descriptionKeys.map((key) => string(4, key)),
  ]);
  return { type, bytes: lengthDelimited(entityRefsField, content) };
}

/** The types of the entities that Resource messages have, which lie at these offsets. */
export function entityTypes(
  { bytes, view }: Pick<Reading, "bytes" | "view">,
  messages: readonly { readonly start: number; readonly stop: number }[],
): ReadonlySet<string> {
  const types = new Set<string>();
  for (const { start, stop } of messages) {
    const cursor = new Cursor(bytes, start, stop);
    while (cursor.next()) {
      if (cursor.field !== entityRefsField || cursor.wire !== Wire.LEN) continue;
      const inner = new Cursor(bytes, cursor.start, cursor.stop);
      while (inner.next())
        if (inner.field === 2 && inner.wire === Wire.LEN) types.add(text(view, inner.start, inner.stop));
    }
  }
  return types;
}

function string(field: number, value: string): Uint8Array {
  return lengthDelimited(field, Buffer.from(value));
}
