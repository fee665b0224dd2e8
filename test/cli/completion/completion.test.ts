import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { commands, shapes } from "../../../src/cli/terminal/shapes.ts";
import { completion } from "../../../src/cli/completion/completion.ts";
import { eventually } from "../../support/eventually.ts";
import { whereIs } from "../../support/machine/machine.ts";
import { givenIo } from "../given-cli.ts";

/** What is typed before the tab, and the arguments that it becomes; zsh leaves out the slash behind a folder. */
const cases: readonly (readonly [typed: string, args: readonly string[]])[] = [
  ["vali", ["validate"]],
  ["help vali", ["help", "validate"]],
  ["--conf", ["--config"]],
  ["ps -o wi", ["ps", "-o", "wide"]],
  ["ps --output=js", ["ps", "--output=json"]],
  ["ps --runtime-e", ["ps", "--runtime-endpoint"]],
  ["inspect 84ced0016286 --runtime-e", ["inspect", "84ced0016286", "--runtime-endpoint"]],
  ["--config sta", ["--config", "stamping.yaml"]],
  [
    "validate --config stamping.yaml --config two",
    ["validate", "--config", "stamping.yaml", "--config", "two words.yaml"],
  ],
  ["migrate sta", ["migrate", "stamping.yaml"]],
  ["replay --exporter otlp dea", ["replay", "--exporter", "otlp", "dead"]],
  ["-r unix:///x.sock ima", ["-r", "unix:///x.sock", "images"]],
  ["-r /x.sock --timeout=5s ps -o wi", ["-r", "/x.sock", "--timeout=5s", "ps", "-o", "wide"]],
  ["-r unix:///x.sock --crictl-config=sta", ["-r", "unix:///x.sock", "--crictl-config=stamping.yaml"]],
  ["-c sta", ["-c", "stamping.yaml"]],
  ["-t 5s explain work", ["-t", "5s", "explain", "workload"]],
  [
    "inspect -r unix:///x.sock 84ced0016286 --runtime-e",
    ["inspect", "-r", "unix:///x.sock", "84ced0016286", "--runtime-endpoint"],
  ],
  ["completion fi", ["completion", "fish"]],
];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "podstamp-completion-"));
  for (const file of ["stamping.yaml", "two words.yaml"]) writeFileSync(join(folder, file), "");
  mkdirSync(join(folder, "dead"));
  for (const shell of ["bash", "zsh", "fish"]) {
    const { io, out } = givenIo();
    completion([shell], io);
    writeFileSync(join(folder, `script.${shell}`), out());
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

const why = (shell: string) => [shell, "script"].find((program) => whereIs(program) === undefined);

describe.each([
  ["bash", "bash --norc --noprofile -i", "source script.bash"],
  ["zsh", "zsh -f -i", "autoload -Uz compinit; compinit -D -u; source script.zsh"],
])("in %s", (shell, command, load) => {
  const missing = why(shell);
  test.skipIf(missing !== undefined)(
    `a tab completes commands, options, their values and files${missing === undefined ? "" : ` (skipped: there is no ${missing})`}`,
    async () => {
      const terminal = spawn("script", ["-qec", command, "/dev/null"], {
        cwd: folder,
        env: { PATH: process.env["PATH"], TERM: "dumb", HOME: folder },
      });
      onTestFinished(() => void terminal.kill("SIGKILL"));
      const said = heard(terminal);
      terminal.stdin.write(`podstamp() { printf 'GOT:'; printf '<%s>' "$@"; printf '\\n'; }; ${load}\n`);
      for (const [at, [typed]] of cases.entries()) {
        terminal.stdin.write(`podstamp ${typed}\t\n`);
        await eventually(() => said().length > at, { what: `an answer to ${typed}` });
      }
      terminal.stdin.end("exit\n");
      expect(said()).toEqual(cases.map(([, args]) => args.map((arg) => `<${arg}>`).join("")));
    },
  );
});

/** The lines in which what was run tells its arguments. */
function heard(terminal: ChildProcessWithoutNullStreams): () => readonly string[] {
  let text = "";
  terminal.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  return () =>
    [...text.matchAll(/GOT:(<.*>)\r?\n/g)]
      .map(([, args = ""]) => args)
      .filter((args) => args !== "<%s>")
      .map((args) => args.replace("/>", ">"));
}

/** All long options of each command, which the table of the command line has. */
const optionsOf = commands
  .filter((name) => name !== "")
  .map((name) => [name, ...[...Object.keys(shapes[name].options), "help"].map((option) => `--${option}`).toSorted()]);

describe("every command offers each of its options", () => {
  const all = (stdout: string) =>
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
  const run = (shell: string, script: string) =>
    spawnSync(shell, ["-c", script], {
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: folder },
      encoding: "utf8",
    });

  test("in bash", ({ skip }) => {
    skip(whereIs("bash") === undefined, "there is no bash");
    const asked = optionsOf.map(
      ([name]) => `COMP_WORDS=(podstamp ${name} --); COMP_CWORD=2; _podstamp
        echo ${name} $(printf '%s\\n' "\${COMPREPLY[@]}" | LC_ALL=C sort)`,
    );
    expect(all(run("bash", `source script.bash\n${asked.join("\n")}`).stdout)).toEqual(optionsOf);
  });

  test("in fish", ({ skip }) => {
    skip(whereIs("fish") === undefined, "there is no fish");
    const asked = optionsOf.map(
      ([name]) => `echo ${name} (complete -C 'podstamp ${name} --' | cut -f1 | LC_ALL=C sort)`,
    );
    expect(all(run("fish", `source script.fish\n${asked.join("\n")}`).stdout)).toEqual(optionsOf);
  });
});

describe("in fish", () => {
  const missing = whereIs("fish") === undefined ? "fish" : undefined;
  test.skipIf(missing !== undefined)(
    `a tab completes commands, options, their values and files${missing === undefined ? "" : ` (skipped: there is no ${missing})`}`,
    () => {
      const asked = cases.map(([typed]) => `complete -C 'podstamp ${typed}'; echo`).join("\n");
      const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", `source script.fish\n${asked}`], {
        cwd: folder,
        env: { PATH: process.env["PATH"], HOME: folder },
        encoding: "utf8",
      });
      // fish 4 goes on with what has the text further inside.
      const offered = stdout.split("\n\n").map((each) => each.replace(/\/?(?:\t.*)?\n?(?:\n.*)*$/, ""));
      expect(stderr).toBe("");
      expect(offered.filter((each) => each !== "")).toEqual(cases.map(([, args]) => args.at(-1)));
    },
  );

  test.skipIf(missing !== undefined)("what a command does is told beside it", () => {
    const { stdout } = spawnSync("fish", ["--no-config", "-c", "source script.fish; complete -C 'podstamp val'"], {
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: folder },
      encoding: "utf8",
    });
    expect(stdout).toBe("validate\tChecks a configuration and prints every problem with its place\n");
  });
});
