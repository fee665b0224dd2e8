import { spawnSync } from "node:child_process";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../../bin/podstamp.mjs", import.meta.url));

test("a disk that is full is told, and a reader that has gone is no error", () => {
  const full = spawnSync(process.execPath, [program, "--help"], {
    encoding: "utf8",
    stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
  });
  expect(full.status).toBe(1);
  expect(full.stderr).toMatch(/^Cannot write to standard output: ENOSPC.*\n$/);
  const script = `"$0" "$1" --help | true; exit "\${PIPESTATUS[0]}"`;
  const gone = spawnSync("bash", ["-c", script, process.execPath, program], { encoding: "utf8" });
  expect([gone.status, gone.stderr]).toEqual([0, ""]);
});

test("a folder in the place of standard input is no empty one", () => {
  const asked = spawnSync(process.execPath, [program, "explain", "cgroup", "-"], {
    encoding: "utf8",
    stdio: [openSync("/", "r"), "pipe", "pipe"],
  });
  expect([asked.status, asked.stdout, asked.stderr]).toEqual([
    1,
    "",
    "Cannot read standard input: EISDIR: illegal operation on a directory, read\n",
  ]);
});

test("colours are for terminals that have some, and for who wants them", () => {
  // What nobody has is told, with a name in bold.
  const words = [process.execPath, program, "lookup", "id:0123456789ab", "-r", "unix:///nowhere.sock"];
  const colored = (env: Readonly<Record<string, string>>) => {
    const { NO_COLOR: _none, ...inherited } = process.env;
    const [command, ...args] = "TERMINAL" in env ? ["script", "-qec", words.join(" "), "/dev/null"] : words;
    const { stdout } = spawnSync(command ?? "", args, {
      encoding: "utf8",
      env: { ...inherited, TERM: "xterm", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(stdout).toContain("container.id");
    return stdout.includes("\u001b[");
  };
  expect(colored({})).toBe(false);
  expect(colored({ TERMINAL: "" })).toBe(true);
  expect(colored({ TERMINAL: "", NO_COLOR: "" })).toBe(true);
  expect(colored({ TERMINAL: "", NO_COLOR: "1" })).toBe(false);
  expect(colored({ TERMINAL: "", TERM: "dumb" })).toBe(false);
});
