import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The licences of the packages that modules are of, which want to go with their code. */
export function licensesOf(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap(packageOf));
  const parts = [...folders].toSorted().map((path) => {
    const about: unknown = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    const { name, version, license } = about as { name: string; version: string; license: string };
    const file = globSync(["LICENSE*", "LICENCE*", "license*"], { cwd: path })[0];
    const text = file !== undefined && existsSync(join(path, file)) ? readFileSync(join(path, file), "utf8") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}

/** The folder of the package that a module is of; none for our own. */
function packageOf(module: string): readonly string[] {
  const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module);
  return found === null ? [] : [found[0]];
}
