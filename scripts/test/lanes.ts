import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { headings } from "../../test/support/closing-line.ts";

type Run = { readonly child: ChildProcess; readonly exited: Promise<{ readonly code: number }> };

/** Starts vitest; its output goes to ours, or can be read from the child. */
export function startVitest(root: string, args: readonly string[], output: "inherit" | "pipe"): Run {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const child = spawn(process.execPath, [vitest, "run", "--configLoader", "native", ...args], {
    cwd: root,
    stdio: ["ignore", output, output],
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
  });
  const exited = new Promise<{ code: number }>((resolve) => child.on("close", (code) => resolve({ code: code ?? 1 })));
  return { child, exited };
}

/**
 * Runs them at the same time and shows what each says as it comes; what failed, what was skipped and one closing line for all
 * stand at the end. Gives the exit code.
 */
export async function runLanes(root: string, lanes: readonly (readonly string[])[]): Promise<number> {
  const outcomes = await Promise.all(
    lanes.map(async (args) => {
      const { child, exited } = startVitest(root, args, "pipe");
      const counts = [0, 0, 0];
      const lastWords: string[] = [];
      let isCounted = false;
      const show = (line: string) => {
        const closing = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line);
        if (closing !== null) {
          isCounted = true;
          [1, 2, 3].forEach((group, index) => (counts[index] = Number(closing[group])));
        } else if (lastWords.length > 0 || headings.includes(line)) lastWords.push(line);
        else process.stdout.write(`${line}\n`);
      };
      for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", eachLine(show));
      const { code } = await exited;
      if (!isCounted) console.log(`vitest ${args.join(" ")} ended with ${code} before its closing line`);
      return { code: isCounted ? code : 1, counts, lastWords };
    }),
  );
  for (const line of outcomes.flatMap(({ lastWords }) => lastWords)) console.log(line);
  const [passed, failed, skipped] = [0, 1, 2].map((index) =>
    outcomes.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0),
  );
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return outcomes.find(({ code }) => code !== 0)?.code ?? 0;
}

/** Cuts what comes into lines, so that two who speak at once do not speak into each other's. */
function eachLine(take: (line: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  };
}
