import type {
  ContainerDetails,
  ContainerFacts,
  ContainerState,
  Hint,
  ImageFacts,
  Listing,
  PodDetails,
  PodFacts,
} from "../facts.ts";
import { listAt, mapAt, numberAt, textAt, textMapAt, textsAt, timeAt } from "../json.ts";
import { type KubernetesPart, kubernetesPart } from "./kubernetes-labels.ts";

/** Docker's list of containers to facts; those that a kubelet made through cri-dockerd come as pods and their containers. */
export function dockerListing(answer: unknown): Listing {
  const all = listAt(answer).map((item) => {
    const labels = textMapAt(item, "Labels");
    // Of its names, one with a slash inside is what another container's link calls it.
    const name =
      textsAt(item, "Names")
        .map((each) => each.replace(/^\//, ""))
        .find((each) => !each.includes("/")) ?? "";
    return { item, labels, name, part: kubernetesPart(labels, name) };
  });
  return {
    pods: all.flatMap(({ item, part }) => (part?.kind === "sandbox" ? [podFacts(item, part)] : [])),
    containers: all.flatMap((each) => (each.part?.kind === "sandbox" ? [] : [containerFacts(each)])),
  };
}

function podFacts(item: unknown, part: KubernetesPart): PodFacts {
  return {
    id: textAt(item, "Id"),
    name: part.podName,
    namespace: part.namespace,
    uid: part.podUid,
    attempt: part.attempt,
    isReady: textAt(item, "State") === "running",
    createdAt: seconds(item, "Created"),
    labels: part.labels,
    annotations: part.annotations,
  };
}

type Listed = {
  readonly item: unknown;
  readonly labels: Readonly<Record<string, string>>;
  readonly name: string;
  readonly part: KubernetesPart | undefined;
};

function containerFacts({ item, labels, name, part }: Listed): ContainerFacts {
  const id = textAt(item, "ImageID");
  return {
    id: textAt(item, "Id"),
    podId: part?.sandboxId ?? "",
    name: part?.containerName ?? "",
    ...(name === "" ? {} : { runtimeName: name }),
    attempt: part?.attempt ?? 0,
    state: states[textAt(item, "State")] ?? "unknown",
    createdAt: seconds(item, "Created"),
    ...lifeOf(item),
    labels: part?.labels ?? labels,
    annotations: part?.annotations ?? {},
    image: { specified: "", requested: unlessId(textAt(item, "Image"), id), ref: "", id },
  };
}

/** Docker's list tells no start, but the addresses that came with it. */
function lifeOf(item: unknown): { readonly life?: string } {
  return states[textAt(item, "State")] === "running" ? { life: addressesOf(item).join(" ") } : {};
}

function seconds(item: unknown, key: string): number {
  return (numberAt(item, key) ?? 0) * 1000;
}

const states: Readonly<Record<string, ContainerState>> = {
  created: "created",
  running: "running",
  paused: "running",
  restarting: "running",
  removing: "exited",
  exited: "exited",
  dead: "exited",
};

/** What else there is to know: how Docker names cgroups, and the image's own record. */
export type DockerContext = {
  /** `cgroupfs` or `systemd`; anything else tells no path. */
  readonly cgroupDriver: string;
  readonly image: unknown;
};

/** Docker's answer about one container, with its image's own, to details. */
export function dockerDetails(answer: unknown, { cgroupDriver, image }: DockerContext): ContainerDetails {
  const state = states[textAt(answer, "State", "Status")] ?? "unknown";
  const id = textAt(answer, "Image");
  const pid = numberAt(answer, "State", "Pid") ?? 0;
  const repoTags = textsAt(image, "RepoTags");
  return {
    state,
    startedAt: timeAt(answer, "State", "StartedAt"),
    finishedAt: state === "exited" ? timeAt(answer, "State", "FinishedAt") : undefined,
    exitCode: state === "exited" ? numberAt(answer, "State", "ExitCode") : undefined,
    pid: pid > 0 ? pid : undefined,
    cgroupsPath: dockerCgroup(textAt(answer, "Id"), textAt(answer, "HostConfig", "CgroupParent"), cgroupDriver),
    addresses: addressesOf(answer),
    ...ofHostPid(answer),
    ...ofHostname(answer),
    image: {
      specified: unlessId(textAt(answer, "Config", "Image"), id),
      shown: repoTags[0] ?? "",
      ref: "",
      id,
      repoTags,
      repoDigests: textsAt(image, "RepoDigests"),
    },
  };
}

/** What Docker or Podman tells about a pod's first container; addresses of CNI are cri-dockerd's to tell. */
export function sandboxDetails(answer: unknown): PodDetails {
  const hostname = textAt(answer, "Config", "Hostname");
  return {
    addresses: addressesOf(answer),
    isHostNetwork: textAt(answer, "HostConfig", "NetworkMode") === "host",
    hostname: hostname === "" ? undefined : hostname,
    ...ofHostPid(answer),
  };
}

/** Whether its processes have the host's numbers. */
export function ofHostPid(answer: unknown): { readonly isHostPid?: true } {
  return textAt(answer, "HostConfig", "PidMode") === "host" ? { isHostPid: true } : {};
}

/** The hostname that somebody chose for it. With --uts host it is the node's, which tells nobody apart. */
export function ofHostname(answer: unknown): { readonly hostname?: string } {
  const hostname = textAt(answer, "Config", "Hostname");
  const isChosen = !textAt(answer, "Id").startsWith(hostname) && textAt(answer, "HostConfig", "UTSMode") !== "host";
  return isChosen ? { hostname } : {};
}

/** Docker's or Podman's list of images to facts; names that stand for the lack of one are left out. */
export function dockerImages(answer: unknown): readonly ImageFacts[] {
  const named = (text: string) => !text.startsWith("<none>");
  return listAt(answer).map((item) => {
    const id = textAt(item, "Id");
    return {
      // Podman has the digits alone.
      id: /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id,
      repoTags: textsAt(item, "RepoTags").filter(named),
      repoDigests: textsAt(item, "RepoDigests").filter(named),
      sizeBytes: numberAt(item, "Size") ?? 0,
      isPinned: false,
    };
  });
}

/** Docker shows an image that has lost its name, or was asked for by its ID, by a beginning of the ID. */
export function unlessId(text: string, imageId: string): string {
  const hex = /^(?:sha256:)?([0-9a-f]+)$/.exec(text)?.[1];
  const isId = hex !== undefined && (text.startsWith("sha256:") || imageId.replace("sha256:", "").startsWith(hex));
  return isId ? "" : text;
}

/** The addresses on all networks, IPv4 before IPv6 on each; those of the host, and of another container whose network it shares, are none of its own. */
export function addressesOf(answer: unknown): readonly string[] {
  const networks = mapAt(answer, "NetworkSettings", "Networks").map(([, network]) => network);
  const addresses = networks.flatMap((network) => [textAt(network, "IPAddress"), textAt(network, "GlobalIPv6Address")]);
  return [...new Set(addresses)].filter((address) => address !== "");
}

/** The cgroup that dockerd asks of the OCI runtime: below the parent given to the container, else below its usual one. */
function dockerCgroup(id: string, parent: string, driver: string): string | undefined {
  if (driver === "systemd") return `${parent === "" ? "system.slice" : parent}:docker:${id}`;
  if (driver !== "cgroupfs" || (parent !== "" && !parent.startsWith("/"))) return undefined;
  return `${parent === "" ? "/docker" : parent.replace(/\/+$/, "")}/${id}`;
}

/** The hint in one of Docker's events; undefined for those that change nothing that podstamp knows. */
export function dockerHint(event: unknown): Hint | undefined {
  const action = textAt(event, "Action");
  if (textAt(event, "Type") === "network") {
    const container = textAt(event, "Actor", "Attributes", "container");
    const isChange = action === "connect" || action === "disconnect";
    return isChange && container !== "" ? { id: container, change: "changed" } : undefined;
  }
  const id = textAt(event, "Actor", "ID");
  const change = changes.get(action);
  return textAt(event, "Type") === "container" && change !== undefined && id !== "" ? { id, change } : undefined;
}

const changes: ReadonlyMap<string, Hint["change"]> = new Map([
  ["create", "appeared"],
  ["start", "changed"],
  ["rename", "changed"],
  ["update", "changed"],
  ["die", "exited"],
  ["destroy", "gone"],
]);
