import { globSync } from "node:fs";
import type { RuntimeType } from "../facts.ts";

/** A place where a runtime of a type usually listens; `*` stands for any one folder. */
export type KnownSocket = { readonly type: RuntimeType; readonly path: string };

/** In the order of preference where two places are the same socket. */
export const knownSockets: readonly KnownSocket[] = [
  { type: "containerd", path: "/run/containerd/containerd.sock" },
  { type: "cri-o", path: "/run/crio/crio.sock" },
  { type: "cri-dockerd", path: "/var/run/cri-dockerd.sock" },
  // k3s and RKE2 have it at the same place.
  { type: "containerd", path: "/run/k3s/containerd/containerd.sock" },
  { type: "containerd", path: "/run/k0s/containerd.sock" },
  { type: "containerd", path: "/run/k0s/containerd/containerd.sock" },
  { type: "containerd", path: "/var/snap/microk8s/common/run/containerd.sock" },
  { type: "containerd", path: "/var/snap/k8s/common/run/containerd/containerd.sock" },
  { type: "containerd", path: "/run/host-containerd/containerd.sock" },
  { type: "containerd", path: "/run/rke2/containerd/containerd.sock" },
  { type: "cri-dockerd", path: "/run/cri-dockerd.sock" },
  { type: "cri-dockerd", path: "/run/k3s/cri-dockerd/cri-dockerd.sock" },
  { type: "podman", path: "/run/podman/podman.sock" },
  { type: "docker", path: "/run/docker.sock" },
  { type: "docker", path: "/var/run/docker.sock" },
  { type: "containerd", path: "/var/run/containerd/containerd.sock" },
  { type: "cri-o", path: "/var/run/crio/crio.sock" },
  { type: "podman", path: "/var/run/podman/podman.sock" },
  { type: "podman", path: "/run/user/*/podman/podman.sock" },
  { type: "docker", path: "/run/user/*/docker.sock" },
];

/** Users with runtimes of their own; more than these are not looked at. */
const maxMatches = 32;

/** The paths on the host that a known socket stands for now, `path` itself where it has no `*`. */
export function placesOf({ path }: KnownSocket, hostRoot: string): readonly string[] {
  if (!path.includes("*")) return [path];
  const root = hostRoot.replace(/\/+$/, "");
  return globSync(`${root}${path}`)
    .slice(0, maxMatches)
    .map((found) => found.slice(root.length));
}
