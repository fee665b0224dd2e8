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

/** As it stands in what was built of an import of what was not found. */
const imported = /\brequire\("([^."][^"]*)"\)/g;

/** The packages that what was built would look for where it runs. */
export function packagesLeft(code: string): readonly string[] {
  const names = [...code.matchAll(imported)].map(([, name = ""]) => name);
  return [...packagesRequired(code), ...names.filter((name) => !isBuiltin(name))];
}

/** The packages that code would look for where it runs. */
function packagesRequired(code: string): readonly string[] {
  return [...new Set([...code.matchAll(required)].map(([, name = ""]) => name))].filter((name) => !isBuiltin(name));
}
