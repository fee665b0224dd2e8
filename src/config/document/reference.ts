import { resolve as absolute } from "node:path";
import { type FileText, readFileText } from "./file-text.ts";
import { shown } from "./problem.ts";
import { redacted } from "./secret.ts";

/** The environment that references read. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A text, and whether some of it comes from a file: then no message shows it. */
export type Piece = { readonly text: string; readonly isHidden: boolean };

/** What a reference stands for; `file` is the name of the file that it names, as it is written. */
export type Found =
  | { readonly kind: "text"; readonly text: string; readonly isHidden: boolean; readonly file?: string }
  | { readonly kind: "unset"; readonly name: string }
  | { readonly kind: "error"; readonly rule: string; readonly because?: "file" };

/** What all files together may bring into one configuration, each counted as often as it is referred to. */
const maxBytes = 8 << 20;

/** Finds what stands behind references; a file is read once, so that all who name it have the same of it. */
export function createLookup(env: Env): (body: Piece) => Found {
  const files = new Map<string, FileText>();
  let bytes = 0;

  function readOnce(name: string): FileText {
    const path = absolute(name);
    const known = files.get(path) ?? readFileText(path);
    files.set(path, known);
    return known;
  }

  function fromFile(name: string, shownName: string): Found {
    if (name === "") return { kind: "error", rule: "must name a file behind file:" };
    const read = readOnce(name);
    if ("reason" in read) {
      const hint = name.includes(":-") ? '; a file has no default, all behind "file:" is its name' : "";
      return { kind: "error", rule: `cannot read "${shownName}": ${read.reason}${hint}`, because: "file" };
    }
    bytes += Buffer.byteLength(read.text);
    return bytes > maxBytes
      ? { kind: "error", rule: `files must bring at most ${maxBytes} bytes into the configuration` }
      : { kind: "text", text: read.text, isHidden: true, file: name };
  }

  return ({ text: body, isHidden }) => {
    const nameOf = (text: string) => (isHidden ? redacted : shown(text));
    const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]+):(?!-)(.*)$/s.exec(body) ?? [];
    if (scheme === "file") return fromFile(rest ?? "", nameOf(rest ?? ""));
    if (scheme !== undefined && scheme !== "env") {
      return ["yaml", "http", "https"].includes(scheme)
        ? {
            kind: "error",
            rule: `references with "${scheme}:" are known from the Collector and not built yet; use \${env:NAME} or \${file:PATH}`,
          }
        : {
            kind: "error",
            rule: `must be a reference such as \${env:NAME} or \${file:PATH}, is "\${${nameOf(body)}}"`,
          };
    }
    const [name = "", ...defaults] = (rest ?? body).split(":-");
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      return {
        kind: "error",
        rule: `the name of an environment variable must be letters, digits and _, not beginning with a digit, is "${nameOf(name)}"`,
      };
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined) return { kind: "text", text: value, isHidden: false };
    return defaults.length > 0
      ? { kind: "text", text: defaults.join(":-"), isHidden }
      : { kind: "unset", name: nameOf(name) };
  };
}

type Substituted = Piece & {
  /** The source is one reference and nothing else. */
  readonly isWhole: boolean;
};

/** Replaces `$$` and references, inner ones first; a `${` that is never closed stays as it is. */
export function substitute(source: string, look: (body: Piece) => Piece): Substituted {
  let at = 0;

  function run(inside: boolean): Piece & { readonly isClosed: boolean } {
    let text = "";
    let isHidden = false;
    while (at < source.length) {
      if (inside && source[at] === "}") {
        at += 1;
        return { text, isHidden, isClosed: true };
      }
      if (source.startsWith("$$", at)) {
        text += "$";
        at += 2;
      } else if (source.startsWith("${", at)) {
        at += 2;
        const { isClosed, ...body } = run(true);
        const piece = isClosed ? look(body) : { ...body, text: `\${${body.text}` };
        text += piece.text;
        isHidden ||= piece.isHidden;
      } else {
        text += source[at];
        at += 1;
      }
    }
    return { text, isHidden, isClosed: false };
  }

  const { text, isHidden } = run(false);
  return { text, isHidden, isWhole: source.startsWith("${") && closing(source) === source.length - 1 };
}

/** Where the reference that the text begins with is closed; -1 when it is not. */
function closing(source: string): number {
  let depth = 0;
  for (let index = 0; index < source.length; index++) {
    if (source.startsWith("$$", index)) index += 1;
    else if (source.startsWith("${", index)) depth += 1;
    else if (source[index] === "}" && --depth === 0) return index;
  }
  return -1;
}
