import {
  type Container,
  ContainerState as CriState,
  type ContainerStatusResponse,
  type Image,
  NamespaceMode,
  type PodSandbox,
  PodSandboxState,
  type PodSandboxStatusResponse,
} from "../../proto/cri/v1/api.ts";
import type { ContainerDetails, ContainerFacts, ContainerState, ImageFacts, PodDetails, PodFacts } from "../facts.ts";
import { parseVerboseInfo } from "./verbose-info.ts";

/** CRI PodSandbox to facts. */
export function podFacts(pod: PodSandbox): PodFacts {
  return {
    id: pod.id,
    name: pod.metadata?.name ?? "",
    namespace: pod.metadata?.namespace ?? "",
    uid: pod.metadata?.uid ?? "",
    attempt: pod.metadata?.attempt ?? 0,
    isReady: pod.state === PodSandboxState.SANDBOX_READY,
    createdAt: milliseconds(pod.createdAt) ?? 0,
    labels: pod.labels,
    annotations: pod.annotations,
    ...(pod.runtimeHandler === "" ? {} : { runtimeHandler: pod.runtimeHandler }),
  };
}

/** CRI Image to facts. */
export function imageFacts(image: Image): ImageFacts {
  return {
    // CRI-O has the digits alone.
    id: /^[0-9a-f]{64}$/.test(image.id) ? `sha256:${image.id}` : image.id,
    repoTags: image.repoTags,
    repoDigests: image.repoDigests,
    sizeBytes: Number(image.size),
    isPinned: image.pinned,
  };
}

/** CRI Container to facts. */
export function containerFacts(container: Container): ContainerFacts {
  return {
    id: container.id,
    podId: container.podSandboxId,
    name: container.metadata?.name ?? "",
    attempt: container.metadata?.attempt ?? 0,
    state: states[container.state] ?? "unknown",
    createdAt: milliseconds(container.createdAt) ?? 0,
    labels: container.labels,
    annotations: container.annotations,
    image: {
      specified: container.image?.userSpecifiedImage ?? "",
      requested: container.image?.image ?? "",
      ref: bareReference(container.imageRef),
      id: container.imageId,
    },
  };
}

/**
 * CRI ContainerStatus with its verbose info, and the image's own record, to details. `runtimeName` is Version's:
 * CRI-O pairs every name of an image with every digest, so that only the digest of the container's own image_ref is true of it.
 */
export function containerDetails(
  answer: ContainerStatusResponse,
  { image, runtimeName }: { readonly image: Image | undefined; readonly runtimeName: string },
): ContainerDetails {
  const { status } = answer;
  const info = parseVerboseInfo(answer.info);
  const hasEnded = status?.state === CriState.CONTAINER_EXITED;
  return {
    state: states[status?.state ?? CriState.CONTAINER_UNKNOWN] ?? "unknown",
    startedAt: milliseconds(status?.startedAt),
    finishedAt: hasEnded ? milliseconds(status?.finishedAt) : undefined,
    exitCode: hasEnded ? status?.exitCode : undefined,
    pid: info.pid,
    cgroupsPath: info.cgroupsPath,
    image: {
      specified: status?.image?.userSpecifiedImage || info.specifiedImage || "",
      shown: status?.image?.image ?? "",
      ref: bareReference(status?.imageRef ?? ""),
      id: image?.id || status?.imageId || "",
      repoTags: image?.repoTags ?? [],
      repoDigests:
        runtimeName === "cri-o"
          ? sameDigest(image?.repoDigests ?? [], status?.imageRef ?? "")
          : (image?.repoDigests ?? []),
    },
  };
}

function sameDigest(repoDigests: readonly string[], reference: string): readonly string[] {
  const [, digest] = reference.split("@");
  return digest === undefined ? repoDigests : repoDigests.filter((text) => text.endsWith(`@${digest}`));
}

/** CRI PodSandboxStatus to details: a pod on the host's network has no address of its own. */
export function podDetails(answer: PodSandboxStatusResponse): PodDetails {
  const { status } = answer;
  const options = status?.linux?.namespaces?.options;
  const isHostNetwork = options?.network === NamespaceMode.NODE;
  const addresses = [status?.network?.ip ?? "", ...(status?.network?.additionalIps ?? []).map(({ ip }) => ip)];
  const { hostname } = parseVerboseInfo(answer.info);
  return {
    addresses: isHostNetwork ? [] : addresses.filter((ip) => ip !== ""),
    isHostNetwork,
    hostname,
    ...(options?.pid === NamespaceMode.NODE ? { isHostPid: true } : {}),
  };
}

/** Cuts what cri-dockerd puts before an image reference; its own ImageStatus does not take it back. */
export function bareReference(reference: string): string {
  return reference.replace(/^docker(?:-pullable)?:\/\//, "");
}

const states: Readonly<Record<number, ContainerState>> = {
  [CriState.CONTAINER_CREATED]: "created",
  [CriState.CONTAINER_RUNNING]: "running",
  [CriState.CONTAINER_EXITED]: "exited",
  [CriState.CONTAINER_UNKNOWN]: "unknown",
};

/** CRI times are ns since the epoch; zero and cri-dockerd's negative ones mean that it has not happened. */
function milliseconds(time: bigint | undefined): number | undefined {
  return time === undefined || time <= 0n ? undefined : Number(time / 1_000_000n);
}
