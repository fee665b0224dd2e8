// Makes dist/, which a package carries since Node strips no types below node_modules: src/ and what it imports as one module, with what
// is loaded only when needed beside it. One file starts in half the time of a thousand and takes a sixth of the memory less.
// Usage: npm run build [-- FOLDER]
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = resolve(root, process.argv[2] ?? "dist");
// A worker is started by its file, so it keeps its name.
const entries = ["src/main.ts", ...globSync("src/**/*-worker.ts", { cwd: root })];

rmSync(folder, { recursive: true, force: true });
const build = await rolldown({
  cwd: root,
  platform: "node",
  input: Object.fromEntries(entries.map((file) => [basename(file, ".ts"), join(root, file)])),
  logLevel: "warn",
});
const { output } = await build.write({ dir: folder, format: "esm", comments: false });
const modules = output.flatMap((part) => (part.type === "chunk" ? Object.keys(part.modules) : []));
writeFileSync(join(folder, "licenses.txt"), licenses(new Set(modules.flatMap(packageOf))));

/** The folder of the package that a module is of; none for our own. */
function packageOf(module: string): readonly string[] {
  const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module);
  return found === null ? [] : [found[0]];
}

/** The licences of the packages whose code went in, which want to go with it. */
function licenses(folders: ReadonlySet<string>): string {
  const parts = [...folders].toSorted().map((path) => {
    const about: unknown = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    const { name, version, license } = about as { name: string; version: string; license: string };
    const file = globSync(["LICENSE*", "LICENCE*", "license*"], { cwd: path })[0];
    const text = file !== undefined && existsSync(join(path, file)) ? readFileSync(join(path, file), "utf8") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}
