import { statSync } from "node:fs";

/**
 * Which unix socket stands at the path now: device, inode and time of birth, since inodes are used again.
 * Undefined when there is none, or when it is behind a folder that may not be looked into: whoever connects is told which.
 */
export function socketInstance(path: string): string | undefined {
  const stat = statOf(path);
  return stat?.isSocket() ? `${stat.dev}:${stat.ino}:${stat.birthtimeNs}` : undefined;
}

/** The path of a unix:// endpoint. */
export function socketPath(endpoint: string): string {
  return endpoint.replace(/^unix:(?:\/\/)?/, "");
}

function statOf(path: string) {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
