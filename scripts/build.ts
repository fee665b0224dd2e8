// Compiles src/ to dist/: what a package carries, since Node strips no types below node_modules.
// Usage: npm run build [-- FOLDER]
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
const folder = resolve(root, process.argv[2] ?? "dist");

rmSync(folder, { recursive: true, force: true });
const args = [compiler, "-p", join(root, "tsconfig.build.json"), "--outDir", folder];
const run = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
process.exitCode = run.status ?? 1;
