import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A package of which something is in what was built. */
export type Bundled = { readonly name: string; readonly version: string; readonly license: string };

/** The packages that modules are of. */
export function packagesOf(modules: readonly string[]): readonly (Bundled & { readonly folder: string })[] {
  const folders = new Set(modules.flatMap(folderOf));
  return [...folders].toSorted().map((folder) => {
    const about: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { name, version, license } = about as Bundled;
    return { folder, name, version, license };
  });
}

/** The licences of the packages that modules are of, which want to go with their code. */
export function licensesOf(modules: readonly string[]): string {
  const parts = packagesOf(modules).map(({ folder, name, version, license }) => {
    const file = globSync(["LICENSE*", "LICENCE*", "license*"], { cwd: folder })[0];
    const text = file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}

/** The folder of the package that a module is of; none for our own. */
function folderOf(module: string): readonly string[] {
  const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module);
  return found === null ? [] : [found[0]];
}
