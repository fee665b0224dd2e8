import { nodeNameOf } from "../../../processors/cri-attributes/cri-attributes.ts";
import type { KubeletSettings } from "../../../processors/cri-attributes/settings/sources.ts";
import type { Settings } from "../../../processors/cri-attributes/settings/settings.ts";
import { createKubeletClient } from "../../../processors/cri-attributes/supplements/kubelet-client.ts";
import { readOverlay } from "../../../processors/cri-attributes/supplements/overlay.ts";
import { type Finding, findingsOf, messageOf } from "../finding.ts";
import type { Subject } from "../subject.ts";

/** Whether the sources beside the runtime that processors ask are there: a kubelet, a file. Nothing is said where none is wanted. */
export async function checkSecondSources(
  { config, io, self }: Pick<Subject, "config" | "io" | "self">,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const found = [...(config?.processors ?? [])].map(async ([id, { type, settings }]) => {
    if (!["cri_attributes", "k8s_attributes"].includes(type.type)) return [];
    // The schema has put them out.
    const { kubelet, overlay, ...rest } = settings as Settings;
    const where = `processors::${id}`;
    const asked = { where, nodeName: nodeNameOf(rest, io.env), isInPod: self.isInKubernetes, signal };
    return [
      ...(kubelet.enabled ? [await askKubelet(kubelet, asked)] : []),
      ...(overlay.file === "" ? [] : [await lookInto(overlay.file, where)]),
    ];
  });
  return (await Promise.all(found)).flat();
}

type Asking = {
  readonly where: string;
  readonly nodeName: string;
  readonly isInPod: boolean;
  readonly signal: AbortSignal;
};

/** As podstamp asks it, once. */
async function askKubelet(settings: KubeletSettings, { where, nodeName, isInPod, signal }: Asking): Promise<Finding> {
  const { ok, problem } = findingsOf("kubelet");
  try {
    const { url, ask } = createKubeletClient(settings, nodeName);
    const { byUid } = await ask(signal);
    return ok(`${where}: ${url} tells ${byUid.size} pods`);
  } catch (error) {
    const message = messageOf(error);
    return problem(`${where}: ${message}`, kubeletTodo(message, isInPod));
  }
}

function kubeletTodo(message: string, isInPod: boolean): string {
  if (isInPod && /\/\/(?:127\.|localhost|\[::1\])/.test(message))
    return "in a pod that is the pod itself: set kubelet::endpoint to status.hostIP, as config/kubernetes/components/kubelet does";
  return (
    todos.find(([words]) => words.test(message))?.[1] ?? "see kubelet::endpoint, and whether the kubelet runs there"
  );
}

const todos: readonly (readonly [RegExp, string])[] = [
  [
    /status 40[13]/,
    "config/kubernetes/components/kubelet has the token and the role that it takes; else set cert_file and key_file",
  ],
  [
    /self.signed|unable to (?:get|verify)|issuer/i,
    "set kubelet::ca_file to the authority that signed its certificate, or insecure_skip_verify: true where it has made its own",
  ],
  [/altname|does not match/i, "set kubelet::endpoint to a name or address that its certificate has"],
  [
    /ENOTFOUND|EAI_AGAIN|getaddrinfo/,
    "set kubelet::endpoint to the node's address: its name is none that is found here",
  ],
  [/ENOENT|EACCES/, "see whether the files of kubelet are there and may be read by this user"],
  [/ETIMEDOUT|EHOSTUNREACH|no answer/, "see the NetworkPolicies and firewalls between here and port 10250 of the node"],
];

async function lookInto(file: string, where: string): Promise<Finding> {
  const { ok, problem } = findingsOf("overlay");
  try {
    const { namespaces, nodes, workloads } = await readOverlay(file);
    return ok(
      `${where}: ${file} tells of ${namespaces.size} namespaces, ${nodes.size} nodes, ${workloads.size} workloads`,
    );
  } catch (error) {
    return problem(
      `${where}: ${file}: ${messageOf(error)}`,
      "see overlay in docs/k8s-attributes.md; podstamp reads the file again when it changes",
    );
  }
}
