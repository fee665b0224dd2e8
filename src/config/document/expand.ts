import { cannotUse, shown } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { parseTree } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** The environment that references read. */
export type Env = Readonly<Record<string, string | undefined>>;

type Expanded = { readonly tree: Tree; readonly problems: readonly Problem[] };

/** References in one file at most; the Collector has the same limit. */
const maxReferences = 1000;

/**
 * Replaces `${env:NAME}`, `${NAME}`, `${env:NAME:-default}` and `$$` in all values (not in keys), as the Collector does.
 * A value that is one reference and nothing else is read as YAML, with its text kept for settings that are strings.
 * What a variable holds is taken as it is: references inside it are not followed.
 */
export function expandTree(root: Tree, env: Env): Expanded {
  const problems: Problem[] = [];
  let references = 0;

  function expand(tree: Tree, path: readonly string[]): Tree {
    switch (tree.kind) {
      case "map":
        return {
          ...tree,
          entries: new Map(
            [...tree.entries].map(([key, entry]) => [key, { ...entry, tree: expand(entry.tree, [...path, key]) }]),
          ),
        };
      case "list":
        return { ...tree, items: tree.items.map((item, index) => expand(item, [...path, String(index)])) };
      case "scalar":
        return typeof tree.value === "string" && tree.value.includes("$") ? expandScalar(tree, tree.value, path) : tree;
    }
  }

  function expandScalar(tree: Tree, source: string, path: readonly string[]): Tree {
    const report = (severity: Problem["severity"], message: string, because?: Problem["because"]) =>
      problems.push({ severity, at: tree.at, message, path, ...(because && { because }) });
    const look = (body: string) => {
      references += 1;
      if (references > maxReferences) {
        if (references === maxReferences + 1)
          report("error", cannotUse(path, `must not be the reference after ${maxReferences} others`));
        return "";
      }
      const found = resolve(body, env);
      if (found.kind === "error") report("error", cannotUse(path, found.rule));
      else if (found.kind === "unset")
        report(
          "warning",
          `${path.join("::")} refers to the environment variable ${shown(found.name)}, which is not set: it is taken as empty`,
          "environment",
        );
      return found.kind === "text" ? found.text : "";
    };
    if (source.split("${").length > maxReferences) {
      report("error", cannotUse(path, `must hold at most ${maxReferences} references`));
      return tree;
    }
    const { text, whole } = substitute(source, look);
    return whole ? wholeValue(tree, text) : { kind: "scalar", at: tree.at, value: text };
  }

  return { tree: expand(root, []), problems };
}

function wholeValue(tree: Tree, text: string): Tree {
  if (text.trim() === "") return { kind: "scalar", at: tree.at, value: null, text };
  const parsed = parseTree(tree.at.file, text).tree;
  return parsed === undefined ? { kind: "scalar", at: tree.at, value: text } : { ...placed(parsed, tree), text };
}

/** The tree with every place replaced: what comes from a variable stands where the reference stands. */
function placed(tree: Tree, { at }: Tree): Tree {
  switch (tree.kind) {
    case "scalar":
      return { ...tree, at };
    case "list":
      return { ...tree, at, items: tree.items.map((item) => placed(item, { ...item, at })) };
    case "map":
      return {
        ...tree,
        at,
        entries: new Map(
          [...tree.entries].map(([key, entry]) => [
            key,
            { keyAt: at, tree: placed(entry.tree, { ...entry.tree, at }) },
          ]),
        ),
      };
  }
}

type Found =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unset"; readonly name: string }
  | { readonly kind: "error"; readonly rule: string };

function resolve(body: string, env: Env): Found {
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]+):(?!-)(.*)$/s.exec(body) ?? [];
  if (scheme !== undefined && scheme !== "env") {
    return ["file", "yaml", "http", "https"].includes(scheme)
      ? {
          kind: "error",
          rule: `references with "${scheme}:" are known from the Collector and not built yet; use \${env:NAME}`,
        }
      : { kind: "error", rule: `must be a reference such as \${env:NAME}, is "\${${shown(body)}}"` };
  }
  const [name = "", ...defaults] = (rest ?? body).split(":-");
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    return {
      kind: "error",
      rule: `the name of an environment variable must be letters, digits and _, not beginning with a digit, is "${shown(name)}"`,
    };
  }
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value !== undefined) return { kind: "text", text: value };
  return defaults.length > 0 ? { kind: "text", text: defaults.join(":-") } : { kind: "unset", name };
}

type Substituted = {
  readonly text: string;
  /** The source is one reference and nothing else. */
  readonly whole: boolean;
};

/** Replaces `$$` and references, inner ones first; a `${` that is never closed stays as it is. */
function substitute(source: string, look: (body: string) => string): Substituted {
  let at = 0;

  function run(inside: boolean): { text: string; closed: boolean } {
    let text = "";
    while (at < source.length) {
      if (inside && source[at] === "}") {
        at += 1;
        return { text, closed: true };
      }
      if (source.startsWith("$$", at)) {
        text += "$";
        at += 2;
      } else if (source.startsWith("${", at)) {
        at += 2;
        const body = run(true);
        text += body.closed ? look(body.text) : `\${${body.text}`;
      } else {
        text += source[at];
        at += 1;
      }
    }
    return { text, closed: false };
  }

  const whole = source.startsWith("${") && closing(source) === source.length - 1;
  return { text: run(false).text, whole };
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
