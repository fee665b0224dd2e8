import { spawnSync } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { components } from "../../src/components.ts";
import { loadConfig } from "../../src/config/load.ts";
import { problemLine } from "../../src/config/document/problem.ts";
import { seenFrom, sourceOfSet } from "../../src/config/source.ts";

const whole = `receivers: {nop: {}}
processors: {batch: {timeout: 1s}}
exporters: {nop: {}}
service: {pipelines: {traces: {receivers: [nop], processors: [batch], exporters: [nop]}}}
`;

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "podstamp-source-"));
  file = join(folder, "podstamp.yaml");
  await writeFile(file, whole);
});
afterAll(() => rm(folder, { recursive: true }));

async function load(uris: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { config, problems } = await loadConfig(uris, { types: components, env });
  const settings = config?.processors.get("batch")?.settings;
  return { timeout: (settings as { timeout?: number } | undefined)?.timeout, lines: problems.map(problemLine) };
}

describe("what --config names", () => {
  test("is a file, with and without its scheme, also beside the directory that podstamp is started in", async () => {
    for (const uri of [file, `file:${file}`, `file:${relative(resolve(""), file)}`])
      expect(await load([uri])).toEqual({ timeout: 1000, lines: [] });
  });

  test("is what an environment variable holds", async () => {
    expect(await load(["env:OTEL_CONFIG"], { OTEL_CONFIG: whole })).toEqual({ timeout: 1000, lines: [] });
  });

  test("is a text, in which :: parts sections; the later one counts", async () => {
    const texts = ["yaml:processors::batch::timeout: 2s", "yaml:processors: {batch: {timeout: 3s}}"];
    expect(await load([file, ...texts])).toEqual({ timeout: 3000, lines: [] });
  });

  test("problems are told where they stand, and without a text that may hold a password", async () => {
    const { lines } = await load([file, "env:MORE", "yaml:processors::batch::timeout: hunter two"], {
      MORE: "\nprocessors: {batch: {timeuot: 1s}}\n",
    });
    expect(lines).toEqual([
      expect.stringMatching(
        /^env:MORE:2:22: Cannot use processors::batch::timeuot: unknown key; did you mean timeout\?/,
      ),
      'yaml:1:29: Cannot use processors::batch::timeout: must be a duration such as 2s, is "hunter two"',
    ]);
  });

  test("is a pipe, however slowly it is written, and one that nobody writes to is refused soon", async () => {
    const [slow, silent] = [join(folder, "slow"), join(folder, "silent")];
    expect(spawnSync("mkfifo", [slow, silent]).status).toBe(0);
    const [read, refused] = [load([slow]), load([silent])];
    await sleep(100);
    const writer = await open(slow, "w");
    await sleep(100);
    await writer.write(whole.slice(0, 50));
    await sleep(100);
    await writer.write(whole.slice(50));
    await writer.close();
    expect(await read).toEqual({ timeout: 1000, lines: [] });
    expect((await refused).lines).toEqual([
      `${silent}:1:1: Cannot read ${silent}: it is a pipe that nobody writes to; what was in a pipe can be read only once`,
    ]);
    expect((await load(["/dev/null"])).lines).toEqual([
      "/dev/null:1:1: Cannot use the configuration: must not be empty",
    ]);
  }, 20_000);

  test.each([
    ["env:NO_SUCH_THING", "Cannot read env:NO_SUCH_THING: there is no such environment variable"],
    ["env:EMPTY", "Cannot read env:EMPTY: the environment variable is empty"],
    ["env:toString", "Cannot read env:toString: there is no such environment variable"],
    ["file:/no/such.yaml", "Cannot read /no/such.yaml: there is no such file"],
    ["https://example.com/c.yaml", expect.stringMatching(/the Collector's http: and https: are not built yet$/)],
    ["https://me:hunter2?hunter3@example.com/c.yaml?token=hunter4", expect.not.stringMatching(/hunter/)],
    ["s3:bucket", "Cannot read s3:bucket: there is no such file"],
  ])("%s is refused with a word", async (uri, message) => {
    const { config, problems } = await loadConfig([uri], { types: components, env: { EMPTY: " " } });
    expect(config).toBeUndefined();
    expect(problems.map((problem) => problem.message)).toEqual([message]);
  });
});

test.each([
  ["processors.batch.timeout=2s", "yaml:processors::batch::timeout: 2s"],
  ["a.b = c=d ", "yaml:a::b: c=d"],
  ["a={b: c}", "yaml:a: {b: c}"],
  ["a=", "yaml:a: "],
  ["a", undefined],
  ["=b", undefined],
  [" =b", undefined],
])("--set %s is %s", (text, source) => {
  expect(sourceOfSet(text)).toBe(source);
});

test.each([
  ["/srv", "a.yaml", "/srv/a.yaml"],
  ["/srv", "file:../a.yaml", "/a.yaml"],
  ["/srv", "file:/etc/a.yaml", "/etc/a.yaml"],
  [undefined, "/etc/a.yaml", "/etc/a.yaml"],
  [undefined, "a.yaml", undefined],
  [undefined, "env:A", "env:A"],
  ["/srv", "yaml:a: b", "yaml:a: b"],
])("seen from %s, %s is %s", (from, uri, seen) => {
  expect(seenFrom(from, uri)).toBe(seen);
});
