import { z } from "zod";
import {
  choice,
  decimal,
  duration,
  endpoint,
  flag,
  integer,
  mebibytes,
  notYet,
  section,
  stringList,
  text,
} from "../../config/fields.ts";
import { attributeRules } from "./attributes.ts";

const names = attributeRules.map(({ name }) => name);

/** What the Collector's processor can extract and podstamp does not yet. */
const laterNames = [
  "k8s.pod.hostname", "k8s.pod.ip", "k8s.pod.start_time", "k8s.cluster.uid", "k8s.node.uid", "service.name", "service.namespace", "service.version", "service.instance.id",
  ...["deployment", "replicaset", "statefulset", "daemonset", "job", "cronjob"].flatMap((kind) => [`k8s.${kind}.name`, `k8s.${kind}.uid`]),
  "container.image.tag",
]; // prettier-ignore

const withoutApiServer = "podstamp asks no API server, so there is nothing to set; the setting does nothing";

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
  namespaces: z
    .array(text({ minLength: 1, maxLength: 76 }))
    .max(64)
    .optional()
    .describe(
      "The namespaces of containerd that are followed beside Kubernetes' `k8s.io`; without it all but Docker's `moby`.",
    ),
  timeout: duration({ default: "2s", min: "1ms" }).describe("How long one call to the runtime may take."),
}).refine(({ type, endpoint: named }) => named !== undefined || (type !== "auto" && type !== "cri"), {
  error: "must have an endpoint, or the type of a runtime whose sockets are known",
});

/** The settings of cri_attributes: podstamp's own, and those of the Collector's k8s_attributes. */
export const settings = section({
  runtimes: z
    .union([z.literal("auto"), z.array(runtime).min(1).max(16)], {
      error: "must be auto or a list of runtimes, each {type, endpoint, image_endpoint, namespaces, timeout}",
    })
    .prefault("auto")
    .describe(
      "`auto` follows what CONTAINER_RUNTIME_ENDPOINT or /etc/crictl.yaml name, else every runtime that answers at one of the known sockets, all at once; or a list of runtimes.",
    ),
  host_root: text({ default: "/", minLength: 1, maxLength: 4096 }).describe(
    "Where the host's file system begins for podstamp: sockets, /proc and /sys/fs/cgroup are looked for below it. In a pod the mount of the host's `/`, such as `/host`.",
  ),
  node_name: text({ default: "", maxLength: 253 }).describe(
    "k8s.node.name; empty means K8S_NODE_NAME of the environment, else the host's name.",
  ),
  wait: duration({ default: "2s", max: "1m" }).describe(
    "How long telemetry of a container that the runtime does not know yet is held, at most.",
  ),
  max_waiting_mib: mebibytes({ default: 64, min: 1 }).describe(
    "Telemetry held for that, in all; what comes above it passes at once.",
  ),
  record_attributes: choice(["regroup", "inline", "off"], "regroup").describe(
    "What is done with records that name a container themselves: moved into one resource for each (`regroup`), stamped one by one (`inline`; samples of profiles are moved then too), or passed (`off`). Records are spans, data points, log records, samples.",
  ),
  semconv: choice(["stable", "legacy", "both"], "stable").describe(
    "Names as semantic conventions have them since 1.42 (`stable`), as the Collector wrote them before (`legacy`), or `both`.",
  ),
  override: flag(false).describe("Whether attributes that are there already are replaced; an empty string always is."),
  extract: section({
    metadata: stringList({ default: names, words: names, later: laterNames }).describe("The attributes to write."),
    labels: notYet("extract.labels; no label is written now", "warn"),
    annotations: notYet("extract.annotations; no annotation is written now", "warn"),
    otel_annotations: notYet("extract.otel_annotations; no annotation is written now", "warn"),
  })
    .prefault({ metadata: names })
    .describe("What is written."),
  pod_delete_grace_period: duration({ default: "5m" }).describe(
    "How long a container that is gone stays answerable: its last spans arrive late.",
  ),
  max_tombstones: integer({ default: 4096, min: 1, max: 1_000_000 }).describe(
    "How many containers that are gone are remembered.",
  ),
  max_containers: integer({ default: 50_000, min: 1, max: 1_000_000 }).describe(
    "How many containers and sandboxes are known at once.",
  ),
  watch_sync_period: duration({ default: "5m", min: "1s" }).describe(
    "Time between two full lists while events tell of changes; 10s at most while none do.",
  ),
  pod_association: notYet(
    "pod_association; the order is container.id of the resource, of the record, k8s.pod.uid, the cgroup, process.pid, k8s.pod.ip, the connection",
    "warn",
  ),
  filter: notYet("filter; telemetry of every pod would be stamped", "error"),
  exclude: notYet("exclude; telemetry of every pod is stamped now", "warn"),
  passthrough: notYet("passthrough; only k8s.pod.ip would be written", "error"),
  wait_for_metadata: flag(false).describe(
    "Accepted: podstamp always lists the runtime before it receives, and starts without it after 2s.",
  ),
  wait_for_metadata_timeout: duration({ default: "10s" }).describe("Accepted, see wait_for_metadata."),
  auth_type: ignored(z.unknown()),
  context: ignored(z.unknown()),
  kube_api_qps: ignored(decimal({ min: 0 })),
  kube_api_burst: ignored(integer({ min: 0 })),
  kubelet: notYet("kubelet, a second source of metadata; only the container runtime is asked now", "warn"),
});

export type Settings = z.output<typeof settings>;

function ignored(_type: z.ZodType): z.ZodType<undefined> {
  return notYet(withoutApiServer, "warn");
}
