import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Path of a program that test/tools/build.sh builds; undefined where it was not built. */
export function findTool(name: string): string | undefined {
  const path = join(process.env["PODSTAMP_TOOLS"] ?? join(homedir(), ".cache", "podstamp", "tools"), name);
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
