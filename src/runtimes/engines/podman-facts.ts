import { addressesOf, ofHostname, ofHostPid, unlessId } from "./docker-facts.ts";
import type { ContainerDetails, ContainerFacts, ContainerState, Hint, Listing, PodFacts } from "../facts.ts";
import { at, listAt, numberAt, textAt, textMapAt, textsAt, timeAt } from "../json.ts";

/**
 * Podman's lists to facts. A pod is known by its own ID and by that of its infra container, which telemetry of the pod's
 * first process names: both have the pod's facts. Labels of a pod are on the pod only, not on its containers.
 */
export function podmanListing(containers: unknown, pods: unknown): Listing {
  const members = listAt(containers).filter((item) => at(item, "IsInfra") !== true);
  const infras = new Map(
    listAt(containers).flatMap((item) => (at(item, "IsInfra") === true ? [[textAt(item, "Id"), item]] : [])),
  );
  return {
    pods: listAt(pods).flatMap((item) => podFacts(item, infras.get(textAt(item, "InfraId")))),
    containers: members.map(containerFacts),
  };
}

/** `infra` is the pod's first container, which has its network. */
function podFacts(item: unknown, infra: unknown): readonly PodFacts[] {
  const facts: PodFacts = {
    id: textAt(item, "Id"),
    isKubernetes: false,
    name: textAt(item, "Name"),
    namespace: "",
    uid: "",
    attempt: 0,
    isReady: textAt(item, "Status") === "Running",
    createdAt: timeAt(item, "Created") ?? 0,
    ...lifeOf(infra),
    labels: textMapAt(item, "Labels"),
    annotations: {},
  };
  const infraId = textAt(item, "InfraId");
  return infraId === "" ? [facts] : [facts, { ...facts, id: infraId, isAlias: true }];
}

/** When it started last, and its process: a second is long enough for two starts. */
function lifeOf(item: unknown): { readonly life?: string } {
  const pid = numberAt(item, "Pid") ?? 0;
  return pid > 0 ? { life: `${numberAt(item, "StartedAt") ?? 0} ${pid}` } : {};
}

function containerFacts(item: unknown): ContainerFacts {
  const imageId = textAt(item, "ImageID");
  const name = textsAt(item, "Names")[0] ?? "";
  return {
    id: textAt(item, "Id"),
    podId: textAt(item, "Pod"),
    name: "",
    ...(name === "" ? {} : { runtimeName: name }),
    attempt: 0,
    state: states[textAt(item, "State")] ?? "unknown",
    createdAt: timeAt(item, "Created") ?? 0,
    ...lifeOf(item),
    labels: textMapAt(item, "Labels"),
    annotations: {},
    image: { specified: "", requested: unlessId(textAt(item, "Image"), imageId), ref: "", id: imageId },
  };
}

const states: Readonly<Record<string, ContainerState>> = {
  configured: "created",
  created: "created",
  initialized: "created",
  running: "running",
  paused: "running",
  stopping: "running",
  stopped: "exited",
  exited: "exited",
  removing: "exited",
};

/** libpod's answer about one container, with its image's own, to details. */
export function podmanDetails(answer: unknown, image: unknown): ContainerDetails {
  const state = states[textAt(answer, "State", "Status")] ?? "unknown";
  const id = textAt(answer, "Image");
  const pid = numberAt(answer, "State", "Pid") ?? 0;
  const cgroup = textAt(answer, "State", "CgroupPath");
  // A container without a cgroup of its own (--cgroups=disabled; without root on version 1) is in that of who started it, with others.
  const isOwn = cgroup !== "" && cgroup.includes(textAt(answer, "Id"));
  return {
    state,
    startedAt: timeAt(answer, "State", "StartedAt"),
    finishedAt: state === "exited" ? timeAt(answer, "State", "FinishedAt") : undefined,
    exitCode: state === "exited" ? numberAt(answer, "State", "ExitCode") : undefined,
    pid: pid > 0 ? pid : undefined,
    cgroupsPath: isOwn ? cgroup : undefined,
    addresses: addressesOf(answer),
    ...ofHostPid(answer),
    ...ofHostname(answer),
    image: {
      specified: unlessId(textAt(answer, "ImageName"), id),
      shown: textsAt(image, "RepoTags")[0] ?? "",
      ref: "",
      id,
      repoTags: textsAt(image, "RepoTags"),
      repoDigests: ownDigests(image),
    },
  };
}

/** Podman pairs every name of an image with every digest that it has had: the image's own is true of each name. */
function ownDigests(image: unknown): readonly string[] {
  const digest = textAt(image, "Digest");
  const all = textsAt(image, "RepoDigests");
  return digest === "" ? all : all.filter((each) => each.endsWith(`@${digest}`));
}

/** The hint in one of libpod's events; undefined for those that change nothing that podstamp knows. */
export function podmanHint(event: unknown): Hint | undefined {
  const type = textAt(event, "Type");
  const change = changes.get(textAt(event, "Action") || textAt(event, "status") || textAt(event, "Status"));
  const id = textAt(event, "Actor", "ID") || textAt(event, "id") || textAt(event, "ID");
  return (type === "container" || type === "pod") && change !== undefined && id !== "" ? { id, change } : undefined;
}

const changes: ReadonlyMap<string, Hint["change"]> = new Map([
  ["create", "appeared"],
  ["init", "changed"],
  ["start", "changed"],
  ["restart", "changed"],
  ["rename", "changed"],
  ["update", "changed"],
  ["stop", "exited"],
  ["died", "exited"],
  ["die", "exited"],
  ["remove", "gone"],
]);
