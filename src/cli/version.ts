import { readFileSync } from "node:fs";

/** The version of podstamp, as its package.json says. */
export function readVersion(packageFile: URL): string {
  const text: unknown = JSON.parse(readFileSync(packageFile, "utf8"));
  const version = typeof text === "object" && text !== null && "version" in text ? text.version : undefined;
  return typeof version === "string" ? version : "unknown";
}
