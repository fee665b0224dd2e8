import { isBuiltin } from "node:module";

const required = /\b__require\(["'`]([^"'`]+)["'`]\)/g;

/**
 * Packages that were bundled before they were published ask for others by a `require` that a bundler does not see: this
 * makes imports of it, so that they come along.
 */
export const seenRequires = {
  name: "seen-requires",
  transform(code: string, id: string): string | null {
    const names = id.includes("/node_modules/") ? packagesRequired(code) : [];
    if (names.length === 0) return null;
    const imports = names.map((name, at) => `import * as __required${at} from "${name}";\n`);
    return `${imports.join("")}${code.replace(required, (call, name: string) =>
      names.includes(name) ? `__required${names.indexOf(name)}` : call,
    )}`;
  },
};

/** The packages that code would look for where it runs. */
export function packagesRequired(code: string): readonly string[] {
  return [...new Set([...code.matchAll(required)].map(([, name = ""]) => name))].filter((name) => !isBuiltin(name));
}
