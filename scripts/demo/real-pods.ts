import type { Node, Pushed } from "../../test/support/node/cluster.ts";
import type { Attributes } from "../../test/support/otlp/plain.ts";
import { freePort } from "../../test/support/net/ports.ts";
import type { Progress } from "./progress.ts";
import type { Subject } from "./subject.ts";

/** A runtime with the demo's pods in it. */
export type Stage = {
  /** unix:///… of the CRI socket. */
  readonly endpoint: string;
  readonly subjects: readonly Subject[];
  /** The call between them. */
  readonly call: Call;
  /** In the place of the loader of real probes: passes on what a kernel told of the call when it was recorded. */
  readonly recordedLoader?: string;
};

/** What one of the pods asks the other over HTTP, again and again, without any telemetry of its own. */
export type Call = { readonly from: string; readonly to: string; readonly port: number; readonly path: string };

const callPath = "/checkout";

/** A pod of the demo, as someone would write it. */
type Wanted = {
  readonly pod: string;
  readonly namespace: string;
  readonly container: string;
  readonly restartCount: number;
  /** How the pod spec names its image: podstamp must find name, tags and digests either way. */
  readonly by: "tag" | "digest";
  readonly kind: "image" | "index";
  readonly tag: string;
  /** Runs instead of the image's command. */
  readonly script: string;
};

const wanted: readonly Wanted[] = [
  {
    pod: "frontend-7d9f6c5b8d-x2x9z",
    namespace: "shop",
    container: "frontend",
    restartCount: 2,
    by: "tag",
    kind: "index",
    tag: "1.4.2",
    script: `while true; do busybox wget -q -O /dev/null http://127.0.0.1:$PORT${callPath}; sleep 0.5; done`,
  },
  {
    pod: "checkout-5f6d8b9c4-hk7wq",
    namespace: "pay",
    container: "checkout",
    restartCount: 0,
    by: "digest",
    kind: "image",
    tag: "2.0.1",
    script: `busybox mkdir /www && echo "Thank you" > /www${callPath} && exec busybox httpd -f -p 127.0.0.1:$PORT -h /www`,
  },
];

/** Makes the pods in a node of our own; `nodeName` is what podstamp is told. */
export async function makePods(node: Node, nodeName: string, progress: Progress): Promise<Stage> {
  const subjects: Subject[] = [];
  const port = await freePort();
  for (const each of wanted) subjects.push(await makePod(node, each, { nodeName, port, progress }));
  const call = { from: "frontend", to: "checkout", port, path: callPath };
  return { endpoint: node.containerd.endpoint, subjects, call };
}

async function makePod(
  node: Node,
  each: Wanted,
  { nodeName, port, progress }: { nodeName: string; port: number; progress: Progress },
): Promise<Subject> {
  const { pod: name, namespace, container, restartCount } = each;
  const pushed = await node.push(`${namespace}/${container}`, each.tag, each.kind);
  const image = each.by === "tag" ? `${pushed.repository}:${pushed.tag}` : `${pushed.repository}@${pushed.digest}`;
  progress.step(`Pod ${namespace}/${name}`);
  progress.detail(
    `image by its ${each.by === "tag" ? "tag" : "repo digest"}${each.kind === "index" ? ", an index for two platforms" : ""}`,
  );
  await node.kubelet.pull(image);
  const labels = { app: container, "pod-template-hash": name.split("-")[1] ?? "" };
  const pod = await node.kubelet.runPod({ name, namespace, labels });
  const containerId = await node.kubelet.run(pod, {
    name: container,
    image,
    restartCount,
    command: ["/bin/sh", "-c", each.script],
    environment: { PORT: String(port) },
  });
  progress.detail(`container ${containerId.slice(0, 12)} runs`);
  const expected: Attributes = {
    "k8s.pod.name": name,
    "k8s.pod.uid": pod.uid,
    "k8s.namespace.name": namespace,
    "k8s.deployment.name": container,
    "k8s.replicaset.name": name.slice(0, name.lastIndexOf("-")),
    "k8s.container.name": container,
    "k8s.container.restart_count": restartCount,
    "k8s.node.name": nodeName,
    "container.id": containerId,
    ...imageAttributes(pushed, each.by),
    "container.runtime.name": node.containerd.version.runtimeName,
  };
  return { service: container, containerId, expected };
}

/** What the registry answered, in the words of the semantic conventions. An image asked for by digest has no tag. */
function imageAttributes({ repository, tag, digest, id }: Pushed, by: "tag" | "digest"): Attributes {
  return {
    "container.image.name": repository,
    ...(by === "tag" ? { "container.image.tags": [tag] } : {}),
    "container.image.repo_digests": [`${repository}@${digest}`],
    "container.image.id": id,
    "oci.manifest.digest": digest,
  };
}
