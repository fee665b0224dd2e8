import { isIP } from "node:net";
import type { Schema } from "../../../config/schema/schema.ts";
import { choice, decimal, duration, flag, section, text } from "../../../config/fields/fields.ts";

/** The second source of metadata: the node's own kubelet. */
export type KubeletSettings = {
  readonly enabled: boolean;
  readonly poll_interval: number;
  readonly request_timeout: number;
  readonly endpoint: string;
  readonly insecure_skip_verify: boolean;
  readonly allow_insecure_http: boolean;
  readonly token_file: string;
  readonly ca_file: string;
  readonly cert_file: string;
  readonly key_file: string;
};

const kubeletPort = 10250;

/** Where a kubelet tells its pods; undefined for what is no address. */
export function kubeletUrl(endpoint: string): URL | undefined {
  const host = isIP(endpoint) === 6 ? `[${endpoint}]` : endpoint;
  const [, scheme = "https://", authority = "", end] =
    /^(https?:\/\/)?((?:[^\s/:[\]?#@]+|\[[^\s/[\]]+\])(:\d{1,5})?)\/?$/.exec(host) ?? [];
  // 443 is dropped by the URL itself: who writes it means it.
  const url =
    authority === "" ? null : URL.parse(`${scheme}${authority}${end === undefined ? `:${kubeletPort}` : ""}/pods`);
  return url ?? undefined;
}

/** A day and more back, so that what is off is not judged. */
const anyTime = "-24h";

/** The `kubelet` of k8s_attributes. */
export function kubeletSection(): Schema<KubeletSettings> {
  const schema = section({
    enabled: flag(false).describe("Whether the kubelet is asked for its pods too."),
    poll_interval: duration({ default: "10s", min: anyTime }).describe("Time between two questions; more than 0."),
    request_timeout: duration({ default: "10s", min: anyTime }).describe("How long an answer may take; more than 0."),
    endpoint: text({ default: "", maxLength: 1024 }).describe(
      "host, host:port or https://host:port; port 10250 where there is none, and of the node that the filter names where this is empty.",
    ),
    insecure_skip_verify: flag(false).describe("Whether the kubelet's certificate is taken as it is."),
    allow_insecure_http: flag(false).describe("Whether an endpoint http://… is asked without TLS."),
    token_file: text({ default: "/var/run/secrets/kubernetes.io/serviceaccount/token" }).describe(
      "The token to show, read anew for each question; it may be missing.",
    ),
    ca_file: text({ default: "" }).describe(
      "The authority that signed the kubelet's certificate; empty means the system's.",
    ),
    cert_file: text({ default: "" }).describe("A client certificate to show instead of a token."),
    key_file: text({ default: "" }).describe("Its key."),
  }).superRefine((set, context) => {
    const issue = (key: string, message: string) => context.addIssue({ path: [key], message });
    if (!set.enabled) return;
    if (set.poll_interval <= 0) issue("poll_interval", "must be a duration > 0s");
    if (set.request_timeout <= 0) issue("request_timeout", "must be a duration > 0s");
    if ((set.cert_file === "") !== (set.key_file === "")) issue("key_file", "must be set together with cert_file");
    if (set.endpoint === "") return;
    if (kubeletUrl(set.endpoint) === undefined)
      issue("endpoint", "must be host, host:port, https://host:port or http://host:port");
    else if (set.endpoint.startsWith("http://") && !set.allow_insecure_http)
      issue("endpoint", "must be https://…, since allow_insecure_http is not set");
  }) as unknown as Schema<KubeletSettings>;
  return schema
    .prefault({})
    .describe("The node's own kubelet as a second source; what it does not answer takes nothing away.");
}

/** What is known from somewhere else than the node. */
export type OverlaySettings = { readonly file: string };

/** The `overlay`: a file of labels and annotations. */
export function overlaySection(): Schema<OverlaySettings> {
  const schema: Schema<OverlaySettings> = section({
    file: text({ default: "" }).describe(
      "A YAML or JSON file with uid, labels and annotations of namespaces, nodes and workloads; read again when it changes.",
    ),
  });
  return schema
    .prefault({})
    .describe("Labels and annotations that no runtime knows, from a file: see docs/k8s-attributes.md.");
}

/** Settings of the Collector's that are for an API server, checked and not used. */
export const apiServerFields = {
  auth_type: choice(["none", "serviceAccount", "kubeConfig", "tls"])
    .optional()
    .describe("Accepted: podstamp asks no API server."),
  context: text().optional().describe("Accepted: podstamp asks no API server."),
  kube_api_qps: decimal({ min: 0 }).optional().describe("Accepted: podstamp asks no API server."),
  kube_api_burst: decimal({ min: 0 }).optional().describe("Accepted: podstamp asks no API server."),
};
