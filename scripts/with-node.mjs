// Runs a script of this repository under Node >= 24.6, whatever Node started it.
// Usage: node scripts/with-node.mjs FILE [ARG ...]. Plain JavaScript for old Nodes; only this file and bin/ are.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = join(dirname(fileURLToPath(import.meta.url)), "node");
// Not .bin/node: npm 9, which Debian 13 has, takes that away again with the package for the other architecture.
const own = join(home, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("Cannot run nothing: name a script, as in `node scripts/with-node.mjs scripts/demo.ts`");
  process.exit(2);
}

const node = isNewEnough(process.versions.node) ? process.execPath : nodeFromNpm();
const path = [dirname(node), process.env.PATH].join(delimiter);
const child = spawn(node, [file, ...args], { stdio: "inherit", env: { ...process.env, PATH: path } });
// The terminal sends Ctrl-C to the whole group: the child cleans up and this process waits for it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (signal === "SIGINT" ? 2 : signal === "SIGKILL" ? 9 : 15);
});

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 24 || (major === 24 && minor >= 6);
}

/** The Node that scripts/node/package.json pins, installed on first use; ends the process where there is none for this platform. */
function nodeFromNpm() {
  if (!existsSync(own)) {
    console.error(
      `This is Node ${process.versions.node}; podstamp needs 24.6 or newer. Getting Node 24 from npm into scripts/node ...`,
    );
    const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
      cwd: home,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (npm.status !== 0 || !existsSync(own)) {
      console.error(
        `Cannot get Node 24 from npm for ${process.platform}/${process.arch}: install Node >= 24.6 and try again`,
      );
      process.exit(1);
    }
  }
  return own;
}
