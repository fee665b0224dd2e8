import { cronJobOf, noWorkloads, type Workloads } from "../../../containers/names/workload.ts";
import type { Entries } from "../extract/key-rules.ts";
import type { PodSupplement } from "../extract/supplement.ts";

/** What a kubelet's /pods tells: each pod by its uid as a runtime has it, and what else it is called by. */
export type KubeletPods = {
  readonly byUid: ReadonlyMap<string, PodSupplement>;
  /** Of the mirrors of static pods: their uids and those that a runtime has. */
  readonly mirrors: ReadonlyMap<string, string>;
};

export const noPods: KubeletPods = { byUid: new Map(), mirrors: new Map() };

/** More pods than a node can have are not looked at. */
const maxPods = 10_000;

/** Reads a PodList of Kubernetes' v1; what is missing or of another type is left out. Undefined when it is no list at all. */
export function readPods(list: unknown): KubeletPods | undefined {
  const items = at(list, ["items"]);
  // Go writes a list of none as null.
  if (items === null && at(list, ["kind"]) === "PodList") return noPods;
  if (!Array.isArray(items)) return undefined;
  const byUid = new Map<string, PodSupplement>();
  const mirrors = new Map<string, string>();
  for (const item of items.slice(0, maxPods)) {
    const uid = textAt(item, ["metadata", "uid"]);
    if (uid === undefined) continue;
    const annotations = entriesAt(item, ["metadata", "annotations"]);
    const mirrored = annotations["kubernetes.io/config.mirror"];
    if (mirrored !== undefined && mirrored !== uid) mirrors.set(uid, mirrored);
    const key = mirrored ?? uid;
    byUid.set(key, {
      ...byUid.get(key),
      ...supplementOf(item, annotations),
      ...(mirrored === undefined ? {} : { uid }),
    });
  }
  return { byUid, mirrors };
}

function supplementOf(item: unknown, annotations: Entries): PodSupplement {
  const labels = entriesAt(item, ["metadata", "labels"]);
  const createdAt = Date.parse(textAt(item, ["metadata", "creationTimestamp"]) ?? "");
  const images = new Map<string, string>();
  for (const kind of ["containers", "initContainers", "ephemeralContainers"])
    for (const container of listAt(item, ["spec", kind])) {
      const name = textAt(container, ["name"]);
      const image = textAt(container, ["image"]);
      if (name !== undefined && image !== undefined) images.set(name, image);
    }
  return {
    labels,
    annotations,
    images,
    // On the host's network a runtime is not told the hostname that the spec asks for.
    hostname: textAt(item, ["spec", "hostname"]),
    ...(Number.isNaN(createdAt) ? {} : { createdAt }),
    workloads: workloadsOf(listAt(item, ["metadata", "ownerReferences"]), labels, createdAt),
  };
}

/** By the owner references, as the Collector does without more of the API server. */
function workloadsOf(owners: readonly unknown[], labels: Entries, createdAt: number): Workloads {
  const names: Record<string, string> = {};
  const uids: Record<string, string> = {};
  for (const owner of owners) {
    const kind = textAt(owner, ["kind"])?.toLowerCase();
    const name = textAt(owner, ["name"]);
    if (kind === undefined || name === undefined || !owning.includes(kind)) continue;
    names[kind] = name;
    const uid = textAt(owner, ["uid"]);
    if (uid !== undefined) uids[kind] = uid;
    const end = `-${labels["pod-template-hash"] ?? ""}`;
    if (kind === "replicaset" && end !== "-" && name.endsWith(end) && name.length > end.length)
      names["deployment"] = name.slice(0, -end.length);
    const cronjob = kind === "job" ? cronJobOf(name, createdAt) : undefined;
    if (cronjob !== undefined) names["cronjob"] = cronjob;
  }
  return { ...noWorkloads, names, uids };
}

const owning = ["replicaset", "statefulset", "daemonset", "job"];

function entriesAt(value: unknown, path: readonly string[]): Entries {
  const found = at(value, path);
  if (typeof found !== "object" || found === null) return {};
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function listAt(value: unknown, path: readonly string[]): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

function textAt(value: unknown, path: readonly string[]): string | undefined {
  const found = at(value, path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}
