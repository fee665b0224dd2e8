import { listOf, wordOrList } from "../schema/kinds.ts";
import type { Output } from "../schema/schema.ts";
import { choice, duration, endpoint, section, text } from "./fields.ts";

const runtime = section({
  type: choice(["auto", "cri", "containerd", "cri-o", "crio", "cri-dockerd", "docker", "podman"], "auto").describe(
    "What the runtime is, and so how it is spoken to: `cri` is CRI v1, of containerd (with its own API for other namespaces), CRI-O and cri-dockerd; `docker` and `podman` their own APIs. `auto` goes by the name of the socket.",
  ),
  endpoint: endpoint({ schemes: ["unix"] })
    .optional()
    .describe(
      "The runtime's socket, `unix:///path`, looked for below host_root first; without it wherever one of the type is known to listen.",
    ),
  image_endpoint: endpoint({ schemes: ["unix"] })
    .optional()
    .describe("The image service's socket where it is another one."),
  namespaces: listOf(text({ minLength: 1, maxLength: 76 }))
    .max(64)
    .optional()
    .describe(
      "The namespaces of containerd that are followed beside Kubernetes' `k8s.io`; without it all but Docker's `moby`.",
    ),
  timeout: duration({ default: "2s", min: "1ms" }).describe("How long one call to the runtime may take."),
}).refine(({ type, endpoint: named }) => named !== undefined || (type !== "auto" && type !== "cri"), {
  error: "must have an endpoint, or the type of a runtime whose sockets are known",
});

/** The settings of those who ask the node's container runtimes: which they are, and where they are looked for. */
export const runtimeFields = {
  runtimes: wordOrList(
    "auto",
    listOf(runtime).min(1).max(16),
    "must be auto or a list of runtimes, each {type, endpoint, image_endpoint, namespaces, timeout}",
  )
    .prefault("auto")
    .describe(
      "`auto` follows what CONTAINER_RUNTIME_ENDPOINT or /etc/crictl.yaml name, else every runtime that answers at one of the known sockets, all at once; or a list of runtimes.",
    ),
  host_root: text({ default: "/", minLength: 1, maxLength: 4096 }).describe(
    "Where the host's file system begins for podstamp: sockets, /proc and /sys/fs/cgroup are looked for below it. In a pod the mount of the host's `/`, such as `/host`.",
  ),
};

/** `auto`, or the runtimes of a list. */
export type RuntimesSetting = Output<typeof runtimeFields.runtimes>;
