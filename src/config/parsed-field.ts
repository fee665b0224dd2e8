import { z } from "zod";

/** What else a complaint may say. */
export type FailDetails = {
  /** Where below the field. */
  readonly at?: readonly (string | number)[];
  /** The value must not be shown. */
  readonly secret?: boolean;
  readonly notYet?: "error" | "warn";
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
export function parsed<T>(options: ParsedOptions<T>): z.ZodType<T> {
  const field = z.unknown().transform((raw, context): T => {
    const fail: Fail = (rule, { at = [], ...params } = {}) => {
      context.addIssue({ code: "custom", message: rule, path: [...at], params });
      return z.NEVER;
    };
    return options.read(raw, fail);
  });
  const described = field.meta(options.facts);
  return options.default === undefined ? described : (described.prefault(options.default) as unknown as z.ZodType<T>);
}

/** Whether a value is a map. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
