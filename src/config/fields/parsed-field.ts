import { invalid } from "../schema/schema.ts";
import { readBy } from "../schema/kinds.ts";
import type { Schema } from "../schema/schema.ts";

/** What else a complaint may say. */
export type FailDetails = {
  /** Where below the field. */
  readonly at?: readonly (string | number)[];
  /** The value must not be shown. */
  readonly secret?: boolean;
  readonly notYet?: "error" | "warn";
  /** It is of the right kind, and too small or too large; in a section that is off that does not count. */
  readonly isLimit?: boolean;
  /** Nothing behind the key is wrong, too, and not as if the key was not there. */
  readonly isNeeded?: boolean;
  /** The words that it may be; the one that is most like it is told. */
  readonly words?: readonly string[];
};
/** Complains about a value with a rule, "must be …"; returns only so that it can stand where a value is wanted. */
export type Fail = (rule: string, details?: FailDetails) => never;

/** A setting that is read by hand. */
export type ParsedOptions<T> = {
  /** As it would stand in the file. */
  readonly default: unknown;
  /** For the documentation. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly read: (raw: unknown, fail: Fail) => T;
};

/** A setting that `read` turns from what stands in the file into what the component gets. */
export function parsed<T>({ default: standard, facts, read }: ParsedOptions<T>): Schema<T> {
  const field = readBy((raw, context): T => {
    const fail: Fail = (message, { at = [], ...params } = {}) => {
      context.addIssue({ message, path: at, params });
      return invalid;
    };
    return read(raw, fail);
  }, facts);
  return standard === undefined ? field : field.prefault(standard);
}

/** Whether a value is a map. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
