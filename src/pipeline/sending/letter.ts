import { createHash } from "node:crypto";
import { whole } from "../../otlp/rope/rope.ts";
import { signals } from "../../otlp/signals.ts";
import type { Batch } from "../contract.ts";

/*
 * A dead letter as a file that anybody can read: one line of JSON that says what it is and why it could not be sent, then
 * the Export…ServiceRequest as it was to be sent (docs/reliability.md).
 */

/** The ending of a file of dead letters. */
export const letterEnding = ".deadletter";

/** What the first line says beside what the request is. */
export type LetterFacts = {
  readonly exporter: string;
  /** ISO 8601. */
  readonly at: string;
  /** A word of podstamp's, and what the destination said. */
  readonly reason: string;
  readonly error: string;
};

const version = 1;
const newline = 0x0a;

/** A dead letter in the pieces of its file. */
export function encodeLetter({ signal, items, bytes: all }: Batch, facts: LetterFacts): readonly [Buffer, Uint8Array] {
  const bytes = whole(all);
  const about = { podstamp_dead_letter: version, signal, items, bytes: bytes.length, sha256: sumOf(bytes) };
  return [Buffer.from(`${JSON.stringify({ ...about, ...facts })}\n`), bytes];
}

/** The request of a file of dead letters, or in words why it is none. */
export function decodeLetter(file: Buffer): { readonly batch: Batch; readonly exporter: string } | string {
  const end = file.indexOf(newline);
  const head = parse(file.toString("utf8", 0, Math.max(0, end)));
  if (head === undefined || typeof head["podstamp_dead_letter"] !== "number")
    return "must begin with a line of JSON that has podstamp_dead_letter";
  if (head["podstamp_dead_letter"] > version)
    return `must be of version ${version}, is ${head["podstamp_dead_letter"]}: a later podstamp wrote it`;
  const bytes = file.subarray(end + 1);
  if (bytes.length !== head["bytes"]) return `must hold ${String(head["bytes"])} bytes of data, holds ${bytes.length}`;
  if (sumOf(bytes) !== head["sha256"]) return "must have the data that its sha256 is of: it was changed";
  const signal = signals.find((known) => known === head["signal"]);
  const items = head["items"];
  if (signal === undefined || typeof items !== "number") return `must have signal and items`;
  const exporter = typeof head["exporter"] === "string" ? head["exporter"] : "";
  return { batch: { signal, items, bytes }, exporter };
}

function sumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
