import { readFileSync } from "node:fs";

/** The version of podstamp, from package.json, which stands one folder above both src/ and dist/. */
export function readVersion(): string {
  const text: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const version = typeof text === "object" && text !== null && "version" in text ? text.version : undefined;
  return typeof version === "string" ? version : "unknown";
}
