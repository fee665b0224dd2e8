import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { newId } from "../../support/cri/answers.ts";

export const [web, etcd] = [newId(), newId()];
/** The uid of a static pod: the hash of its file. */
export const hash = "9a8b7c6d5e4f30211203f4e5d6c7b8a9";

/** A pod of a Deployment's, and a static one. */
export const pods = [
  {
    name: "web-5f6d8b9c4-hk7wq",
    namespace: "shop",
    uid: "u-web",
    ip: "10.1.0.1",
    labels: { app: "web", "pod-template-hash": "5f6d8b9c4" },
    containers: [{ id: web, name: "web", image: "acme/web:1" }],
  },
  {
    name: "etcd-node-a",
    namespace: "kube-system",
    uid: hash,
    annotations: { "kubernetes.io/config.source": "file", "kubernetes.io/config.hash": hash },
    containers: [{ id: etcd, name: "etcd", image: "acme/etcd:1" }],
  },
];

/** A folder of the test's own. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "podstamp-sources-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}
