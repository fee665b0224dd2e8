import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { render } from "./kustomization.ts";
import type { Resource } from "./schema.ts";

/** The folder config/kubernetes. */
export const manifests = fileURLToPath(new URL("../../../config/kubernetes", import.meta.url));

/** An overlay with components that a user adds to it. */
export type Variant = { readonly overlay: string; readonly components: readonly string[] };

/** Names of the overlays: one for each kind of node. */
export const overlays = readdirSync(join(manifests, "overlays"));

/** The component of the probes for an overlay. */
export function ebpfOf(overlay: string): string {
  return overlay === "openshift" ? "ebpf-openshift" : "ebpf";
}

/** The component of the queue on disk for an overlay. */
export function queueOf(overlay: string): string {
  return overlay === "openshift" ? "queue-openshift" : "queue";
}

/** Each overlay as it is and with the probes, and each other component. */
export const variants: readonly Variant[] = [
  ...overlays.flatMap((overlay) => [
    { overlay, components: [] },
    { overlay, components: [ebpfOf(overlay)] },
  ]),
  { overlay: "containerd", components: ["root-user"] },
  { overlay: "containerd", components: ["selinux"] },
  { overlay: "k3s", components: ["host-port"] },
  { overlay: "k3s", components: ["host-port", "ebpf"] },
  ...["containerd", "openshift"].map((overlay) => ({ overlay, components: [queueOf(overlay)] })),
  { overlay: "k3s", components: ["ebpf", "queue"] },
  { overlay: "k3s", components: ["queue", "ebpf"] },
  { overlay: "containerd", components: ["kubelet"] },
  { overlay: "cri-o", components: ["ebpf", "kubelet"] },
];

/** What a test is named by. */
export function nameOf({ overlay, components }: Variant): string {
  return [overlay, ...components].join(" with ");
}

/** Calls with a folder that holds the kustomization which a user writes for a variant. */
export function withFolderOf<T>({ overlay, components }: Variant, use: (folder: string) => T): T {
  const home = mkdtempSync(join(tmpdir(), "podstamp-kustomization-"));
  const folder = join(home, "variant");
  mkdirSync(folder);
  const to = (path: string) => relative(folder, join(manifests, path));
  writeFileSync(
    join(folder, "kustomization.yaml"),
    stringify({
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      resources: [to(`overlays/${overlay}`)],
      components: components.map((name) => to(`components/${name}`)),
    }),
  );
  try {
    return use(folder);
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** The objects of a variant. */
export function renderVariant(variant: Variant): readonly Resource[] {
  return withFolderOf(variant, render);
}

/** All variants with their objects. */
export const rendered = variants.map((variant) => ({ name: nameOf(variant), variant, all: renderVariant(variant) }));

/** The objects of the example. */
export const example = render(join(manifests, "example"));
