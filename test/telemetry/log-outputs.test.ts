import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLogOutputs } from "../../src/telemetry/log-outputs.ts";
import { eventually } from "../support/eventually.ts";

const canMount = process.getuid?.() === 0 && spawnSync("mount", ["--version"]).status === 0;

async function given() {
  const folder = await mkdtemp(join(tmpdir(), "podstamp-log-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const written = { stdout: "", stderr: "" };
  const streams = {
    stdout: (line: string) => void (written.stdout += line),
    stderr: (line: string) => void (written.stderr += line),
  };
  return { file: (name: string) => join(folder, name), written, streams };
}

describe("where the log goes", () => {
  test("to the streams and files that are named, and to all of them", async () => {
    const { file, written, streams } = await given();
    const path = file("podstamp.log");
    const outputs = openLogOutputs({ paths: ["stdout", path, "stderr"], errorPaths: ["stderr"] }, streams);
    outputs.write("one\n");
    outputs.write("two\n");
    await outputs.close();
    expect([written.stdout, written.stderr, await readFile(path, "utf8")]).toEqual(Array(3).fill("one\ntwo\n"));
  });

  test("to the end of a file that is there, also after someone emptied it", async () => {
    const { file, streams } = await given();
    const path = file("podstamp.log");
    const first = openLogOutputs({ paths: [path], errorPaths: ["stderr"] }, streams);
    first.write("one\n");
    await first.close();
    const second = openLogOutputs({ paths: [path], errorPaths: ["stderr"] }, streams);
    second.write("two\n");
    await second.close();
    expect(await readFile(path, "utf8")).toBe("one\ntwo\n");
    const third = openLogOutputs({ paths: [path], errorPaths: ["stderr"] }, streams);
    await truncate(path);
    third.write("three\n");
    await third.close();
    expect(await readFile(path, "utf8")).toBe("three\n");
  });

  test("a file that cannot be opened is told with its setting", async () => {
    const { file, streams } = await given();
    expect(() => openLogOutputs({ paths: [file("no/such/folder.log")], errorPaths: ["stderr"] }, streams)).toThrow(
      /^Cannot use service::telemetry::logs::output_paths: .*folder\.log cannot be opened, ENOENT/,
    );
    expect(() => openLogOutputs({ paths: ["stderr"], errorPaths: [file("no/such.log")] }, streams)).toThrow(
      /^Cannot use service::telemetry::logs::error_output_paths: /,
    );
  });

  test("a file that cannot be written is told once, where that is wanted", async () => {
    const { file, streams } = await given();
    const errors = file("errors.log");
    const outputs = openLogOutputs({ paths: ["/dev/full"], errorPaths: [errors] }, streams);
    outputs.write("lost\n");
    await new Promise((resolve) => void setTimeout(resolve, 50));
    outputs.write("lost too\n");
    await outputs.close();
    expect(await readFile(errors, "utf8")).toMatch(/^Cannot write the log to \/dev\/full: ENOSPC[^\n]*\n$/);
  });

  test.skipIf(!canMount)("a file on a disk that was full is written again (skipped without root)", async () => {
    const { file, streams, written } = await given();
    const disk = file("disk");
    await mkdir(disk);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status).toBe(0);
    onTestFinished(() => void spawnSync("umount", ["-l", disk]));
    const path = join(disk, "podstamp.log");
    const outputs = openLogOutputs({ paths: [path], errorPaths: ["stderr"] }, streams);
    outputs.write("before\n");
    await eventually(async () => (await readFile(path, "utf8")) === "before\n", { what: "the first line" });
    await writeFile(join(disk, "ballast"), Buffer.alloc(56_000));
    outputs.write(`${"x".repeat(20_000)}\n`);
    await eventually(() => written.stderr !== "", { what: "a complaint" });
    outputs.write("lost\n");
    await rm(join(disk, "ballast"));
    const isThere = async () => {
      outputs.write("after\n");
      return (await readFile(path, "utf8")).endsWith("\nafter\n");
    };
    await eventually(isThere, { what: "a line after the full disk" });
    await outputs.close();
    expect(written.stderr).toMatch(
      /^Cannot write the log to .*podstamp\.log: ENOSPC.*\nThe log is written to .*podstamp\.log again: \d+ messages are left out\n$/,
    );
  });
});

describe("a pipe for the log", () => {
  /** A pipe, who reads it, and what was read. */
  async function withPipe() {
    const known = await given();
    const path = known.file("pipe");
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
    let read = "";
    const reader = (command = "cat") => {
      const child = spawn(command, command === "cat" ? [path] : ["-c", `exec sleep 60 < ${path}`]);
      child.stdout.on("data", (chunk: Buffer) => (read += chunk.toString()));
      onTestFinished(() => void child.kill("SIGKILL"));
      return child;
    };
    const opened = () => openLogOutputs({ paths: [path], errorPaths: ["stderr"] }, known.streams);
    /** A reader takes a moment to open it. */
    const openedSoon = async () => {
      let outputs: ReturnType<typeof opened> | undefined;
      await eventually(
        () => {
          try {
            outputs = opened();
          } catch {
            // Nobody reads it yet.
          }
          return outputs !== undefined;
        },
        { what: "a reader" },
      );
      if (outputs === undefined) throw new Error("No outputs");
      return outputs;
    };
    return { ...known, path, opened, openedSoon, reader, read: () => read };
  }

  test("that nobody reads is told, and waited for by nobody", async () => {
    const { opened } = await withPipe();
    expect(opened).toThrow(/pipe cannot be opened, it is a pipe that nobody reads$/);
  });

  test("is written again when its reader ended and another one reads", async () => {
    const { openedSoon, reader, read, written } = await withPipe();
    const first = reader();
    const outputs = await openedSoon();
    outputs.write("one\n");
    await eventually(() => read() === "one\n", { what: "the first line" });
    first.kill("SIGKILL");
    await once(first, "exit");
    await eventually(() => (outputs.write("lost\n"), written.stderr !== ""), { what: "a complaint" });
    // As long as nobody reads it is tried each second, which must hold up nothing.
    const until = performance.now() + 2200;
    await eventually(() => (outputs.write("lost\n"), performance.now() > until), { what: "some seconds" });
    reader();
    const isThere = () => (outputs.write("after\n"), read().endsWith("\nafter\n"));
    await eventually(isThere, { what: "a line for the second reader" });
    await outputs.close();
    expect(written.stderr).toMatch(
      /^Cannot write the log to .*pipe: .*EPIPE.*\nThe log is written to .*pipe again: \d+ messages are left out\n$/,
    );
  });

  test("whose reader reads nothing holds up no end of the process", async () => {
    const { path, openedSoon, reader } = await withPipe();
    reader("sh");
    await (await openedSoon()).close();
    const url = new URL("../../src/telemetry/log-outputs.ts", import.meta.url).href;
    const script = `const { openLogOutputs } = await import(${JSON.stringify(url)});
      const outputs = openLogOutputs({ paths: [${JSON.stringify(path)}], errorPaths: ["stderr"] }, { stdout() {}, stderr() {} });
      for (let line = 0; line < 100; line++) outputs.write("x".repeat(10_000) + "\\n");
      setTimeout(() => outputs.close().then(() => process.exit(7)), 100);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
    onTestFinished(() => void child.kill("SIGKILL"));
    expect(await once(child, "exit", { signal: AbortSignal.timeout(10_000) })).toEqual([7, null]);
  }, 20_000);
});
