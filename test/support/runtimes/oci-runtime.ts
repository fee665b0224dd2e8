import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { whereIs } from "../machine/machine.ts";

/**
 * Writes an OCI runtime into the folder and returns its path: runc, before which a bundle loses what a root without
 * CAP_SYS_RESOURCE may not do (lower a process' OOM score) and a machine without the hugetlb controller cannot (limit huge pages).
 */
export function writeOciRuntime(folder: string): string {
  const path = join(folder, "runc-here");
  writeFileSync(
    path,
    `#!/bin/sh
bundle=
take=
for word in "$@"; do
  if [ "$take" = yes ]; then bundle=$word; fi
  take=no
  case $word in
  --bundle | -b) take=yes ;;
  --bundle=*) bundle=\${word#--bundle=} ;;
  esac
done
if [ -n "$bundle" ] && [ -f "$bundle/config.json" ]; then
  sed -i -z -e 's/"oomScoreAdj": *-[0-9]*/"oomScoreAdj":0/' -e 's/"hugepageLimits": *\\[[^]]*\\]/"hugepageLimits":[]/' "$bundle/config.json"
fi
exec ${whereIs("runc") ?? "runc"} "$@"
`,
    { mode: 0o755 },
  );
  return path;
}
