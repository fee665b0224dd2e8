import { parseArgs } from "node:util";
import { nearest } from "../../config/document/nearest.ts";
import { clean, UsageError } from "./output.ts";
import type { Option, Shape } from "./shapes.ts";

/** Options and positional arguments of a command; a string option given more than once comes as the last one unless `multiple`. */
export type Args = {
  readonly flag: (name: string) => boolean;
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
  readonly positionals: readonly string[];
};

/** Reads a command's arguments; throws a UsageError that says what is wrong and what was probably meant. */
export function readArgs(argv: readonly string[], shape: Shape): Args {
  const { values, positionals } = parse(argv, shape);
  const wanted = shape.positionals ?? [];
  const missing = wanted[positionals.length];
  if (missing !== undefined && missing.isOptional !== true) {
    const known = missing.values === undefined ? "" : `: must be ${oneOf(missing.values)}`;
    throw new UsageError(`Missing ${missing.name}${known}`);
  }
  const extra = wanted.at(-1)?.isRepeated === true ? undefined : positionals[wanted.length];
  if (extra !== undefined) {
    const isConfig = /\.ya?ml$/i.test(extra) && Object.hasOwn(shape.options, "config");
    const meant = isConfig ? `: did you mean --config ${clean(extra)}?` : "";
    throw new UsageError(`Unexpected argument ${quoted(extra)}${meant}`);
  }
  for (const [at, { name, values: known }] of wanted.entries()) checkValue(name, positionals[at], { values: known });
  const all = (name: string) => [values[name] ?? []].flat();
  return {
    flag: (name) => all(name).includes(true),
    text: (name) => all(name).findLast((value) => typeof value === "string"),
    texts: (name) => all(name).filter((value) => typeof value === "string"),
    positionals,
  };
}

/** What every command understands. */
export const helpOption = { help: { type: "boolean", short: "h" } } as const;

function parse(argv: readonly string[], shape: Shape) {
  const options: Readonly<Record<string, Option>> = { ...shape.options, ...helpOption };
  const args = withLongNames(argv, options);
  const { tokens, ...parsed } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw new UsageError(unknownOption(token.rawName, options));
    if (option.type === "string" && (token.value === undefined || (!token.inlineValue && /^--./.test(token.value)))) {
      throw new UsageError(`Option ${token.rawName} needs a value`);
    }
    if (option.type === "boolean" && token.value !== undefined)
      throw new UsageError(`Option ${token.rawName} takes no value`);
    checkValue(`Option --${token.name}`, token.value, option);
  }
  return parsed;
}

/**
 * As Go's programs, crictl among them, take options: a long one behind one dash, too (`-last 3`, and `-all` is not three letters),
 * `-r=VALUE`, which Node reads as the value `=VALUE`, and `--all=true`.
 */
function withLongNames(argv: readonly string[], options: Readonly<Record<string, Option>>): string[] {
  const end = argv.indexOf("--");
  return argv.flatMap((word, at) => {
    const written = end < 0 || at < end ? word : "";
    const [, long, short, value] = /^(?:--?([A-Za-z][a-z-]+)|-([A-Za-z]))(?:=(.*))?$/s.exec(written) ?? [];
    const name = long ?? Object.keys(options).find((each) => short !== undefined && options[each]?.short === short);
    if (name === undefined || !Object.hasOwn(options, name)) return [word];
    if (value === undefined) return [short === undefined ? `--${name}` : word];
    const isOn = options[name]?.type === "boolean" ? truths.get(value) : undefined;
    if (isOn !== undefined) return isOn ? [`--${name}`] : [];
    return [`--${name}=${value}`];
  });
}

/** What Go reads as true or false. */
const truths = new Map([
  ...["1", "t", "T", "true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["0", "f", "F", "false", "False", "FALSE"].map((word) => [word, false] as const),
]);

type Known = { readonly values?: readonly string[] | undefined; readonly ignoresCase?: boolean };

function checkValue(what: string, value: string | undefined, { values: known, ignoresCase }: Known): void {
  if (value === undefined || known === undefined) return;
  if (known.includes(ignoresCase === true ? value.toLowerCase() : value)) return;
  throw new UsageError(`${what} must be ${oneOf(known)}, is ${quoted(value)}`);
}

function oneOf(values: readonly string[]): string {
  const last = values.length - 1;
  return [values.slice(0, last).join(", "), values[last]].filter((word) => word !== "").join(" or ");
}

function unknownOption(written: string, options: Shape["options"]): string {
  const word = written.replace(/^-+/, "");
  // crictl's lists have it.
  if (/^v(?:erbose)?$/.test(word) && options["output"]?.values?.includes("wide") === true)
    return `Unknown option ${quoted(written)}: -o wide shows more, -o yaml everything`;
  const names = Object.keys(options);
  const like = nearest(word, names) ?? names.find((name) => word.length > 2 && name.startsWith(word));
  return `Unknown option ${quoted(written)}${like === undefined ? "" : `: did you mean --${like}?`}`;
}

function quoted(text: string): string {
  return `"${clean(text)}"`;
}
