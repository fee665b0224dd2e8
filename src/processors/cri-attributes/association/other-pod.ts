import { addressKey } from "../../../containers/index/aliases.ts";
import type { Entry, Pod } from "../../../containers/index/entry.ts";

/** What a resource says of its pod and container, as far as it is a string. */
export type SaidOfPod = {
  readonly containerId: string | undefined;
  readonly containerName: string | undefined;
  readonly podUid: string | undefined;
  readonly podName: string | undefined;
  readonly podIp: string | undefined;
  readonly namespace: string | undefined;
};

/** Whether a resource says that it is of another pod than the entry's: by a uid, a name, a namespace or an address that is not the pod's. */
export function isOfOther(said: SaidOfPod, entry: Entry, uidOf: (uid: string) => string): boolean {
  const { podUid, podName, namespace, podIp } = said;
  const pod = entry.kind === "pod" ? entry : entry.pod;
  return (
    (podUid !== undefined && uidOf(podUid) !== pod?.facts.uid) ||
    (podName !== undefined && podName !== pod?.facts.name) ||
    (namespace !== undefined && namespace !== pod?.facts.namespace) ||
    (podIp !== undefined && pod !== undefined && isForeign(podIp, pod))
  );
}

/** Not of a pod whose addresses nobody has told, or that has none: on the host's network it has those of the node. */
function isForeign(address: string, { details }: Pod): boolean {
  const own = details?.addresses ?? [];
  const key = addressKey(address);
  return own.length > 0 && key !== undefined && own.every((each) => addressKey(each) !== key);
}
