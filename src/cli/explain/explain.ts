import { readArgs } from "../terminal/args.ts";
import { clean, CommandError, exitCode, type Io, jsonLine } from "../terminal/output.ts";
import { shapes } from "../terminal/shapes.ts";
import { type Explanation, explanations, type Kind } from "./explanations.ts";
import { linesOf } from "./lines.ts";

/** No path, name or reference is nearly as long, in bytes; what is behind it in a line is not looked at. */
const maxLineBytes = 1024 * 1024;

/** `podstamp explain KIND TEXT`: what the text says by itself, without asking anybody; `-` reads lines, each answered by one. */
export async function explain(argv: readonly string[], io: Io): Promise<number> {
  const args = readArgs(argv, shapes.explain);
  const [word = "", text = ""] = args.positionals;
  const kind = kindOf(word);
  const isJson = args.text("output") === "json";
  if (text !== "-") {
    const explanation = explanations[kind](text);
    io.out(isJson ? jsonLine(explanation) : asRows(kind, explanation));
    return exitCode.ok;
  }
  try {
    for await (const lines of linesOf(io.input(io.signal), maxLineBytes)) {
      const answers = lines.map((line) => explanations[kind](line));
      io.out(answers.map((answer) => (isJson ? jsonLine(answer) : asLine(answer))).join(""));
      await io.flush();
    }
  } catch (error) {
    if (io.signal.aborted) return exitCode.ok;
    throw new CommandError(`Cannot read standard input: ${error instanceof Error ? error.message : String(error)}`);
  }
  return exitCode.ok;
}

/** What the shape allows. */
function kindOf(word: string): Kind {
  return word === "cgroup" || word === "image" ? word : "workload";
}

const words: Readonly<Record<string, string>> = { container_id: "container", pod_uid: "pod uid" };

/** What the name alone cannot tell. */
const doubt = "by the name alone, which anybody can give; podstamp goes by labels";

function asRows(kind: Kind, explanation: Explanation): string {
  const rows = Object.entries(explanation).flatMap(([key, value]) => {
    if (key === "heuristic") return value === true ? [["sure", `no: ${doubt}`]] : [];
    if (key === "error") return value === null ? [] : [["error", String(value)]];
    return [[words[key] ?? key, value === null ? "-" : String(value)]];
  });
  const width = Math.max(...rows.map(([key = ""]) => key.length));
  const said = Object.values(explanation).some((value) => value !== null);
  const nothing = said ? "" : `Nothing is to be said of this ${kind === "workload" ? "name" : kind}.\n`;
  return nothing === ""
    ? rows.map(([key = "", value = ""]) => `${key.padEnd(width)}  ${clean(value)}\n`).join("")
    : nothing;
}

/** One line for one line. */
function asLine(explanation: Explanation): string {
  const { error } = explanation;
  if (typeof error === "string") return `error: ${clean(error)}\n`;
  const values = Object.entries(explanation).filter(([key]) => key !== "heuristic" && key !== "error");
  return `${values.map(([, value]) => (value === null ? "-" : clean(String(value)))).join("  ")}\n`;
}
