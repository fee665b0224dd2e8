import { addressKey, cgroupKey, inodeKey, isAlias, nameKey, podNameKey, uidKey } from "./index/aliases.ts";
import { cgroupsInside } from "./names/cgroup-path.ts";
import { type ContainerRef, parseContainerRef } from "./names/container-ref.ts";

/** One way to find out whose telemetry is. */
export type Candidate = {
  readonly ref: ContainerRef;
  /** Whether the runtimes are asked when it is unknown, and waited for; else it counts only if it is known. */
  readonly isAsked: boolean;
};

/** The container that the candidates name by its ID, the innermost one of a cgroup's path, whether it is known or not. */
export function containerIn(candidates: readonly Candidate[]): string | undefined {
  return candidates.find(({ ref }) => !isAlias(ref.id))?.ref.id;
}

/** By the ID of a container or sandbox; undefined when the text cannot be one. */
export function byContainerId(text: string): readonly Candidate[] | undefined {
  const ref = parseContainerRef(text);
  return ref === undefined ? undefined : [{ ref, isAsked: true }];
}

/** By the pod's uid: its container of that name first, then the pod itself. Undefined when the text cannot be a uid. */
export function byPod(uid: string, container: string | undefined): readonly Candidate[] | undefined {
  if (!uidPattern.test(uid)) return undefined;
  const isNamed = container !== undefined && container.length <= maxName;
  return [...(isNamed ? [alias(nameKey(uid, container))] : []), alias(uidKey(uid))];
}

/** By the names of the pod and its namespace; undefined when the texts are too long for that. */
export function byPodName(namespace: string, name: string): readonly Candidate[] | undefined {
  return namespace.length > maxName || name.length > maxName ? undefined : [alias(podNameKey(namespace, name))];
}

/** By an address of the pod or container; undefined when the text is none. */
export function byAddress(text: string, isAsked: boolean): readonly Candidate[] | undefined {
  const key = text.length > maxAddress ? undefined : addressKey(text);
  return key === undefined ? undefined : [{ ref: { id: key, mayBePrefix: false }, isAsked }];
}

/**
 * By a cgroup's path, a line of /proc/PID/cgroup, or the whole file: the innermost container first, outer ones
 * behind it, then the pod that the path names. Undefined when it names nothing of that kind.
 */
export function byCgroup(text: string): readonly Candidate[] | undefined {
  const candidates = new Map<string, Candidate>();
  const { paths, podUid } = cgroupsInside(text);
  for (const { path, containerId } of paths) {
    if (candidates.size >= maxCandidates) break;
    // A cgroup without an ID in its name may be one that somebody chose for a container, or any process of the host's.
    const id = containerId ?? cgroupKey(path);
    candidates.set(id, { ref: { id, mayBePrefix: false }, isAsked: containerId !== undefined });
  }
  const pod = podUid === undefined ? [] : [alias(uidKey(podUid))];
  return candidates.size + pod.length === 0 ? undefined : [...candidates.values(), ...pod];
}

/** By the inode of a cgroup's directory, of the named hierarchy or of the only one that has it. */
export function byCgroupId(id: string, hierarchy: string | undefined): readonly Candidate[] | undefined {
  // `memory:4711` names the hierarchy itself.
  const match = /^(?:([\w=,.-]{1,64}):)?(\d{1,20})$/.exec(id);
  if (match?.[2] === undefined || match[2] === "0") return undefined;
  return [alias(inodeKey(`${match[1] ?? hierarchy ?? ""}:${match[2]}`))];
}

/** UUIDs, config hashes of static pods, and whatever else a kubelet was given as metadata.uid. */
const uidPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const maxName = 253;
const maxAddress = 64;

/** A path of a container in a container in a container is as deep as it gets. */
const maxCandidates = 24;

function alias(id: string): Candidate {
  return { ref: { id, mayBePrefix: false }, isAsked: true };
}
