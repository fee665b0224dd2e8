import { open } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { whyUnreadable } from "./document/file-text.ts";
import { shown } from "./document/problem.ts";
import type { Problem } from "./document/problem.ts";
import type { Env } from "./document/reference.ts";
import { limits } from "./document/tree.ts";

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
    await using handle = await open(file);
    const buffer = Buffer.alloc(limits.bytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    return length > limits.bytes
      ? failed(file, `must be at most ${limits.bytes} bytes`)
      : { name: file, text: buffer.toString("utf8", 0, length) };
  } catch (cause) {
    return failed(file, whyUnreadable(cause));
  }
}

function failed(name: string, rule: string): Source {
  const message = `Cannot read ${shown(name)}: ${rule}`;
  return { name, problem: { severity: "error", at: { file: name, line: 1, column: 1 }, message } };
}
