import type { PartialSuccess } from "../../otlp/response.ts";

/** Reads `partialSuccess` of an Export…ServiceResponse in OTLP's JSON; undefined on full success and when the text is no such thing. */
export function readJsonPartialSuccess(text: string): PartialSuccess | undefined {
  const partial = field(parse(text), "partialSuccess", "partial_success");
  const message = field(partial, "errorMessage", "error_message");
  const result = { rejected: rejectedOf(partial), message: typeof message === "string" ? message : "" };
  return result.rejected === 0 && result.message === "" ? undefined : result;
}

/** The message of a google.rpc.Status in JSON; undefined when the text is no such thing. */
export function readJsonStatusMessage(text: string): string | undefined {
  const message = field(parse(text), "message");
  return typeof message === "string" ? message : undefined;
}

/** Only one of them is set: it is the one of the signal. An int64 in JSON is a string; some write a number. */
function rejectedOf(partial: unknown): number {
  const count = field(
    partial,
    ...["Spans", "DataPoints", "LogRecords", "Profiles"].map((items) => `rejected${items}`),
    ...["spans", "data_points", "log_records", "profiles"].map((items) => `rejected_${items}`),
  );
  const value = typeof count === "string" || typeof count === "number" ? Number(count) : 0;
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function field(of: unknown, ...names: readonly string[]): unknown {
  if (typeof of !== "object" || of === null) return undefined;
  return names.map((name) => (of as Readonly<Record<string, unknown>>)[name]).find((value) => value !== undefined);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
