import type { Key, Writer } from "./writer.ts";

const text = Buffer.alloc(64);
let length = 0;

/** Writes an attribute that is the address of 16 bytes at bytes[at, …): IPv4 where it is one, else IPv6 (RFC 5952). */
export function putAddress(writer: Writer, key: Key, bytes: Uint8Array, at: number): void {
  length = 0;
  appendAddress(bytes, at);
  writer.raw(key, text, 0, length);
}

/** The address as text. */
export function addressText(bytes: Uint8Array, at: number): string {
  length = 0;
  appendAddress(bytes, at);
  return text.toString("latin1", 0, length);
}

function appendAddress(bytes: Uint8Array, at: number): void {
  if (!isMapped(bytes, at)) {
    length = text.write(longText(bytes, at), "latin1");
    return;
  }
  for (let i = 12; i < 16; i++) {
    if (i > 12) text[length++] = 46;
    appendNumber(bytes[at + i] ?? 0);
  }
}

function isMapped(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 255 && bytes[at + 11] === 255;
}

function appendNumber(value: number): void {
  if (value >= 100) text[length++] = 48 + Math.floor(value / 100);
  if (value >= 10) text[length++] = 48 + (Math.floor(value / 10) % 10);
  text[length++] = 48 + (value % 10);
}

function longText(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[at + i * 2] ?? 0) << 8) | (bytes[at + i * 2 + 1] ?? 0));
  const runs = [
    ...groups
      .map((group) => (group === 0 ? "0" : "x"))
      .join("")
      .matchAll(/00+/g),
  ];
  const longest = runs.toSorted((a, b) => b[0].length - a[0].length)[0];
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  if (longest === undefined) return hex(0, 8);
  return `${hex(0, longest.index)}::${hex(longest.index + longest[0].length, 8)}`;
}
