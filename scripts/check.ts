/* Checks the sources, one step after the other, and says each: format, lint, types. Exits 1 when one of them fails. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const steps = [
  { name: "format", args: ["node_modules/oxfmt/bin/oxfmt", "--check"], hint: "npm run format puts it right" },
  { name: "lint", args: ["node_modules/oxlint/bin/oxlint", "src", "test", "scripts", "bench"], hint: "" },
  { name: "types", args: ["node_modules/typescript/bin/tsc", "-p", "."], hint: "" },
];

let failed = 0;
for (const { name, args, hint } of steps) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (status === 0) continue;
  failed += 1;
  console.log([stdout, stderr, hint].filter((text) => text !== "").join("\n"));
}
process.exitCode = failed === 0 ? 0 : 1;
