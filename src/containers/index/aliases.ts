import { isIP } from "node:net";
import type { Entry } from "./entry.ts";

/*
 * Other names of containers and pods than their IDs. Each begins with what it is and a colon, which no ID has in it:
 * uid:UID, name:UID/CONTAINER, pod:NAMESPACE/POD, ip:ADDRESS, cgroup:PATH, inode:HIERARCHY:INODE.
 */

/** By the pod's uid as in labels and cgroups. */
export function uidKey(uid: string): string {
  return `uid:${uid.toLowerCase().replaceAll("_", "-")}`;
}

const nameStart = "name:";
const podStart = "pod:";

/** Whether a key is a name that is given again: to the next container in a pod, to the next pod of a StatefulSet. */
export function isName(key: string): boolean {
  return key.startsWith(nameStart) || key.startsWith(podStart);
}

/** By the pod's uid and the container's name in it. */
export function nameKey(uid: string, name: string): string {
  return `${nameStart}${uidKey(uid)}/${name}`;
}

/** By the names of the pod and its namespace. */
export function podNameKey(namespace: string, name: string): string {
  return `${podStart}${namespace}/${name}`;
}

/** By an address of its own; undefined when the text is none. */
export function addressKey(text: string): string | undefined {
  const bare = text.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  switch (isIP(bare)) {
    case 4:
      return `ip:${bare}`;
    case 6:
      return `ip:${new URL(`http://[${bare}]`).hostname.slice(1, -1)}`;
    default:
      return undefined;
  }
}

export function cgroupKey(path: string): string {
  return `cgroup:${path}`;
}

/** `id` is "hierarchy:inode". */
export function inodeKey(id: string): string {
  return `inode:${id}`;
}

/** Whether a key names a cgroup, which several may share. */
export function isOfCgroup(key: string): boolean {
  return key.startsWith("cgroup:") || key.startsWith("inode:");
}

/** Whether a key is another name and not an ID. */
export function isAlias(key: string): boolean {
  return key.includes(":");
}

/** Every other name of an entry; addresses only while it lives, since the next one gets them. */
export function aliasesOf(entry: Entry, isLive: boolean): readonly string[] {
  if (entry.kind === "pod") {
    const { facts, details } = entry;
    return [
      ...(facts.uid === "" ? [] : [uidKey(facts.uid)]),
      ...(facts.name === "" || facts.namespace === "" ? [] : [podNameKey(facts.namespace, facts.name)]),
      ...(isLive && facts.isReady ? (details?.addresses ?? []).flatMap((ip) => addressKey(ip) ?? []) : []),
    ];
  }
  const { facts, details, pod, cgroups } = entry;
  const addresses = details === undefined || details === "unavailable" ? [] : (details.addresses ?? []);
  const isRunning = isLive && facts.state !== "exited";
  return [
    ...(pod === undefined || pod.facts.uid === "" || facts.name === "" ? [] : [nameKey(pod.facts.uid, facts.name)]),
    ...(isRunning ? addresses.flatMap((ip) => addressKey(ip) ?? []) : []),
    ...(cgroups?.paths ?? []).map(cgroupKey),
    ...(cgroups?.ids ?? []).map(inodeKey),
  ];
}

/** Which entries have a name, and which names an entry has. */
export type AliasTable = {
  /** Sets all names of an entry; gives those that are new. */
  set(id: string, aliases: readonly string[]): readonly string[];
  ids(alias: string): readonly string[];
  /** Takes the addresses of an entry away until its names are set again. */
  dropAddresses(id: string): void;
};

const none: readonly string[] = [];

export function createAliasTable(): AliasTable {
  const byId = new Map<string, readonly string[]>();
  const byAlias = new Map<string, readonly string[]>();
  const drop = (alias: string, id: string) => {
    const left = byAlias.get(alias)?.filter((other) => other !== id) ?? none;
    if (left.length === 0) byAlias.delete(alias);
    else byAlias.set(alias, left);
  };
  const set = (id: string, aliases: readonly string[]) => {
    const before = byId.get(id) ?? none;
    if (before.length === 0 && aliases.length === 0) return none;
    for (const alias of before) if (!aliases.includes(alias)) drop(alias, id);
    const added = [...new Set(aliases)].filter((alias) => !before.includes(alias));
    for (const alias of added) byAlias.set(alias, [...(byAlias.get(alias) ?? none), id]);
    if (aliases.length === 0) byId.delete(id);
    else byId.set(id, aliases);
    return added;
  };
  return {
    set,
    ids: (alias) => byAlias.get(alias) ?? none,
    dropAddresses(id) {
      const before = byId.get(id) ?? none;
      const kept = before.filter((alias) => !alias.startsWith("ip:"));
      if (kept.length < before.length) set(id, kept);
    },
  };
}
