// Lays out what the Dockerfile copies into its image: below TO/image the files, below TO/run and TO/state the folders that podstamp may write to.
// Usage: node scripts/image/lay-out.ts --to FOLDER --packages FOLDER --created SECONDS [--arch amd64|arm64]
//   --packages  the base's /var/lib/dpkg    --created  seconds since the epoch, for the bill of materials
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machines, outputOf } from "../native/compile.ts";
import { bundledParts, debianParts, nodeParts, ownPart } from "./parts.ts";
import { spdx } from "./sbom.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({
  options: {
    to: { type: "string" },
    packages: { type: "string" },
    created: { type: "string" },
    arch: { type: "string", default: "" },
  },
});
const { to, packages, created = "0" } = values;
if (to === undefined || packages === undefined) throw new Error("Cannot lay out: must have --to and --packages");

const image = join(to, "image");
const home = join(image, "usr/lib/podstamp");
mkdirSync(join(home, "bin"), { recursive: true });
const built = spawnSync(process.execPath, [join(root, "scripts/build.ts"), join(home, "dist")], { stdio: "inherit" });
if (built.status !== 0) throw new Error(`Cannot lay out: scripts/build.ts ended with ${built.status ?? built.signal}`);
for (const name of ["package.json", "LICENSE", "config"])
  cpSync(join(root, name), join(home, name), { recursive: true });

// The image has no /usr/bin/env that would look for node.
const program = join(home, "bin/podstamp.mjs");
writeFileSync(program, readFileSync(join(root, "bin/podstamp.mjs"), "utf8").replace(/^#!.*/, "#!/usr/local/bin/node"));
chmodSync(program, 0o755);
link("usr/local/bin/podstamp", `../../lib/podstamp/${placeNative() ?? "bin/podstamp.mjs"}`);

const config = join(image, "etc/podstamp/podstamp.yaml");
mkdirSync(dirname(config), { recursive: true });
cpSync(join(root, "config/docker/podstamp.yaml"), config);

const podstamp = ownPart(root);
const whole = { ...podstamp, name: "podstamp-image", purl: `pkg:oci/podstamp?tag=${podstamp.version}` };
const { node, ofNode } = nodeParts(process.versions);
const bill = join(image, "usr/share/doc/podstamp/podstamp.spdx.json");
mkdirSync(dirname(bill), { recursive: true });
writeFileSync(
  bill,
  spdx({
    whole,
    relations: [
      [whole, "CONTAINS", [podstamp, node, ...debianParts(packages)]],
      [podstamp, "CONTAINS", bundledParts(root, join(home, "dist"))],
      [node, "CONTAINS", ofNode],
    ],
    created: Number(created),
  }),
);

for (const kind of ["run", "state"]) mkdirSync(join(to, kind, "podstamp"), { recursive: true, mode: 0o700 });

/** The compiled program for lists, which starts podstamp for everything else; undefined where none was compiled for this architecture. */
function placeNative(): string | undefined {
  const machine = machines.find(({ debian, arch }) =>
    values.arch === "" ? arch === process.arch : debian === values.arch,
  );
  if (machine === undefined || !existsSync(join(root, outputOf(machine)))) {
    console.log(
      "Without the program that makes lists quick: run `npm run build:native` before, where there is a compiler",
    );
    return undefined;
  }
  const file = outputOf(machine);
  mkdirSync(dirname(join(home, file)), { recursive: true });
  cpSync(join(root, file), join(home, file));
  return file;
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(image, path)), { recursive: true });
  symlinkSync(target, join(image, path));
}
