import { accessSync, constants } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the loader is, or why there is none, in words for the operator. */
export type Found = { readonly path: string } | { readonly why: string };

/** Beside the sources, beside the packed program, where a distribution puts it. */
const places = [
  new URL("../../../bpf/build/podstamp-probes", import.meta.url),
  new URL("../bpf/build/podstamp-probes", import.meta.url),
  new URL("podstamp-probes", import.meta.url),
].map((url) => fileURLToPath(url));

/** Finds the program that loads the probes: the one that is set, else the first that is built or installed. */
export function findLoader(set: string): Found {
  if (set !== "")
    return isExecutable(set) ? { path: set } : { why: `Cannot use loader: must be an executable file, is "${set}"` };
  const path = [...places, "/usr/libexec/podstamp/podstamp-probes"].find(isExecutable);
  if (path !== undefined) return { path };
  return {
    why: "Cannot find the program that loads the eBPF probes: `npm run build:bpf` in a checkout builds it (Debian: clang, bpftool, gcc, libbpf-dev, libelf-dev, zlib1g-dev); elsewhere it is looked for beside the program and at /usr/libexec/podstamp/podstamp-probes, or `loader` names it",
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
