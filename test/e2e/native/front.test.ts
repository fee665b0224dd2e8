import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { machine } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

/* bin/podstamp: the compiled program for lists where there is one, podstamp itself for everything else. */

const front = fileURLToPath(new URL("../../../bin/podstamp", import.meta.url));

/** A package in a folder with a space, with scripts that say who they are in the place of its programs; `node` is one of them. */
function given(hasNative: boolean) {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const home = join(folder, "a package");
  const say = (file: string, who: string) => {
    writeFileSync(file, `#!/bin/sh\nprintf '%s' "${who}"\nfor word in "$@"; do printf ' [%s]' "$word"; done\n`);
    chmodSync(file, 0o755);
  };
  for (const name of ["bin", "native/build", "path"]) mkdirSync(join(home, name), { recursive: true });
  copyFileSync(front, join(home, "bin/podstamp"));
  if (hasNative) say(join(home, `native/build/podstamp-${machine()}`), "native");
  say(join(home, "path/node"), "node");
  mkdirSync(join(folder, "deep/er"), { recursive: true });
  symlinkSync("../../a package/bin/podstamp", join(folder, "deep/er/podstamp"));
  symlinkSync("deep/er/podstamp", join(folder, "stamp"));
  // As npm installs for all and for one folder.
  for (const name of ["usr/bin", "usr/lib/node_modules/.bin"]) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync(home, join(folder, "usr/lib/node_modules/podstamp"));
  symlinkSync("../lib/node_modules/podstamp/bin/podstamp", join(folder, "usr/bin/podstamp"));
  symlinkSync("../podstamp/bin/podstamp", join(folder, "usr/lib/node_modules/.bin/podstamp"));
  symlinkSync("../a package/bin/podstamp", join(folder, "deep/stamp"));
  // At one of the places that npm has for that link: another podstamp than it leads to.
  mkdirSync(join(folder, "lib/node_modules/podstamp/bin"), { recursive: true });
  copyFileSync(front, join(folder, "lib/node_modules/podstamp/bin/podstamp"));
  const run = (command: string, words: readonly string[], cwd = "/") => {
    const path = `${join(home, "path")}:${join(folder, "deep/er")}:${process.env["PATH"] ?? ""}`;
    const { stdout, stderr } = spawnSync(command, words, { cwd, encoding: "utf8", env: { PATH: path } });
    expect(stderr).toBe("");
    return stdout;
  };
  return { home, folder, run };
}

test("lists are the compiled program's, and all else is Node's, however podstamp is found", () => {
  const { home, folder, run } = given(true);
  const links = ["stamp", "deep/stamp", "deep/er/podstamp", "usr/bin/podstamp", "usr/lib/node_modules/.bin/podstamp"];
  for (const command of [join(home, "bin/podstamp"), "podstamp", ...links.map((link) => join(folder, link))]) {
    expect(run(command, ["ps", "-a", "b c", ""])).toBe("native [ps] [-a] [b c] []");
    expect(run(command, ["pods"])).toBe("native [pods]");
    expect(run(command, ["images"])).toMatch(/^node \[.*\/bin\/podstamp\.mjs\] \[images\]$/);
    expect(run(command, ["--config", "ps"])).toMatch(/^node \[.*\/bin\/podstamp\.mjs\] \[--config\] \[ps\]$/);
    expect(run(command, [])).toMatch(/^node \[.*\/bin\/podstamp\.mjs\]$/);
  }
  expect(run("sh", ["podstamp", "ps"], join(home, "bin"))).toBe("native [ps]");
});

test("without a compiled program for this machine everything is Node's", () => {
  const { folder, run } = given(false);
  expect(run(join(folder, "stamp"), ["ps", "-a"])).toMatch(/^node \[.*\/bin\/podstamp\.mjs\] \[ps\] \[-a\]$/);
});

test("no process stays between the caller and podstamp, who is to get its signals", () => {
  const { home, run } = given(true);
  for (const file of [join(home, `native/build/podstamp-${machine()}`), join(home, "path/node")])
    writeFileSync(file, "#!/bin/sh\necho $$\n");
  for (const word of ["ps", "events"])
    expect(run("sh", ["-c", 'echo $$; exec "$0" "$1"', join(home, "bin/podstamp"), word])).toMatch(/^(\d+)\n\1\n$/);
});
