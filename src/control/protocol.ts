import type { Ended, Question } from "../telemetry/answers.ts";

/*
 * What is said on the control socket: one line of JSON in, lines of JSON out.
 *
 *   > {"protocol":1,"order":"containers"}
 *   < {"podstamp":"0.1.0","protocol":1}
 *   < {"item":…}                            as many as there are
 *   < {"lost":3}                            in place of items that were not read in time
 *   < {"end":{"ok":true,"lines":[]}}
 */

/** Grows when an order or an item means something else than before; new orders and new fields leave it. */
export const protocol = 1;

/** The longest order, and the longest line of an answer, in bytes. */
export const maxOrderBytes = 256 * 1024;
export const maxLineBytes = 32 * 1024 * 1024;

/** One line of an answer. */
export type Line =
  | { readonly podstamp: string; readonly protocol: number }
  | { readonly item: unknown }
  | { readonly lost: number }
  | { readonly end: Ended };

/** An order as it came, or in words why it is none. */
export type Read =
  | { readonly order: string; readonly question: Question; readonly isBare: boolean }
  | { readonly problem: string };

/** The line of an order. */
export function writeOrder(order: string, question: Question): string {
  return `${JSON.stringify({ ...question, protocol, order })}\n`;
}

/** Reads the line of an order; `reload` alone is one too, and was the only one before there was this protocol. */
export function readOrder(line: string): Read {
  if (line === "reload") return { order: line, question: {}, isBare: true };
  const value = objectOf(line);
  if (value === undefined) return { problem: 'Cannot read the order: must be a line such as {"order":"containers"}' };
  const { order, protocol: spoken = protocol } = value;
  if (spoken !== protocol)
    return {
      problem: `Cannot take an order of protocol ${JSON.stringify(spoken).slice(0, 20)}: must be ${protocol}; use the podstamp command of the version that runs`,
    };
  if (typeof order !== "string") return { problem: "Cannot read the order: must have the name of one in `order`" };
  return { order, question: value, isBare: false };
}

/** Reads a line of an answer; undefined when it is none. */
export function readLine(text: string): Line | undefined {
  const value = objectOf(text);
  if (value === undefined) return undefined;
  if (typeof value["podstamp"] === "string" && typeof value["protocol"] === "number")
    return { podstamp: value["podstamp"], protocol: value["protocol"] };
  if ("item" in value) return { item: value["item"] };
  if (typeof value["lost"] === "number") return { lost: value["lost"] };
  const { end } = value;
  if (typeof end !== "object" || end === null || !("ok" in end) || !("lines" in end)) return undefined;
  return { end: { ok: end.ok === true, lines: Array.isArray(end.lines) ? end.lines.map(String) : [] } };
}

function objectOf(text: string): Question | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // who asks is told what an order looks like
  }
}
