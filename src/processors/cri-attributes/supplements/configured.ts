import type { Host } from "../../../pipeline/contract.ts";
import { noSupplement, type Supplement } from "../extract/supplement.ts";
import type { Settings } from "../settings/settings.ts";
import { createKubelet } from "./kubelet.ts";
import { createOverlay } from "./overlay.ts";

/** What others than the runtime are asked for; instances with the same settings share them. */
export function supplementOf(
  { overlay, kubelet }: Settings,
  { share, log, metrics }: Host,
  nodeName: string,
): Supplement {
  const file =
    overlay.file === ""
      ? undefined
      : share(`overlay ${overlay.file}`, () => createOverlay({ file: overlay.file, log }));
  const node = kubelet.enabled
    ? share(`kubelet ${nodeName} ${JSON.stringify(kubelet)}`, () =>
        createKubelet({ settings: kubelet, nodeName, log, metrics }),
      )
    : undefined;
  if (file === undefined && node === undefined) return noSupplement;
  return {
    ...noSupplement,
    ...(file && {
      namespace: file.namespace,
      node: file.node,
      workload: file.workload,
      workloadOfUid: file.workloadOfUid,
      cluster: file.cluster,
    }),
    ...(node && { pod: node.pod, runtimeUid: node.runtimeUid }),
    version: () => (file?.version() ?? 0) + (node?.version() ?? 0),
  };
}
