import type { Lack } from "../../../processors/cri-attributes/books.ts";
import type { Reason } from "../../../processors/cri-attributes/decider.ts";

/** What to do about an answer, or the lack of one, by what its words hold; the first that fits. */
const ofDestinations: readonly (readonly [RegExp, string])[] = [
  [
    /through the proxy/,
    "see the proxy: the exporter's proxy_url, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY of podstamp's environment",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|getaddrinfo|resolve/i,
    "see whether the name of the endpoint is right, and whether DNS answers here (in a pod: its dnsPolicy; with hostNetwork ClusterFirstWithHostNet)",
  ],
  [
    /wrong version number|packet length too long|does not speak TLS|before secure TLS|EPROTO/i,
    "the destination speaks no TLS on this port: http:// for otlp_http, tls: {insecure: true} for otlp_grpc, or its TLS port",
  ],
  [
    /want TLS/,
    "the destination wants TLS on this port: take insecure: true out, and set tls: {ca_file: FILE} if need be; or it is no gRPC port, which is mostly 4317",
  ],
  [/to an? HTTPS (?:server|port)/, "the destination wants TLS on this port: https:// in the endpoint"],
  [
    /web page/,
    "this is a user interface's port: take that for OTLP, which is mostly 4318 (Jaeger's pages are at 16686)",
  ],
  [
    /not speak HTTP\/1|port of OTLP\/gRPC/,
    "this is a gRPC port: use otlp_grpc, or the destination's port for HTTP, 4318",
  ],
  [
    /no application protocol|broke HTTP\/2|not (?:speak|offer) HTTP\/2/,
    "this is no gRPC port: use otlp_http, or the destination's port for gRPC, 4317",
  ],
  [/want https:/, "the destination may want TLS on this port: https:// in the endpoint; or it speaks no OTLP there"],
  [
    /self.signed|unable to (?:get|verify)|issuer|UNABLE_TO/i,
    "name the authority that signed its certificate: tls: {ca_file: FILE}",
  ],
  [/altname|hostname|does not match/i, "send to a name that its certificate has, or tls: {server_name_override: NAME}"],
  [/expired|not yet valid/i, "renew the destination's certificate, and see whether the clock here is right"],
  [
    /certificate required|bad certificate|handshake failure|alert/i,
    "the destination wants a client's certificate: tls: {cert_file: FILE, key_file: FILE}",
  ],
  [
    /ECONNRESET|EPIPE/,
    "whoever listens there hangs up: it may want TLS (https://, or no insecure: true), or be no port for OTLP, which is mostly 4317 (gRPC) or 4318 (HTTP)",
  ],
  [/ECONNREFUSED/, "nothing listens there: see the port (gRPC 4317, HTTP 4318) and whether the destination runs"],
  [
    /UNAUTHENTICATED|PERMISSION_DENIED|HTTP 40[13]|unauthenticated|permission/i,
    "see the key or token among the exporter's headers, and what it may do",
  ],
  [
    /UNIMPLEMENTED|unknown (?:service|method)|HTTP 40[45]|not implemented/i,
    "the destination does not take this signal, or not at this path: Jaeger and Tempo take traces only; see the exporter's endpoint and pipelines",
  ],
  [/ENOENT|EACCES/, "see whether the file is there and may be read by this user"],
  [
    /EHOSTUNREACH|ENETUNREACH|timed? ?out|in time|DEADLINE|ETIMEDOUT|aborted|no answer/i,
    "nothing answers there: see the address, the route, NetworkPolicies and firewalls between here and there",
  ],
];

/** What to do about what an exporter's destination said. */
export function exporterTodo(message: string): string {
  return (
    ofDestinations.find(([words]) => words.test(message))?.[1] ??
    "see the exporter's endpoint and tls, and the destination's own log"
  );
}

/** What to do about an exporter that sends to its own podstamp. */
export const loopTodo =
  "name the address of the backend; where that is on this machine, too, let it or podstamp listen at another port";

/** What to do about items that leave unstamped, by why they do; "" where that is as the configuration says. */
const ofReasons: Readonly<Record<Reason, string>> = {
  excluded: "",
  filtered: "",
  passthrough: "",
  no_identity:
    "they name no container: let the pod's spec set k8s.pod.uid and k8s.container.name (docs/kubernetes.md), let the agent write container.id, or let pods send here themselves, so that the connection tells (docs/association.md)",
  invalid_id: "their container.id is none: see who writes it, and what; `podstamp explain` reads cgroups and images",
  not_found:
    "no runtime here knows what they name: they are of another node, of a runtime that is not followed (`podstamp runtimes`), or have only a process.pid of their own namespace (let the pod's spec set k8s.pod.uid); `podstamp lookup ID` tells of one",
  ambiguous_prefix:
    "their container.id is cut so short that it fits several, or their cgroup is one that containers share: let container.id be written whole",
  conflict:
    "what they say of themselves is of two pods (see who writes k8s.pod.uid beside container.id), or who forwards them is another pod: let pods send here themselves, or set k8s.pod.uid",
  runtime_down: "the runtime did not answer at that time: see above, and podstamp_runtime_up",
  timeout: "the runtime knew their container too late: set cri_attributes::wait higher, or see why it is slow",
  waiting_cap: "too much waited for unknown containers: set max_waiting_mib higher, or see who sends made-up IDs",
  growth_cap: "their requests would have grown too large: let the senders send smaller ones",
  unreadable: "profiles in a layout that nobody can tell: see the sender's version of OTLP",
};

/** What to do about items that leave with less than there could be, by why they do. */
const ofLacks: Readonly<Record<Lack, string>> = {
  sandbox:
    "SDKs' detectors write the sandbox's ID where cgroups are of version 2: let the pod's spec set k8s.container.name too, or leave the detector out (docs/association.md)",
  ambiguous_image:
    "their image has names of several repositories, and the runtime does not tell by which one it was asked for (docs/runtimes.md)",
  conflict:
    "what they say of themselves is of two pods: see who writes k8s.pod.uid or k8s.pod.name beside container.id",
};

/** What to do about items that lack something. */
export function lackTodo(reason: string): string {
  return Object.entries(ofLacks).find(([name]) => name === reason)?.[1] ?? "docs/association.md tells of it";
}

/** What to do about a reason; undefined where it is as the configuration says. */
export function unstampedTodo(reason: string): string | undefined {
  const todo = Object.entries(ofReasons).find(([name]) => name === reason)?.[1] ?? "docs/association.md tells of it";
  return todo === "" ? undefined : todo;
}
