import { copyFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProcess } from "../machine/processes.ts";
import { createWorkspace, wipe } from "../machine/workspace.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** podstamp as a package has it: from its source it takes 35 MiB more, which is what Node needs to read TypeScript. */
export async function buildProgram(): Promise<{ readonly program: string; remove(): Promise<void> }> {
  const folder = await buildPackage();
  return { program: join(folder, "dist/main.cjs"), remove: () => wipe(folder) };
}

/** A workspace that holds what a package has of the program. */
export async function buildPackage(): Promise<string> {
  const folder = createWorkspace();
  cpSync(join(root, "bin"), join(folder, "bin"), { recursive: true });
  copyFileSync(join(root, "package.json"), join(folder, "package.json"));
  const args = [join(root, "scripts/build.ts"), join(folder, "dist")];
  const build = await startProcess({ name: "the build", command: process.execPath, args });
  const { code } = await build.exited;
  if (code !== 0) throw new Error(`Cannot build podstamp: ${build.output()}`);
  return folder;
}
