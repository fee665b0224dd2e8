import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { buildPackage } from "../support/agent/packed.ts";
import { startProcess } from "../support/machine/processes.ts";
import { wipe } from "../support/machine/workspace.ts";

/* What bin/podstamp.mjs keeps of the code that a command ran, and that it believes only what is its own and whole. */

let home = "";
let folder = "";
let file = "";

beforeAll(async () => {
  home = await buildPackage();
  folder = join(home, "node_modules/.cache/podstamp", `${process.version}-${process.arch}`, "explain");
  file = join(folder, "main.cjs");
});
afterAll(() => wipe(home));
beforeEach(() => {
  rmSync(join(home, "node_modules"), { recursive: true, force: true });
  explain();
});

/** Runs the command; no home and no folder of a session is known to it. */
function run(args: readonly string[], flags: readonly string[] = []) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, join(home, "bin/podstamp.mjs"), ...args], {
    encoding: "utf8",
    env: {},
  });
  return { status, stdout, stderr };
}

const explained = { status: 0, stdout: "name    nginx\ntag     1.29\ndigest  -\n", stderr: "" };

function explain(flags: readonly string[] = []): void {
  expect(run(["explain", "image", "nginx:1.29"], flags)).toEqual(explained);
}

/** What is kept, and since when. */
const kept = () =>
  new Map(readdirSync(folder).map((name) => [name, statSync(join(folder, name), { bigint: true }).ctimeNs]));
/** What came in the place of what was kept. */
const renewed = (before: ReadonlyMap<string, bigint>) =>
  [...kept()].flatMap(([name, since]) => (before.get(name) === since ? [] : [name]));
const script = () => readFileSync(join(home, "dist/main.cjs"));

test("what a command ran is kept for its next run, which leaves it as it is; each command has its own", () => {
  const before = kept();
  expect([...before.keys()]).toEqual(expect.arrayContaining(["main.cjs", expect.stringMatching(/^explain-.*\.cjs$/)]));
  explain();
  expect(kept()).toEqual(before);
  expect(run(["completion", "bash"]).status).toBe(0);
  expect(readdirSync(dirname(folder)).toSorted()).toEqual(["completion", "explain"]);
});

test("what there is no room for leaves nothing behind", () => {
  rmSync(folder, { recursive: true });
  const limited = `ulimit -f 100; exec "$0" "$1" explain image nginx:1.29`;
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-c", limited, process.execPath, join(home, "bin/podstamp.mjs")],
    { encoding: "utf8", env: {} },
  );
  expect({ status, stdout, stderr }).toEqual(explained);
  expect(readdirSync(folder).filter((name) => !name.endsWith(".cjs"))).toEqual([]);
});

test("a command that reads a configuration is kept too", () => {
  expect(run(["validate", "--config", config()]).status).toBe(0);
  expect(readdirSync(dirname(folder))).toContain("validate");
});

test("nothing is kept of what is no command, nor of what works for long", async () => {
  expect(run(["explode"]).status).toBe(2);
  mkdirSync(join(home, "letters"), { recursive: true });
  expect(run(["replay", join(home, "letters"), "--config", config()])).toMatchObject({ status: 0, stderr: "" });
  for (const args of [["--config", config()], [`--config=${config()}`]]) {
    const program = { name: "podstamp", command: process.execPath, args: [join(home, "bin/podstamp.mjs"), ...args] };
    const running = await startProcess(program);
    await running.line(/Everything is ready/, 15_000);
    expect(await running.stop()).toEqual({ code: 0, signal: null });
  }
  expect(readdirSync(dirname(folder))).toEqual(["explain"]);
});

function config(): string {
  const path = join(home, "config.yaml");
  writeFileSync(
    path,
    `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}}}}
exporters: {otlp_grpc: {endpoint: "127.0.0.1:1", tls: {insecure: true}}}
service: {telemetry: {metrics: {level: none}}, pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}
`,
  );
  return path;
}

/** The bytes with one bit of them turned. */
function turned(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes;
}

test.each<[string, (whole: Buffer) => Buffer]>([
  ["empty", () => Buffer.alloc(0)],
  ["the script alone", () => script()],
  ["cut off", (whole) => whole.subarray(0, -7)],
  ["damaged", (whole) => turned(whole, script().length + 1000)],
  ["of another script of the same length", (whole) => turned(whole, 10)],
  ["something else", (whole) => Buffer.alloc(whole.length, "podstamp ")],
])("a kept file that is %s is not used, and made anew", (_, change) => {
  const text = script();
  const whole = readFileSync(file);
  writeFileSync(file, change(whole));
  const before = kept();
  explain();
  expect(renewed(before)).toEqual(["main.cjs"]);
  expect(readFileSync(file).subarray(0, text.length).equals(text)).toBe(true);
  const again = kept();
  explain();
  expect(kept()).toEqual(again);
});

test("what was kept under other flags of V8 is not used", () => {
  const before = kept();
  explain(["--no-opt"]);
  expect(renewed(before)).toEqual([...before.keys()]);
});

/** Puts in the place of what was made of a script what says another thing: V8 compares nothing but the script's length. */
function poison(): void {
  const code = `const { Script } = require("node:vm");
const { readFileSync, writeFileSync } = require("node:fs");
const text = readFileSync(${JSON.stringify(join(home, "dist/main.cjs"))});
const length = \`(function (exports, require, module, __filename, __dirname) { \${text}\\n})\`.length;
const made = new Script("(function () { process._rawDebug('poisoned'); process.exit(3); })".padEnd(length)).createCachedData();
writeFileSync(${JSON.stringify(file)}, Buffer.concat([text, made, made]));`;
  const flags = ["--invocation-count-for-maglev=4000", "--invocation-count-for-turbofan=30000"];
  expect(spawnSync(process.execPath, [...flags, "-e", code], { encoding: "utf8" }).stderr).toBe("");
}

test("what is kept is believed where only those who may change the program can have written it", () => {
  poison();
  expect(run(["explain", "image", "nginx:1.29"])).toEqual({ status: 3, stdout: "", stderr: "poisoned\n" });
});

test.each<[string, () => void]>([
  ["in a file that others may write", () => chmodSync(file, 0o666)],
  ["in a file that a group may write", () => chmodSync(file, 0o664)],
  ["in a folder that others may write", () => chmodSync(folder, 0o777)],
])("what is kept %s is not used", (_, open) => {
  poison();
  open();
  explain();
});

const isRoot = process.getuid?.() === 0;
test.skipIf(!isRoot).each<[string, () => void]>([
  ["file", () => chownSync(file, 12_345, 0)],
  ["folder", () => chownSync(folder, 12_345, 0)],
])(
  `what is kept in another user's %s is not used${isRoot ? "" : " (skipped: only root may give files away)"}`,
  (_, give) => {
    poison();
    give();
    explain();
  },
);

test.skipIf(!isRoot)(
  `root leaves nothing in what another user installed${isRoot ? "" : " (skipped: only root may give files away)"}`,
  () => {
    rmSync(join(home, "node_modules"), { recursive: true });
    chownSync(home, 12_345, 12_345);
    onTestFinished(() => chownSync(home, 0, 0));
    explain();
    expect(existsSync(join(home, "node_modules"))).toBe(false);
  },
);

test("a program whose kept code this user may not look at runs without it", () => {
  const modules = join(home, "node_modules");
  rmSync(modules, { recursive: true });
  mkdirSync(modules);
  // Nobody may look at this, root neither; mostly it is a folder of root's that was made under umask 077.
  symlinkSync(".cache", join(modules, ".cache"));
  explain();
});

test("a program whose folder cannot be written to runs without what would be kept", () => {
  rmSync(join(home, "node_modules"), { recursive: true });
  writeFileSync(join(home, "node_modules"), "");
  explain();
});
