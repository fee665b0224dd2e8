// Writes the bill of materials of the probes' loader beside it: what of Debian's is linked into it.
// Usage: node scripts/image/bill-probes.ts LOADER SECONDS
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { billOfProbes } from "./probes.ts";

const [loader, seconds] = process.argv.slice(2);
if (loader === undefined) throw new Error("Cannot write a bill: must have the path of the loader");
writeFileSync(
  `${loader}.spdx.json`,
  billOfProbes(fileURLToPath(new URL("../..", import.meta.url)), Number(seconds ?? 0)),
);
