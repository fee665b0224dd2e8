/* Writes the reference of all settings and metrics into docs/configuration.md, below its marker, and docs/attributes.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderAttributes } from "./docs/attributes.ts";
import { marker, renderReference } from "./docs/reference.ts";

const file = fileURLToPath(new URL("../docs/configuration.md", import.meta.url));
const text = readFileSync(file, "utf8");
const end = text.indexOf(marker);
if (end < 0) throw new Error(`Cannot write ${file}: it must hold the line ${marker}`);
writeFileSync(file, `${text.slice(0, end + marker.length)}\n\n${renderReference()}`);
console.log(`Wrote ${file}`);

const attributes = fileURLToPath(new URL("../docs/attributes.md", import.meta.url));
writeFileSync(attributes, renderAttributes());
console.log(`Wrote ${attributes}`);
