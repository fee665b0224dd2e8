import { byAddress, type Candidate } from "../../../containers/association.ts";
import type { Directory } from "../../../containers/directory.ts";
import type { Entry } from "../../../containers/index/entry.ts";
import { isLoopback } from "../../../net/socket/peer.ts";

/**
 * Who sent telemetry: the pod or container with that address, if its processes have numbers of their own, not the host's. It may be
 * who had the address before, where the runtime has no events: then the sender is a pod all the same.
 */
export function senderApart(peer: string | undefined, directory: Directory): Entry | undefined {
  const [candidate] = (peer === undefined || isLoopback(peer) ? undefined : byAddress(peer, false)) ?? [];
  if (candidate === undefined) return undefined;
  const found = directory.findLast(candidate.ref);
  return found.status === "found" && !hasNumbersOfHost(found.entry) ? found.entry : undefined;
}

/** Who sent telemetry from an address that nobody here has: a pod that the runtime has not told of, maybe, or another machine. */
export function unknownSender(peer: string | undefined, directory: Directory): Candidate | undefined {
  const [candidate] = (peer === undefined || isLoopback(peer) ? undefined : byAddress(peer, true)) ?? [];
  return candidate !== undefined && directory.findLast(candidate.ref).status === "missing" ? candidate : undefined;
}

function hasNumbersOfHost({ details }: Entry): boolean {
  return details !== undefined && details !== "unavailable" && details.isHostPid === true;
}

/** Whether that is the name which processes in this pod or container see as their host's: what they say of themselves. */
export function isHostIn(entry: Entry, name: string): boolean {
  const isIt = (host = "") => host !== "" && (name === host || name.startsWith(`${host}.`));
  if (entry.kind === "pod") {
    // The whole name of a pod in DNS has its namespace in it.
    const namespace = /\.([^.]+)\.svc(?:\.|$)/.exec(name)?.[1] ?? entry.facts.namespace;
    return namespace === entry.facts.namespace && [entry.details?.hostname, hostnameOf(entry.facts.name)].some(isIt);
  }
  const { id, details } = entry;
  // Docker and Podman take the beginning of the ID unless told otherwise.
  if (/^[0-9a-f]{12,64}$/.test(name) && id.startsWith(name)) return true;
  return details !== undefined && details !== "unavailable" && isIt(details.hostname);
}

/** What a kubelet makes of a pod's name where the spec has no hostname: at most 63 characters, with a letter or digit at the end. */
function hostnameOf(podName: string): string {
  return podName.slice(0, 63).replace(/[-.]+$/, "");
}
