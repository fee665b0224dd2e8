import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../node/real-kubelet.ts";
import { daemonSetOf, only, type Volume } from "./daemon-set.ts";
import type { Resource, Tree } from "./schema.ts";

export type StaticPodOptions = {
  readonly name: string;
  /** Takes the place of the host's folder that the volume `runtime` names: the one of a runtime of one's own. */
  readonly runtimeFolder: string;
  /** Stands before the image's name, as a user's own registry does. */
  readonly registry: string;
  /** Where the ConfigMaps' files go, and what else the pod has of the host's. */
  readonly folder: string;
  /** Takes the place of what the ConfigMap podstamp-env has. */
  readonly variables: Readonly<Record<string, string>>;
};

/**
 * The pod of a DaemonSet as a static one, which may name no object of an API server: files and variables stand in for ConfigMaps,
 * service account and priority class are left out. All else is as rendered.
 */
export function staticPodOf(all: readonly Resource[], options: StaticPodOptions): Manifest {
  const { name, runtimeFolder, registry, folder, variables } = options;
  const { metadata, spec } = daemonSetOf(all).template;
  const { serviceAccountName: _account, priorityClassName: _class, ...rest } = spec;
  const env = Object.entries({ ...dataOf(all, "podstamp-env"), ...variables }).map(([key, value]) => ({
    name: key,
    value,
  }));
  const volumes = spec.volumes.map((volume): Volume => {
    if (volume.hostPath !== undefined) {
      const path = volume.name === "runtime" ? runtimeFolder : join(folder, volume.name);
      return { ...volume, hostPath: { ...volume.hostPath, path } };
    }
    if (volume.configMap === undefined) return volume;
    const path = join(folder, volume.configMap.name);
    mkdirSync(path, { recursive: true });
    for (const [file, text] of Object.entries(dataOf(all, volume.configMap.name)))
      writeFileSync(join(path, file), text);
    return { name: volume.name, hostPath: { path, type: "Directory" } };
  });
  const containers = spec.containers.map(({ envFrom: _from, ...container }) => ({
    ...container,
    image: `${registry}/${container.image}`,
    env: [...env, ...container.env],
  }));
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name, namespace: only(all, "DaemonSet").metadata.namespace ?? "default" },
    spec: { ...rest, containers, volumes },
  };
  return pod;
}

function dataOf(all: readonly Resource[], name: string): Readonly<Record<string, string>> {
  return only(all, "ConfigMap", name)["data"] as Tree as Readonly<Record<string, string>>;
}
