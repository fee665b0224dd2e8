import { widthOf, wrap } from "../terminal/fit.ts";
import { clean, type Io, json } from "../terminal/output.ts";
import type { Finding } from "./finding.ts";

const indent = "skipped  ".length;

const color = { ok: 32, warning: 33, problem: 31, skipped: 2 } as const;

/** The findings in words: each with its status, and what to do below it. */
export function asText(findings: readonly Finding[], io: Pick<Io, "columns" | "color">): string {
  const columns = widthOf(io);
  const painted = (status: Finding["status"]) =>
    io.color ? `\u001b[${color[status]}m${status.padEnd(indent)}\u001b[0m` : status.padEnd(indent);
  const lines = findings.flatMap((finding) => {
    const [first = "", ...more] = wrap(clean(`${finding.check}: ${finding.text}`), columns - indent);
    const todo = "todo" in finding ? wrap(clean(`do: ${finding.todo}`), columns - indent) : [];
    return [`${painted(finding.status)}${first}`, ...[...more, ...todo].map((line) => `${" ".repeat(indent)}${line}`)];
  });
  return `${lines.join("\n")}\n\n${summary(findings)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const count = (status: Finding["status"]) => findings.filter((finding) => finding.status === status).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  const words = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  if (problems + warnings === 0) return "All is well";
  return `${words(problems, "problem")}, ${words(warnings, "warning")}`;
}

/** The findings for programs. */
export function asJson(findings: readonly Finding[]): string {
  return json(asObject(findings));
}

/** The same in YAML. */
export async function asYaml(findings: readonly Finding[]): Promise<string> {
  const { stringify } = await import("yaml");
  const cleaned = findings.map((finding) =>
    Object.fromEntries(Object.entries(finding).map(([key, value]) => [key, clean(value)])),
  );
  return stringify({ ...asObject(findings), findings: cleaned });
}

function asObject(findings: readonly Finding[]) {
  return { ok: !findings.some(({ status }) => status === "problem"), findings };
}
