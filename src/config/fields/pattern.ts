import { RE2JS } from "re2js";

/** A regular expression in RE2's syntax, as the Collector has them: no text makes it slow. */
export type Pattern = {
  /** Whether it matches any part of the text. */
  matches(text: string): boolean;
  /** Names and texts of its groups in the first match, in their order; undefined without a match. */
  groups(text: string): readonly (readonly [name: string, text: string])[] | undefined;
  /** The names of its groups, in their order; one name may be of several. */
  readonly names: readonly string[];
  /** How many groups have no name. */
  readonly unnamed: number;
};

type Compiled = { readonly pattern: Pattern } | { readonly problem: string };

/** Texts whose answer a pattern remembers: most are the same few again. */
const maxRemembered = 1000;
const maxRememberedLength = 256;

/** Compiles a pattern, or says what is wrong with it. */
export function compilePattern(source: string): Compiled {
  const { once, numbers } = nameOnce(source);
  try {
    const compiled = RE2JS.compile(once);
    const named = [...numbers]
      .flatMap(([name, all]) => all.map((number) => ({ name, number })))
      .toSorted((a, b) => a.number - b.number);
    const matches = remembering((text) => compiled.test(text));
    const groups = (text: string) => {
      const matcher = compiled.matcher(text);
      return matcher.find() ? named.map(({ name, number }) => [name, matcher.group(number) ?? ""] as const) : undefined;
    };
    const names = named.map(({ name }) => name);
    return { pattern: { matches, groups, names, unnamed: compiled.groupCount() - names.length } };
  } catch (cause) {
    return { problem: cause instanceof Error ? cause.message : String(cause) };
  }
}

function remembering(test: (text: string) => boolean): (text: string) => boolean {
  const answers = new Map<string, boolean>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = test(text);
    if (text.length <= maxRememberedLength) {
      if (answers.size >= maxRemembered) answers.clear();
      answers.set(text, answer);
    }
    return answer;
  };
}

/** What the groups of a pattern hold where it has matched; undefined for one that is not there or took no part. */
export type KeyGroups = {
  readonly count: number;
  byNumber(number: number): string | undefined;
  byName(name: string): string | undefined;
};

/** A regular expression in RE2's syntax that is asked about whole texts. */
export type KeyPattern = {
  readonly source: string;
  /** The groups when it matches the whole text; 0 is the text. */
  match(text: string): KeyGroups | undefined;
};

/** Compiles a pattern for whole texts, or says what is wrong with it. */
export function compileKeyPattern(source: string): { readonly pattern: KeyPattern } | { readonly problem: string } {
  const { once, numbers } = nameOnce(source);
  try {
    RE2JS.compile(once); // by itself, so that the message is about what stands in the file
    const compiled = RE2JS.compile(`^(?:${once})$`);
    const count = compiled.groupCount();
    const match = (text: string): KeyGroups | undefined => {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      const byNumber = (number: number) => (number <= count ? (matcher.group(number) ?? undefined) : undefined);
      return {
        count,
        byNumber,
        byName: (name) =>
          numbers
            .get(name)
            ?.map(byNumber)
            .find((part) => part !== undefined),
      };
    };
    return { pattern: { source, match } };
  } catch (cause) {
    return { problem: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** What opens a group, behind what only looks like it: quoted texts, escapes and classes. */
const openings = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?\w*:\]|[^\]\\])*\]|\(\?P?<([^>]*)>|\(\?|\(/g;

/**
 * Go lets several groups have one name, `(?P<n>a)|(?P<n>b)`, and means the first of them that took part; RE2JS refuses that. So only
 * the first keeps it, and the numbers of all are told.
 */
function nameOnce(source: string): { readonly once: string; readonly numbers: ReadonlyMap<string, readonly number[]> } {
  const numbers = new Map<string, number[]>();
  let count = 0;
  const once = source.replace(openings, (text, name?: string) => {
    if (text === "(" || name !== undefined) count++;
    if (name === undefined) return text;
    const known = numbers.get(name);
    if (known === undefined) numbers.set(name, [count]);
    else known.push(count);
    return known === undefined ? text : "(";
  });
  return { once, numbers };
}
