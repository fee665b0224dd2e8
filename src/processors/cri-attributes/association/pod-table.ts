import type { Directory } from "../../../containers/directory.ts";
import type { Found } from "../../../containers/index/container-index.ts";
import type { Pod } from "../../../containers/index/entry.ts";

export type PodTableOptions = {
  /** The attributes by which pods are told apart. */
  readonly names: readonly string[];
  readonly directory: Pick<Directory, "pods" | "gone" | "version">;
  readonly attribute: (pod: Pod, name: string) => string | undefined;
  readonly version: () => number;
  readonly isHidden: (pod: Pod) => boolean;
};

/** Every pod by some of its attributes. */
export type PodTable = {
  /** The pod that has these values, in the order of the names: of several the one that runs, then the newest. */
  find(values: readonly string[]): Found;
};

/** Makes a table that is made anew when it is asked and something has changed. */
export function createPodTable({ names, directory, attribute, version, isHidden }: PodTableOptions): PodTable {
  let pods = new Map<string, Pod>();
  let made = "";

  const refresh = () => {
    const now = `${directory.version()} ${version()}`;
    if (now === made) return;
    made = now;
    pods = new Map();
    const gone = directory.gone();
    // What was heard of a pod last may have been that it is ready, also when it is gone.
    const life = (pod: Pod) => Number(pod.facts.isReady && !gone.has(pod.id));
    // Who counts most comes last.
    const byLife = (a: Pod, b: Pod) => life(a) - life(b) || a.facts.createdAt - b.facts.createdAt;
    for (const pod of directory.pods().toSorted(byLife)) {
      const values = names.map((name) => valueOf(pod, name, attribute));
      if (values.every((value) => value !== undefined) && !isHidden(pod)) pods.set(JSON.stringify(values), pod);
    }
  };

  return {
    find(values) {
      refresh();
      const entry = pods.get(JSON.stringify(values));
      return entry === undefined ? { status: "missing" } : { status: "found", entry };
    },
  };
}

/** Name and namespace count also where they are not written. */
function valueOf(pod: Pod, name: string, attribute: PodTableOptions["attribute"]): string | undefined {
  if (name === "k8s.pod.name") return pod.facts.name;
  return name === "k8s.namespace.name" ? pod.facts.namespace : attribute(pod, name);
}
