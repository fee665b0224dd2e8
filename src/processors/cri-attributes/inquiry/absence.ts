import { requestedImage } from "../../../containers/index/image-identity.ts";
import type { AttributeFacts, AttributeRule } from "../extract/facts.ts";

/** Why an attribute is not written. */
export function whyAbsent(
  { container, pod, podmanPod }: AttributeFacts,
  { name, of, otherwise }: AttributeRule,
): string {
  if (otherwise !== undefined) return `no runtime tells it: ${otherwise} can`;
  if (container === undefined && of === "container") return "this is a pod's sandbox, not one of its containers";
  if (pod === undefined && name.startsWith("k8s.")) {
    if (podmanPod !== undefined) return "its pod is one of Podman's, not of Kubernetes'";
    if (container?.facts.podId === "") return "it is in no pod of Kubernetes'";
    return "the runtime does not know the pod's sandbox any more";
  }
  if (name === "container.name" && pod !== undefined) return "a container of a pod has the name k8s.container.name";
  if (of === "pod" && /^k8s\.\w+set\.|^k8s\.(?:deployment|job|cronjob)\./.test(name))
    return "the pod's labels do not tell it";
  if (/^container\.image\.(?:name|tags|repo_digests)$|^oci\./.test(name)) {
    if (container?.image.isAmbiguous === true)
      return "the image has several names and the runtime does not tell which one was asked for";
    if (name === "container.image.tags" && container?.image.name !== undefined)
      return requestedImage(container.facts.image, undefined)?.digest === undefined
        ? "the runtime has no tag of it any more: the image was pulled by digest, or its tag is another one's now"
        : "the image was asked for by digest";
    if (container?.image.name !== undefined)
      return "the runtime has no digest of it: the image was not pulled from a registry, or was removed";
  }
  return "the runtime does not tell it";
}
