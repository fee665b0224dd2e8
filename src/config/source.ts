import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { whyUnreadable } from "./document/file-text.ts";
import { shown } from "./document/problem.ts";
import type { Problem } from "./document/problem.ts";
import type { Env } from "./document/reference.ts";
import { limits } from "./document/tree.ts";
import { codeOf } from "../error-code.ts";

/** A piece of a configuration: its text, and what its problems are told to be in. */
export type Source = { readonly name: string } & ({ readonly text: string } | { readonly problem: Problem });

/** As the Collector's `--config` has it: `file:PATH`, `env:NAME` or `yaml:TEXT`; all else is a path. */
export async function readSource(uri: string, env: Env): Promise<Source> {
  const { scheme, rest } = parts(uri);
  switch (scheme) {
    case "env": {
      const text = Object.hasOwn(env, rest) ? env[rest] : undefined;
      if (text === undefined) return failed(uri, "there is no such environment variable");
      return text.trim() === "" ? failed(uri, "the environment variable is empty") : { name: uri, text };
    }
    case "yaml":
      return { name: nameOf(uri), text: rest };
    case "http":
    case "https":
      return failed(
        nameOf(uri),
        "must be a file, env:NAME or yaml:TEXT; the Collector's http: and https: are not built yet",
      );
    case "file":
    case undefined:
      return readFile(rest);
  }
}

/** What it is called in what is shown, without what may hold a password: of a text not the text, of a URL neither user nor query. */
export function nameOf(uri: string): string {
  const { scheme, rest } = parts(uri);
  switch (scheme) {
    case "yaml":
      return "yaml";
    case "http":
    case "https":
      return uri.replace(/\/\/[^/]*@/, "//").replace(/[?#].*/s, "");
    case "file":
      return rest;
    case "env":
    case undefined:
      return uri;
  }
}

/** What `--set KEY=VALUE` says, as the Collector reads it: the dots of the key part its sections. Undefined where it is none. */
export function sourceOfSet(text: string): string | undefined {
  const [, key, value] = /^\s*([^=]*[^=\s])\s*=(.*)$/s.exec(text) ?? [];
  return key === undefined ? undefined : `yaml:${key.replaceAll(".", "::")}: ${value?.trim()}`;
}

/** The same seen from the directory that its podstamp was started in; undefined where that is not known and counts. */
export function seenFrom(folder: string | undefined, uri: string): string | undefined {
  const { scheme, rest } = parts(uri);
  if (scheme !== undefined && scheme !== "file") return uri;
  return folder === undefined && !isAbsolute(rest) ? undefined : resolve(folder ?? "/", rest);
}

const schemes = ["file", "env", "yaml", "http", "https"] as const;

function parts(uri: string): { readonly scheme: (typeof schemes)[number] | undefined; readonly rest: string } {
  const scheme = schemes.find((one) => uri.startsWith(`${one}:`));
  return { scheme, rest: scheme === undefined ? uri : uri.slice(scheme.length + 1) };
}

async function readFile(file: string): Promise<Source> {
  try {
    // Not to wait within the kernel: a pipe that nobody writes to would hold up this and all other files for ever.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const state = await handle.stat();
    const buffer = Buffer.alloc(limits.bytes + 1);
    let length = 0;
    for (;;) {
      const free = buffer.subarray(length);
      const count = state.isFile()
        ? (await handle.read(free)).bytesRead
        : await readPipe(handle, free, { waitsForWriter: length === 0 && state.isFIFO() });
      if (typeof count === "string") return failed(file, count);
      length += count;
      if (count === 0 || length === buffer.length) break;
    }
    return length > limits.bytes
      ? failed(file, `must be at most ${limits.bytes} bytes`)
      : { name: file, text: buffer.toString("utf8", 0, length) };
  } catch (cause) {
    return failed(file, whyUnreadable(cause));
  }
}

const lookMs = 20;
/** How long somebody may take to open a pipe for writing … */
const writerMs = 5000;
/** … and then to write more to it. */
const silenceMs = 60_000;

type PipeReading = {
  /** A pipe that nobody has opened for writing yet looks as if it were at its end. */
  readonly waitsForWriter: boolean;
};

/** Reads what a pipe or terminal has next, 0 at its end; or says that nothing came for too long. */
async function readPipe(handle: FileHandle, into: Buffer, { waitsForWriter }: PipeReading): Promise<number | string> {
  for (let waited = 0; ; waited += lookMs) {
    const count = await readNow(handle, into);
    if (count !== undefined && (count > 0 || !waitsForWriter)) return count;
    if (count === 0 && waited >= writerMs)
      return "it is a pipe that nobody writes to; what was in a pipe can be read only once";
    if (waited >= silenceMs) return `nothing has come from it for ${silenceMs / 1000}s`;
    await sleep(lookMs);
  }
}

/** Undefined where there is nothing yet. */
async function readNow(handle: FileHandle, into: Buffer): Promise<number | undefined> {
  try {
    return (await handle.read(into)).bytesRead;
  } catch (error) {
    if (codeOf(error) === "EAGAIN") return undefined;
    throw error;
  }
}

function failed(name: string, rule: string): Source {
  const message = `Cannot read ${shown(name)}: ${rule}`;
  return { name, problem: { severity: "error", at: { file: name, line: 1, column: 1 }, message } };
}
