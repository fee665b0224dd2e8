import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { startProcess } from "../support/machine/processes.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * A checkout as Debian 13's npm 9 leaves it: the Node for this machine is there, and no link to it among .bin. `--import` of the file that
 * it brings lets a Node take itself for 20.
 */
function checkout(): { readonly folder: string; readonly asNode20: readonly string[] } {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  for (const name of ["bin", "scripts/with-node.mjs", "scripts/node/package.json"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of ["src", "node_modules", "package.json"]) symlinkSync(join(root, name), join(folder, name));
  const home = join(folder, "scripts/node/node_modules");
  const bin = join(home, `node-${process.platform}-${process.arch}/bin`);
  mkdirSync(join(home, ".bin"), { recursive: true });
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, join(bin, "node"));
  const old = join(folder, "old.mjs");
  const versions = '{ value: { ...process.versions, node: "20.19.2" } }';
  writeFileSync(old, `Object.defineProperty(process, "versions", ${versions});\n`);
  return { folder, asNode20: ["--import", old] };
}

async function run(args: readonly string[], cwd: string) {
  const running = await startProcess({ name: "an old Node", command: process.execPath, args, cwd });
  return { exit: await running.exited, output: running.output() };
}

describe("with a Node that is too old, and one that npm has got without a link to it", () => {
  test("scripts run under the one that npm has got", async () => {
    const { folder, asNode20 } = checkout();
    writeFileSync(join(folder, "say.ts"), "console.log(`Node ${process.versions.node}` as string);\n");
    const { exit, output } = await run([...asNode20, "scripts/with-node.mjs", "say.ts"], folder);
    expect({ exit, output }).toEqual({ exit: { code: 0, signal: null }, output: `Node ${process.versions.node}\n` });
  });

  test("podstamp does, too", async () => {
    const { folder, asNode20 } = checkout();
    const { exit, output } = await run([...asNode20, "bin/podstamp.mjs", "--version"], folder);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(output).toMatch(/^podstamp \d+\.\d+\.\d+$/m);
  });
});
