import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import { limits } from "./tree.ts";
import { codeOf } from "../../error-code.ts";

/** What a file holds, or why nobody can say. */
export type FileText = { readonly text: string } | { readonly reason: string };

/** The text of a file that a reference names, without the end of its last line: most tools write one, and no token or password has it. */
export function readFileText(file: string): FileText {
  try {
    const bytes = readBytes(file);
    if (typeof bytes === "string") return { reason: bytes };
    if (!isUtf8(bytes)) return { reason: "it must be text in UTF-8" };
    return { text: withoutLastEnd(bytes.toString("utf8")) };
  } catch (cause) {
    return { reason: whyUnreadable(cause) };
  }
}

function readBytes(file: string): Buffer | string {
  // Not to wait: a pipe that nobody writes to would hold up everything.
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const state = fstatSync(handle);
    if (state.isDirectory()) return "it is a folder";
    if (!state.isFile()) return "it is not a regular file";
    const buffer = Buffer.alloc(limits.bytes + 1);
    let length = 0;
    for (;;) {
      const count = readSync(handle, buffer, length, buffer.length - length, null);
      length += count;
      if (length === buffer.length) return `it must have at most ${limits.bytes} bytes`;
      if (count === 0) return buffer.subarray(0, length);
    }
  } finally {
    closeSync(handle);
  }
}

function withoutLastEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end -= 1;
  // Editors of Windows put a mark in front.
  return text.slice(text.startsWith("\uFEFF") ? 1 : 0, end);
}

/** Why a file cannot be read, without its name. */
export function whyUnreadable(cause: unknown): string {
  const code = codeOf(cause);
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "this user may not read it";
  if (code === "EISDIR") return "it is a folder";
  return cause instanceof Error && "errno" in cause && typeof cause.errno === "number"
    ? getSystemErrorMessage(cause.errno)
    : "no file can have this name";
}
