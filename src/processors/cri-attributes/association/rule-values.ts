import { isIP } from "node:net";
import type { AssociationSource } from "../settings/association.ts";

/** What a piece of telemetry says of itself: strings that are not empty, and integers. */
export type Said = {
  readonly resource: (name: string) => string | number | undefined;
  readonly record: (name: string) => string | number | undefined;
  readonly peer: string | undefined;
};

/** What a value is of: a pod's identity by which the directory finds it, a name, or any other attribute. */
export type Kind = "container" | "uid" | "address" | "process" | "cgroup" | "cgroupId" | "name" | "namespace" | "other";

/** What a source of a rule found in telemetry. */
export type Value = { readonly kind: Kind; readonly name: string; readonly text: string };

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["container.id", "container"],
  ["k8s.pod.uid", "uid"],
  ["k8s.pod.ip", "address"],
  ["host.name", "address"],
  ["process.pid", "process"],
  ["process.linux.cgroup", "cgroup"],
  ["podstamp.cgroup.id", "cgroupId"],
  ["k8s.pod.name", "name"],
  ["k8s.namespace.name", "namespace"],
]);

/** The attributes by which a pod is always known, written or not. */
export const identities: readonly string[] = [...kinds.keys()];

/** A value counts when it is a string with something in it; an address must be one, numbers count for processes and cgroups. */
export function valueOf({ from, name }: AssociationSource, said: Said): Value | undefined {
  switch (from) {
    case "connection": {
      const { peer } = said;
      return peer === undefined || isIP(peer.replace(/%.*$/, "")) === 0
        ? undefined
        : { kind: "address", name: "", text: peer };
    }
    case "process.pid":
      return named("process.pid", said.resource);
    case "cgroup":
      return named("process.linux.cgroup", said.resource) ?? named("podstamp.cgroup.id", said.resource);
    case "resource_attribute":
      return named(name, said.resource);
    case "record_attribute":
      return named(name, said.record);
  }
}

function named(name: string, read: Said["resource"]): Value | undefined {
  const kind = kinds.get(name) ?? "other";
  const value = read(name);
  const isNumber = kind === "process" || kind === "cgroupId";
  const text = typeof value === "number" ? (isNumber ? String(value) : "") : (value ?? "");
  if (text === "" || (name === "host.name" && isIP(text) === 0)) return undefined;
  return { kind, name, text };
}
