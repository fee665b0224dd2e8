import { isIP } from "node:net";
import {
  byAddress,
  byCgroup,
  byCgroupId,
  byContainerId,
  byPod,
  type Candidate,
} from "../../../containers/association.ts";
import type { Directory } from "../../../containers/directory.ts";
import { type KeySet, keySet } from "../../../otlp/wire/keys.ts";
import type { ResourceReading } from "../../../otlp/reading.ts";
import { isLoopback } from "../../../net/socket/peer.ts";
import type { ContainerHints } from "./container-choice.ts";
import type { Named } from "../extract/extraction.ts";
import type { Taken } from "./pod-rules.ts";
import { isOfOther, type SaidOfPod } from "./other-pod.ts";
import { isHostIn, senderApart, unknownSender } from "./sender.ts";

/** What a target says about where it comes from. */
export type Identity =
  | { readonly kind: "named"; readonly candidates: readonly Candidate[]; readonly note?: Note }
  /** It says nothing, and who sent it is all there is to go by. */
  | { readonly kind: "sent"; readonly candidates: readonly Candidate[] }
  /** A rule of pod_association has decided what it is to be found by. */
  | { readonly kind: "ruled"; readonly taken: Taken }
  /** It names a process, and whose number that is depends on who sent it, whom nobody knows yet; `identify` says it once he was asked for. */
  | { readonly kind: "unplaced"; readonly sender: Candidate; readonly identify: () => Identity }
  /** It names somebody who is not there: a process that has ended, or one of a host without containers. */
  | { readonly kind: "absent" }
  /** It names a container in a way that no runtime does. */
  | { readonly kind: "invalid" }
  /** Its records name so many containers that moving them would make the request many times larger. */
  | { readonly kind: "too_many" }
  /** It is a profile of which nobody can tell where its samples have their attributes. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "none" };

/**
 * Room for what somebody has found out by an identity that comes again and again, so that it need not be looked up each time: on a busy
 * machine that is a dozen places in memory, none of them at hand. `by` tells whose it is.
 */
export type Note = { by: object | undefined; what: unknown };

const keys = {
  containerId: "container.id",
  podUid: "k8s.pod.uid",
  podName: "k8s.pod.name",
  containerName: "k8s.container.name",
  cgroup: "process.linux.cgroup",
  cgroupId: "podstamp.cgroup.id",
  hierarchy: "podstamp.cgroup.hierarchy",
  pid: "process.pid",
  executableName: "process.executable.name",
  executablePath: "process.executable.path",
  podIp: "k8s.pod.ip",
  ip: "ip",
  hostName: "host.name",
  restarts: "k8s.container.restart_count",
  namespace: "k8s.namespace.name",
  node: "k8s.node.name",
} as const;

const names: readonly string[] = Object.values(keys);

/**
 * Resource attributes that are read: the identities, what shows that a resource is someone else's than its records, what chooses
 * among a pod's containers, and those of rules.
 */
export function resourceKeys(ofRules: readonly string[]): KeySet {
  return keySet([...new Set([...names, ...ofRules])]);
}

const at = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, names.indexOf(key)])) as Readonly<
  Record<keyof typeof keys, number>
>;

/** What a resource says of its container, namespace and node. */
export function hintsOf({ values, numbers, others }: ResourceReading): ContainerHints & Named {
  return {
    name: values[at.containerName],
    id: values[at.containerId],
    restarts: values[at.restarts] ?? numbers[at.restarts] ?? (others?.has(at.restarts) === true ? "" : undefined),
    namespace: values[at.namespace],
    node: values[at.node],
  };
}

/** The address that the Collector without rules goes by: of the resource, else of who sent it. */
export function addressOf({ values }: ResourceReading, peer: string | undefined): string | undefined {
  return values[at.podIp] ?? values[at.ip] ?? peer ?? hostAddress(values[at.hostName]);
}

function hostAddress(name: string | undefined): string | undefined {
  return name !== undefined && isIP(name) !== 0 ? name : undefined;
}

/** Who sent a request: the address, and whether it is an SDK that sends what its own process made. */
export type Sender = { readonly peer: string | undefined; readonly isFromSdk: boolean | undefined };

/** What decides whose a resource is beside what it says itself. */
export type Sent = Sender & {
  readonly directory: Directory;
  /** The uid by which a runtime knows the pod: of a static pod's mirror that of the pod. */
  readonly uidOf: (uid: string) => string;
  /** Whether the runtimes were asked for the peer before. */
  readonly isPeerAsked?: boolean;
};

/** By container.id alone, of a resource or a record; undefined when there is none. */
export function identifyContainer(text: string | undefined): Identity | undefined {
  if (text === undefined) return undefined;
  const known = readLately.get(text);
  if (known !== undefined) return known;
  const candidates = byContainerId(text);
  const identity: Identity =
    candidates === undefined
      ? { kind: "invalid" }
      : { kind: "named", candidates, note: { by: undefined, what: undefined } };
  if (text.length > longestReadLately) return identity;
  if (readLately.size >= maxReadLately) readLately.clear();
  readLately.set(text, identity);
  return identity;
}

/** What texts were found to name: those of a node's containers come again and again. */
const readLately = new Map<string, Identity>();
const maxReadLately = 1024;
const longestReadLately = 128;

/** What a resource says of its pod and container, as far as it is a string. */
export function podOfResource({ values }: ResourceReading): SaidOfPod {
  return {
    containerId: values[at.containerId],
    containerName: values[at.containerName],
    podUid: values[at.podUid],
    podName: values[at.podName],
    podIp: values[at.podIp],
    namespace: values[at.namespace],
  };
}

/**
 * By all that a resource names, one explicit identity after the other, and by the sender's address when it names nothing:
 * what is of somebody unknown is never of whoever forwarded it. A process of the sender's own, whose number means nothing
 * outside of its namespace, is nobody unknown.
 */
export function identifyResource(resource: ResourceReading, sent: Sent): Identity {
  const { values, numbers } = resource;
  const container = identifyContainer(values[at.containerId]);
  const uid = values[at.podUid];
  const pid = numbers[at.pid] ?? numberOf(values[at.pid]);
  const host = values[at.hostName];
  const cgroupId = values[at.cgroupId] ?? numbers[at.cgroupId]?.toString();
  const exact = [
    container?.kind === "named" ? container.candidates : undefined,
    uid === undefined ? undefined : byPod(sent.uidOf(uid), values[at.containerName]),
    mapped(values[at.cgroup], byCgroup),
    mapped(cgroupId, (id) => byCgroupId(id, values[at.hierarchy])),
  ].flatMap((some) => some ?? []);
  const stranger =
    pid === undefined || sent.isPeerAsked === true ? undefined : unknownSender(sent.peer, sent.directory);
  if (stranger !== undefined && sent.directory.findAny(exact).status === "missing")
    return {
      kind: "unplaced",
      sender: stranger,
      identify: () => identifyResource(resource, { ...sent, isPeerAsked: true }),
    };
  const sender = pid === undefined ? undefined : senderApart(sent.peer, sent.directory);
  const named: readonly (readonly Candidate[] | undefined)[] = [
    exact,
    pid === undefined || sender !== undefined
      ? undefined
      : byProcess(pid, values[at.executablePath] ?? values[at.executableName], sent.directory),
    mapped(values[at.podIp], (ip) => byAddress(ip, true)),
    mapped(values[at.ip], (ip) => byAddress(ip, true)),
  ];
  const candidates = named.flatMap((some) => some ?? []);
  if (candidates.length > 0) return { kind: "named", candidates };
  if (container !== undefined) return container;
  const isOwnProcess =
    sender !== undefined &&
    // Where both are there the name decides: a proxy may have passed it on and not said so.
    (host === undefined ? sent.isFromSdk === true : isHostIn(sender, host)) &&
    !isOfOther(podOfResource(resource), sender, sent.uidOf);
  const process = isOwnProcess ? undefined : pid;
  const namesSomebody = [uid, values[at.cgroup], cgroupId, process, values[at.podIp], values[at.ip]].some(
    (value) => value !== undefined,
  );
  return namesSomebody ? { kind: "absent" } : identifySender(sent, hostAddress(host));
}

/** Behind a unix socket there is no address, but the name of a host may be one. */
function identifySender({ peer: address, directory }: Sent, host: string | undefined): Identity {
  const peer = address ?? host;
  if (peer === undefined) return { kind: "none" };
  // Nobody behind a loopback address is worth asking for, once every pod's addresses are known.
  const candidates = byAddress(peer, !isLoopback(peer) || !directory.isSettled());
  return candidates === undefined ? { kind: "none" } : { kind: "sent", candidates };
}

/** A process by its number on the host; a resource that says that another program runs means another one, which is nobody here. */
function byProcess(pid: number, executable: string | undefined, directory: Directory): readonly Candidate[] {
  if (pid === 0) return [];
  const process = directory.process(pid);
  if (process === undefined || !runs(process, executable)) return [];
  return byCgroup(process.cgroup) ?? [];
}

/** `python` is `python3.11`, and a thread may call itself what it wants. */
function runs(process: { readonly executable: string; readonly command: string }, said: string | undefined): boolean {
  const name = said?.split("/").at(-1) ?? "";
  if (name === "" || (process.executable === "" && process.command === "")) return true;
  return [process.executable, process.command].some(
    (known) => known !== "" && (known.startsWith(name) || name.startsWith(known)),
  );
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function mapped<T>(text: string | undefined, read: (text: string) => T | undefined): T | undefined {
  return text === undefined ? undefined : read(text);
}
