import { parseCgroup } from "../../containers/names/cgroup-path.ts";
import { parseContainerRef } from "../../containers/names/container-ref.ts";
import { addressIn } from "../../net/socket/peer.ts";
import { clean, UsageError } from "../terminal/output.ts";

/** What a text says of somebody, as telemetry would say it. */
export type Reading = { readonly resource: Readonly<Record<string, string>>; readonly connection?: string };

const uuid = /^[0-9a-f]{8}([-_])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i;
/** `memory:4711` names a hierarchy of cgroups. */
const inode = /^(?:[\w=,.-]{1,64}:)?\d{1,20}$/;

/** What a text can be, the likeliest first, as the attributes in which telemetry says it; throws a UsageError when it can be nothing. */
export function readingsOf(text: string): readonly Reading[] {
  const as = (name: string, value = text) => ({ resource: { [name]: value } });
  const [, word, rest = ""] = /^(pid|cgroup|uid|ip|id):(?!\/\/)(.+)$/.exec(text) ?? [];
  switch (word) {
    case "pid":
      return [
        as("process.pid", checked(rest, { isOne: /^\d{1,10}$/.test(rest), what: "a process's number behind pid:" })),
      ];
    case "cgroup":
      return [inode.test(rest) ? as("podstamp.cgroup.id", rest) : as("process.linux.cgroup", rest)];
    case "uid":
      return uidsIn(rest).map((uid) => as("k8s.pod.uid", uid));
    case "ip": {
      const address = addressIn(rest);
      const what = "an IP address behind ip:";
      return [ofAddress(checked(address ?? rest, { isOne: address !== undefined, what }))];
    }
    case "id":
      return [as("container.id", rest)];
    case undefined:
  }
  if (/^[a-z0-9.+-]+:\/\//i.test(text)) return [as("container.id")];
  const pid = /^\/(?:.*\/)?proc\/(\d{1,10})(?:\/cgroup)?$/.exec(text)?.[1];
  if (pid !== undefined) return [as("process.pid", pid)];
  if (text.includes("/")) return [as("process.linux.cgroup")];
  const address = addressIn(text);
  if (address !== undefined) return [ofAddress(address)];
  if (uuid.test(text)) return [as("k8s.pod.uid")];
  // A process that is there is meant by its number; a cgroup has one too.
  if (/^\d{1,10}$/.test(text)) return [as("process.pid"), as("podstamp.cgroup.id")];
  if (text.includes(":") && inode.test(text)) return [as("podstamp.cgroup.id")];
  // A uid without its dashes, as static pods have it, looks like the beginning of an ID.
  if (undashed.test(text)) return [as("container.id"), ...uidsIn(text).map((uid) => as("k8s.pod.uid", uid))];
  // A pod's folder or slice.
  if (parseCgroup(text).podUid !== undefined) return [as("process.linux.cgroup")];
  if (parseContainerRef(text) !== undefined) return [as("container.id")];
  throw new UsageError(`Cannot look up "${clean(text)}": must be an ID, a cgroup, a PID, an address or a pod's uid`);
}

function ofAddress(address: string): Reading {
  return { resource: { "k8s.pod.ip": address }, connection: address };
}

const undashed = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i;

/** As it is written, which is how static pods have theirs, then with dashes. */
function uidsIn(text: string): readonly string[] {
  return undashed.test(text) ? [text, text.replace(undashed, "$1-$2-$3-$4-$5")] : [text];
}

function checked(text: string, { isOne, what }: { readonly isOne: boolean; readonly what: string }): string {
  if (isOne) return text;
  throw new UsageError(`Cannot look up "${clean(text)}": must be ${what}`);
}
