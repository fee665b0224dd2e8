import { statSync } from "node:fs";

/** What to do about a socket that cannot be connected to, from the text of the system's error; undefined for other errors. */
export function socketAdvice(text: string): string | undefined {
  if (/EACCES|EPERM/.test(text))
    return "permission denied; run podstamp as a user or group that may write to this socket";
  if (text.includes("ENOENT")) return "no such socket";
  if (text.includes("ECONNREFUSED")) return insteadOf(text) ?? "nobody listens on this socket";
  return undefined;
}

/** What else stands at the path of the error: the system says the same of it as of a socket at which nobody listens. */
function insteadOf(text: string): string | undefined {
  const path = /ECONNREFUSED (\/.*)$/.exec(text)?.[1];
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
