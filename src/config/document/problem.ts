/** Where something stands in a file; line and column count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

/** Something the user should change: an error stops the start, a warning does not. */
export type Problem = {
  readonly severity: "error" | "warning";
  readonly at: Place;
  readonly message: string;
  /** The setting that it is about, where it is about one. */
  readonly path?: readonly PropertyKey[];
  /** The Collector has it and podstamp has not built it yet; or it is of the environment, or of a file that a reference names. */
  readonly because?: "not_built" | "environment" | "file";
};

/** The problem as one line, "file:line:col: message"; nothing in it can steer a terminal. */
export function problemLine(problem: Problem): string {
  const { file, line, column } = problem.at;
  return shown(`${file}:${line}:${column}: ${problem.severity === "warning" ? "warning: " : ""}${problem.message}`);
}

/** The problems in the order of the files as they were given, then by line and column. */
export function sortProblems(problems: readonly Problem[], files: readonly string[]): readonly Problem[] {
  return problems.toSorted(
    (a, b) => files.indexOf(a.at.file) - files.indexOf(b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column,
  );
}

/** "Cannot use a::b: rule", the form of every error on a setting. */
export function cannotUse(path: readonly PropertyKey[], rule: string): string {
  return `Cannot use ${pathText(path)}: ${rule}`;
}

/** A path as the Collector writes it, "processors::batch::timeout". */
export function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "the configuration" : path.map((part) => shown(String(part))).join("::");
}

/** A value as it stands in a message: strings quoted and cut at 60 characters, nothing that could steer a terminal. */
export function valueText(value: unknown): string {
  if (typeof value === "string") {
    const short = value.length > 60 ? `${value.slice(0, 60)}…` : value;
    return `"${shown(short)}"`;
  }
  if (value === undefined) return "not set";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" && value !== null ? "a map" : JSON.stringify(value);
}

/** The text without control characters; each is made visible as \u{1b}. */
export function shown(text: string): string {
  // Most names are plain, and the other expression takes long to be made.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
