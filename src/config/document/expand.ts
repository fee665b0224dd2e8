import { cannotUse } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { createLookup, substitute } from "./reference.ts";
import type { Env, Found, Piece } from "./reference.ts";
import { parseValue } from "./tree.ts";
import type { Tree } from "./tree.ts";

type Expanded = { readonly tree: Tree; readonly problems: readonly Problem[] };

/** Where a value stands: its path, and the files that it came through, the outermost first. */
type Spot = { readonly path: readonly string[]; readonly within: readonly string[] };

/** References in one configuration at most; the Collector has the same limit. */
const maxReferences = 1000;

const maxFileDepth = 10;
const tooDeep = `must not refer to a file from within ${maxFileDepth} others`;

/**
 * Replaces `${env:NAME}`, `${NAME}`, `${env:NAME:-default}`, `${file:PATH}` and `$$` in all values (not in keys), as the Collector does.
 * A value that is one reference and nothing else is read as YAML, with its text kept for settings that are strings.
 * What a variable holds is taken as it is, and so is the text of a file: references inside it are not followed. A file that is
 * the whole value and holds a map or a list is a piece of the configuration: in it they are.
 */
export function expandTree(root: Tree, env: Env): Expanded {
  const problems: Problem[] = [];
  const lookUp = createLookup(env);
  let references = 0;

  function expand(tree: Tree, { path, within }: Spot): Tree {
    switch (tree.kind) {
      case "map":
        return {
          ...tree,
          entries: new Map(
            [...tree.entries].map(([key, entry]) => [
              key,
              { ...entry, tree: expand(entry.tree, { path: [...path, key], within }) },
            ]),
          ),
        };
      case "list":
        return {
          ...tree,
          items: tree.items.map((item, index) => expand(item, { path: [...path, String(index)], within })),
        };
      case "scalar": {
        const written: Tree = within.length > 0 ? { ...tree, isHidden: true } : tree;
        return typeof tree.value === "string" && tree.value.includes("$")
          ? expandScalar(written, tree.value, { path, within })
          : written;
      }
    }
  }

  function expandScalar(tree: Tree, source: string, { path, within }: Spot): Tree {
    const report = (severity: Problem["severity"], message: string, because?: Problem["because"]) =>
      problems.push({ severity, at: tree.at, message, path, ...(because && { because }) });
    const all: Found[] = [];
    const look = (body: Piece): Piece => {
      const nothing = { text: "", isHidden: body.isHidden };
      references += 1;
      if (references > maxReferences) {
        if (references === maxReferences + 1)
          report("error", cannotUse(path, `must not be the reference after ${maxReferences} others`));
        return nothing;
      }
      const found = lookUp(body);
      all.push(found);
      if (found.kind === "error") report("error", cannotUse(path, found.rule), found.because);
      else if (found.kind === "unset")
        report(
          "warning",
          `${path.join("::")} refers to the environment variable ${found.name}, which is not set: it is taken as empty`,
          "environment",
        );
      return found.kind === "text" ? found : nothing;
    };
    if (source.split("${").length > maxReferences) {
      report("error", cannotUse(path, `must hold at most ${maxReferences} references`));
      return tree;
    }
    if (isVariableOfShell.test(source))
      report("warning", `${path.join("::")} has a $NAME, which is taken as it is: a variable is written \${env:NAME}`);
    const piece = substitute(source, look);
    const isHidden = piece.isHidden || tree.isHidden === true;
    const { at } = tree;
    if (!piece.isWhole) return { kind: "scalar", at, value: piece.text, isHidden };
    // Inner references are looked up first: the last one is the whole.
    const last = all.at(-1);
    const file = last?.kind === "text" ? last.file : undefined;
    const { tree: parsed, problems: found } =
      piece.text.trim() === "" ? noTree : parseValue(file ?? at.file, piece.text);
    // Any text may be a string setting's; by its name this is a piece of the configuration. What stands there is not shown.
    if (file !== undefined && /\.ya?ml$/i.test(file))
      for (const { at: wrong } of found)
        problems.push({
          severity: "error",
          at: wrong,
          message: cannotUse(path, "must be YAML, and cannot be read here"),
          path,
        });
    if (file === undefined || parsed === undefined || parsed.kind === "scalar")
      return wholeValue(parsed, { text: piece.text, at, isHidden });
    if (within.includes(file) || within.length === maxFileDepth) {
      const rule = within.includes(file) ? "must not refer to a file that it stands in" : tooDeep;
      report("error", cannotUse(path, rule));
      return { kind: "scalar", at, value: null };
    }
    return { ...expand(parsed, { path, within: [...within, file] }), at, text: piece.text, isHidden };
  }

  return { tree: expand(root, { path: [], within: [] }), problems };
}

/** A shell's variable, as older Collectors read it, too. The name is in no message: it may be a part of a password. */
const isVariableOfShell = /(?<!\$)(?:\$\$)*\$[A-Z][A-Z0-9_]*\b/;

const noTree = { tree: undefined, problems: [] };

type Whole = Piece & Pick<Tree, "at">;

function wholeValue(parsed: Tree | undefined, { text, at, isHidden }: Whole): Tree {
  if (parsed !== undefined) return { ...placed(parsed, { at, isHidden }), text };
  return text.trim() === ""
    ? { kind: "scalar", at, value: null, text, isHidden }
    : { kind: "scalar", at, value: text, isHidden };
}

/** The tree with every place replaced: what comes from a reference stands where the reference stands. */
function placed(tree: Tree, mark: Pick<Tree, "at" | "isHidden">): Tree {
  const { at } = mark;
  switch (tree.kind) {
    case "scalar":
      return { ...tree, ...mark };
    case "list":
      return { ...tree, ...mark, items: tree.items.map((item) => placed(item, mark)) };
    case "map":
      return {
        ...tree,
        ...mark,
        entries: new Map([...tree.entries].map(([key, entry]) => [key, { keyAt: at, tree: placed(entry.tree, mark) }])),
      };
  }
}
