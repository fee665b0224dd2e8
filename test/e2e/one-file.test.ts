import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { loaderPath, whyNoProbes } from "../support/ebpf/set-up.ts";
import { startMainJob } from "../support/agent/main-job.ts";
import { startProcess } from "../support/machine/processes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

let home: string;
let file: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "podstamp-one-file-"));
  file = join(home, "built", "podstamp.mjs");
  expect(await run([join(root, "scripts/build.ts"), "--one-file", file])).toMatchObject({ code: 0, output: "" });
});

afterAll(() => rmSync(home, { recursive: true }));

async function run(args: readonly string[], cwd = home) {
  const env = { XDG_RUNTIME_DIR: cwd };
  const running = await startProcess({ name: "node", command: process.execPath, args, cwd, env });
  const { code } = await running.exited;
  return { code, output: running.output() };
}

/** A folder with nothing but the program. */
function folderOfTest(): { readonly folder: string; readonly program: string } {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-one-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, "podstamp.mjs");
  copyFileSync(file, program);
  return { folder, program };
}

test("one file, with nothing beside it, does the main job with a queue on the disk, and takes a new configuration", async () => {
  const { folder, program } = folderOfTest();
  const ebpf = '  ebpf: {probes: {tcp: {}}, loader: ""}\n';
  const work = await startMainJob({ command: process.execPath, args: [program], folder }, ebpf);
  // The rest works without the probes' loader, of which it says where to get it.
  await work.running.line(/Cannot find the program that loads the eBPF probes: .*npm run build:bpf/, 10_000);
  await work.works("from-one-file");
  expect(readdirSync(join(folder, "queues"))).not.toEqual([]);
  writeFileSync(work.config, readFileSync(work.config, "utf8").replace("^secret", "^hidden"));
  const reloaded = await run([program, "reload", "--pid", String(work.running.pid)], folder);
  expect(reloaded).toEqual({ code: 0, output: "The new configuration runs: traces\n" });
  await work.works("after-the-reload");
  expect(await work.running.stop()).toEqual({ code: 0, signal: null });
  expect(work.running.output()).not.toMatch(/experimental|Cannot find module/i);
});

test("it is a program by itself, tells its version, and carries the licences of what is in it", async () => {
  const { folder, program } = folderOfTest();
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  expect(await run([program, "--version"], folder)).toEqual({ code: 0, output: `podstamp ${version}\n` });
  expect(statSync(file).mode & 0o111).toBe(0o111);
  const text = readFileSync(program, "utf8");
  expect(text).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(text.slice(text.indexOf("// What of others is in this file:"))).toMatch(/\n\/\/ pino \S+ \(MIT\)\n/);
  // Nothing in it leads to where it was built.
  expect(text).not.toContain(root);
});

test("a Node that is too old says so, and where to get another", async ({ skip }) => {
  const old = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((each) => join(each, "node"))
    .find((each) => /^v(?:18|20|22)\./.test(spawnSync(each, ["--version"], { encoding: "utf8" }).stdout ?? ""));
  if (old === undefined) return skip("there is no older Node on the PATH");
  const { program, folder } = folderOfTest();
  mkdirSync(join(folder, "installed/bin"), { recursive: true });
  cpSync(join(root, "bin/podstamp.mjs"), join(folder, "installed/bin/podstamp.mjs"));
  for (const one of [program, join(folder, "installed/bin/podstamp.mjs")]) {
    const { status, stderr } = spawnSync(old, [one, "--version"], { encoding: "utf8" });
    expect(status).toBe(1);
    const name = `node-${process.platform}-${process.arch}`;
    expect(stderr).toMatch(
      new RegExp(
        `^Cannot start podstamp on Node \\d+\\.\\d+\\.\\d+: it needs Node 24\\.6 or newer\\. Get one with \`npm install -g ${name}@24\`, or from https://nodejs\\.org\\n$`,
      ),
    );
  }
});

const why = whyNoProbes();
test.skipIf(why !== undefined)(
  `the probes' loader is found beside it${why === undefined ? "" : ` (skipped: ${why})`}`,
  async () => {
    const { folder, program } = folderOfTest();
    copyFileSync(loaderPath, join(folder, "podstamp-probes"));
    const work = await startMainJob(
      { command: process.execPath, args: [program], folder },
      "  ebpf: {probes: {tcp: {}}}\n",
    );
    await work.running.line(/eBPF probes attached/, 20_000);
    expect(await work.running.stop()).toEqual({ code: 0, signal: null });
  },
);
