/** What to do about a socket that cannot be connected to, from the text of the system's error; undefined for other errors. */
export function socketAdvice(text: string): string | undefined {
  if (/EACCES|EPERM/.test(text))
    return "permission denied; run podstamp as a user or group that may write to this socket";
  if (text.includes("ENOENT")) return "no such socket";
  if (text.includes("ECONNREFUSED")) return "nobody listens on this socket";
  return undefined;
}
