import { readlinkSync } from "node:fs";
import { join } from "node:path";

/** As many links as the kernel follows. */
const maxLinks = 40;

/**
 * Where a path of the host is for this process, when the host's file system begins at `hostRoot`: links that begin
 * with a slash lead there too, and not out of it. Paths that are not there stay as they are.
 */
export function hostPath(hostRoot: string, path: string): string {
  if (hostRoot === "/" || hostRoot === "") return path;
  const left = path.split("/").filter(isStep).toReversed();
  const steps: string[] = [];
  let links = 0;
  while (left.length > 0) {
    const step = left.pop() ?? "";
    if (step === "..") {
      steps.pop();
      continue;
    }
    const target = links < maxLinks ? linkAt(join(hostRoot, ...steps, step)) : undefined;
    if (target === undefined) {
      steps.push(step);
      continue;
    }
    links++;
    if (target.startsWith("/")) steps.length = 0;
    left.push(...target.split("/").filter(isStep).toReversed());
  }
  return join(hostRoot, ...steps);
}

function isStep(step: string): boolean {
  return step !== "" && step !== ".";
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // no link
  }
}
