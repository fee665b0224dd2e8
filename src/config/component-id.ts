import type { Schema } from "./schema/schema.ts";
import { parsed } from "./fields/parsed-field.ts";

type Id = { readonly type: string; readonly name: string | undefined; readonly text: string };

/** Reads "type" or "type/name" by the Collector's grammar; undefined when it is neither. */
export function parseId(written: string): Id | undefined {
  const slash = written.indexOf("/");
  const type = (slash < 0 ? written : written.slice(0, slash)).trim();
  const name = slash < 0 ? undefined : written.slice(slash + 1).trim();
  if (!/^[a-zA-Z][0-9a-zA-Z_]{0,62}$/.test(type)) return undefined;
  if (name !== undefined && (name.length > 1024 || !/^[^\p{Z}\p{C}\p{S}]+$/u.test(name))) return undefined;
  return { type, name, text: name === undefined ? type : `${type}/${name}` };
}

/** The id of another component, "type" or "type/name". */
export function componentId(): Schema<string> {
  return parsed({
    default: undefined,
    facts: { form: "component id" },
    read: (raw, fail) =>
      (typeof raw === "string" ? parseId(raw)?.text : undefined) ?? fail("must be a component id, type or type/name"),
  });
}
