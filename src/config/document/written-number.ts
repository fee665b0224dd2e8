/*
 * Numbers as a file has them. Go's YAML, which reads a Collector's files, has more forms of whole numbers than YAML 1.2: 017 is octal, and
 * 1_000 and 0b11 are numbers. And JavaScript's numbers do not tell all: `1.0` is 1 there, and whole numbers have 53 bits. For settings that
 * makes no difference; a value of an attribute has a type and must be what is written.
 */

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** The number that Go reads in a plain scalar; undefined where it is none, or one that YAML 1.2 has, too. */
export function numberOfGo(source: string): number | undefined {
  if (!/^[-+]?[0-9_]/.test(source)) return undefined;
  const whole = wholeOf(source);
  if (whole !== undefined) return Number(whole);
  const plain = source.replaceAll("_", "");
  return plain !== source && /^[^_]/.test(source) && /^[-+]?[0-9]+(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?$/i.test(plain)
    ? Number(plain)
    : undefined;
}

/** Longer than any number of 64 bits is, in any form. */
const longest = 100;

function wholeOf(source: string): bigint | undefined {
  if (source.length > longest || source.startsWith("_")) return undefined;
  const plain = source.replaceAll("_", "");
  const digits = plain.replace(/^[-+]/, "");
  if (!/^(?:0x[0-9a-f]+|0b[01]+|0o?[0-7]+|0|[1-9][0-9]*)$/i.test(digits)) return undefined;
  const whole = BigInt(digits.replace(/^0(?=[0-7])/, "0o"));
  return plain.startsWith("-") ? -whole : whole;
}

/** Whether the value is all that its text says. */
export function isTold(value: unknown, source: string | undefined): boolean {
  return typeof value !== "number" || source === undefined || typeof numberOf(value, source) === "number";
}

/** What is written: a bigint of 64 bits, a Number object for a whole number written as a double, else the number itself. */
export function numberOf(value: number, written: string): unknown {
  const whole = wholeOf(written);
  if (whole === undefined) return Number.isSafeInteger(value) ? Object(value) : value;
  if (Number.isSafeInteger(value)) return value;
  return whole >= least && whole <= most ? whole : value;
}
