import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, whyNoProbes } from "../support/ebpf/set-up.ts";

/* The loader's commands without a kernel, built so that each access beyond its memory and each overflow ends it. */

const why = whyNoProbes();

describe.skipIf(why !== undefined)(`the loader's commands${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  let folder: string;
  let program: string;
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "podstamp-commands-"));
    program = join(folder, "commands");
    const checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    const sources = ["bpf/loader/commands.c", "bpf/loader/filters.c", "test/support/ebpf/commands-alone.c"];
    const args = ["-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", ...checks, ...sources, "-o", program];
    const built = spawnSync("gcc", args, { cwd: root, encoding: "utf8" });
    expect(built.stderr).toBe("");
  });

  const run = (input: string | Buffer) => {
    const { status, stdout, stderr } = spawnSync(program, { input, encoding: "utf8", maxBuffer: 1 << 28 });
    return { status, left: stdout.trim(), said: stderr.split("\n").filter((line) => line !== "") };
  };

  test("take what they name, and nothing else", () => {
    const { status, left, said } = run("set ring_bytes 65536\nprobe http on\nload\nport 80 include\nstart\n");
    expect({ status, said }).toEqual({ status: 0, said: [] });
    expect(left).toBe("probes 4, ring_bytes 65536, loaded 1, started 1, updates 2");
  });

  test.each([
    ["a line that is too long", `port 80 ${"x".repeat(300)}`, "must be shorter"],
    ["a long one whose beginning is a command", `load${" ".repeat(300)}`, "must be shorter"],
    ["a byte 0 behind a command", "load\0", "must be text"],
    ["an escape", "load\u001b[2J", "must be text"],
    ["a number that is too large", "set ring_bytes 99999999999999999999", "must be a number within its limit"],
    ["a negative number", "set ring_bytes -1", "must be a number within its limit"],
    ["a format", "%s%n%s%n", "must be a command"],
    ["an empty line", "", "must be a command"],
    ["a command before its time", "cgroup 0 1 31", "must come after load"],
    ["a second load", "load\nload", "must come once"],
  ])("refuse %s, with a reason that is safe to print", (_, line, reason) => {
    const { status, said } = run(`${line}\n`);
    expect(status).toBe(0);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`^Cannot use command "[ -~]*": ${reason}$`));
  });

  test("refuse garbage for as long as it comes, and take the next command", () => {
    const garbage = Buffer.alloc(1 << 20);
    let state = 0x2545f491;
    for (let i = 0; i < garbage.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      garbage[i] = state >>> 24;
    }
    const { status, left, said } = run(Buffer.concat([garbage, Buffer.from("\nprobe oom on\n")]));
    expect(status).toBe(0);
    expect(left).toBe("probes 8, ring_bytes 0, loaded 0, started 0, updates 0");
    expect(said.every((line) => /^Cannot use command "[ -~]*": must be [ -~]+$/.test(line))).toBe(true);
  });

  test("a mutated command does what a command may do, or nothing", () => {
    const words =
      "set probe load start probes cgroup port ports ignore notice sample rate http on off include 0 1 -1 0x7f 65536 18446744073709551615 forget %n".split(
        " ",
      );
    let state = 7;
    const next = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    const lines = Array.from({ length: 20_000 }, () =>
      Array.from({ length: 1 + next(5) }, () => words[next(words.length)] ?? "").join(" ".repeat(1 + next(2))),
    );
    const { status, left } = run(`${lines.join("\n")}\n`);
    expect(status).toBe(0);
    expect(left).toMatch(/^probes \d+, ring_bytes 0, loaded 1, started 1, updates \d+$/);
  });
});
