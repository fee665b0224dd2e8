import { statSync } from "node:fs";
import { isReplacedMount } from "./replaced-mount.ts";

/** What to do about a socket that cannot be connected to, from the text of the system's error; undefined for other errors. */
export function socketAdvice(text: string): string | undefined {
  if (/EACCES|EPERM/.test(text))
    return "permission denied; run podstamp as a user or group that may write to this socket";
  const [, code, path] = /(ENOENT|ECONNREFUSED)(?: (\S.*)$)?/.exec(text) ?? [];
  if (code === undefined) return undefined;
  if (path !== undefined && isReplacedMount(path)) return replaced;
  return code === "ENOENT" ? missing(path ?? "/") : (insteadOf(path) ?? "nobody listens on this socket");
}

/** What is said of a socket that is not there, of which `unix://run/…` is written more often than one thinks. */
export function missing(path: string): string {
  const hint = ": this is no path from the root, which has three slashes, unix:///PATH";
  return `no such socket${path.startsWith("/") ? "" : hint}`;
}

/** What is said of a mount whose socket is another one by now. */
export const replaced = "it was replaced on the host, and what is mounted here is still the old one";
/** And what to do about that. */
export const replacedTodo =
  "start podstamp's container anew; where the folder of the socket is mounted instead of the socket, a new one is found by itself";

/** What else stands at the path of the error: the system says the same of it as of a socket at which nobody listens. */
function insteadOf(path: string | undefined): string | undefined {
  const stat = path === undefined ? undefined : statOf(path);
  if (stat === undefined || stat.isSocket()) return undefined;
  if (!stat.isDirectory()) return "what stands there is no socket";
  return "a directory stands there, as Docker and Kubernetes make one where a socket that they are to mount is missing; mount the folder that the socket is in instead";
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined; // gone meanwhile
  }
}
