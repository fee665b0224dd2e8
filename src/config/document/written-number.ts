/*
 * Numbers of a file that JavaScript's do not tell: `1.0`, which is 1 there, and whole numbers of more than 53 bits. For settings
 * that makes no difference; a value of an attribute has a type and must be what is written.
 */

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** Whether the value is all that its text says. */
export function isTold(value: unknown, source: string | undefined): boolean {
  return typeof value !== "number" || source === undefined || typeof numberOf(value, source) === "number";
}

/** What is written: a bigint of 64 bits, a Number object for a whole number written as a double, else the number itself. */
export function numberOf(value: number, written: string): unknown {
  const isInteger = /^[-+]?(?:[0-9]+|0x[0-9a-f]+|0o[0-7]+)$/i.test(written);
  if (!isInteger) return Number.isSafeInteger(value) ? Object(value) : value;
  if (Number.isSafeInteger(value)) return value;
  const whole = BigInt(written.replace(/^\+/, ""));
  return whole >= least && whole <= most ? whole : value;
}
