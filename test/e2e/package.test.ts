import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { machine, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startMainJob } from "../support/agent/main-job.ts";
import { startProcess } from "../support/machine/processes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** npm and `#!/usr/bin/env node` find the Node that runs this. */
const path = [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);

async function run(command: string, args: readonly string[], cwd: string) {
  const running = await startProcess({ name: command, command, args, cwd, env: { PATH: path } });
  const timer = setTimeout(() => running.signal("SIGKILL"), 50_000);
  const { code } = await running.exited;
  clearTimeout(timer);
  return { code, output: running.output(), stdout: running.stdout() };
}

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-package-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What a checkout has of which a package is made; nothing that was built before. */
function checkout(): string {
  const folder = folderOfTest();
  for (const name of readdirSync(root))
    if (/^(?:src|bin|native|scripts|config|docs|[A-Z].*|package.*\.json|\.npmrc)$/.test(name))
      cpSync(join(root, name), join(folder, name), {
        recursive: true,
        filter: (file) => !/scripts\/node\/node_modules$|native\/build$/.test(file),
      });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

test("npm pack builds a package that, installed without scripts, has podstamp on the PATH at its main job", async ({
  skip,
}) => {
  const home = folderOfTest();
  const packed = await run("npm", ["pack", "--pack-destination", home], checkout());
  expect(packed).toMatchObject({ code: 0 });
  // Where there is no compiler the package is as good, and it is said what it lacks.
  const isNative = packed.output.includes(`Built native/build/podstamp-${machine()}`);
  if (!isNative) expect(packed.output).toContain(`Not built: native/build/podstamp-${machine()}`);
  const file = packed.stdout.trim().split("\n").at(-1) ?? "";
  expect(file).toMatch(/^podstamp-\d+\.\d+\.\d+\.tgz$/);

  const folder = join(home, "empty");
  mkdirSync(folder);
  const flags = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  const installed = await run("npm", ["install", ...flags, join("..", file)], folder);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/.test(installed.output))
    return skip("no package registry can be reached from here");
  expect(installed).toMatchObject({ code: 0 });
  const modules = join(folder, "node_modules");
  expect(readdirSync(join(modules, "podstamp")).toSorted()).toEqual(
    ["CHANGELOG.md", "LICENSE", "README.md", "bin", "config", "dist", "docs", "package.json", "native"].toSorted(),
  );
  expect(existsSync(join(modules, "podstamp/dist/licenses.txt"))).toBe(true);
  const program = join(modules, "podstamp/native/build", `podstamp-${machine()}`);
  expect(existsSync(program) && statSync(program).mode & 0o777).toBe(isNative && 0o755);
  // The sources of what is linked with another's library.
  expect(existsSync(join(modules, "podstamp/native/main.c"))).toBe(true);
  // All that it needs is in it.
  expect(readdirSync(modules).filter((name) => !name.startsWith("."))).toEqual(["podstamp"]);

  const env = { PATH: [join(modules, ".bin"), path].join(delimiter) };
  const work = await startMainJob({ command: join(modules, ".bin/podstamp"), args: [], env, folder });
  await work.works("from-a-package");
  expect(await work.running.stop()).toEqual({ code: 0, signal: null });
  expect(work.running.output()).not.toMatch(/experimental|Cannot find module/i);
  expect(await run(join(modules, ".bin/podstamp"), ["--version"], folder)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^podstamp \d+\.\d+\.\d+\n$/),
  });
});
