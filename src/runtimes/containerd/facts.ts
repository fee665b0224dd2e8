import type { Container } from "../../proto/containerd/services/v1/containers.ts";
import type { Image } from "../../proto/containerd/services/v1/images.ts";
import { type Process, Status } from "../../proto/containerd/v1/types/task.ts";
import type { ContainerDetails, ContainerFacts, ContainerState, Facts } from "../facts.ts";
import { textAt, textMapAt } from "../json.ts";

/** A spec larger than this is not parsed: they have some 20 KB. */
const maxSpecBytes = 4 * 1024 * 1024;

/** A container of containerd's own API, with its task where it has one, to facts. */
export function nativeFacts(container: Container, task: Process | undefined): ContainerFacts {
  const name = nameOf(container);
  return {
    id: container.id,
    podId: "",
    name: "",
    ...(name === undefined ? {} : { runtimeName: name }),
    attempt: 0,
    state: stateOf(task),
    createdAt: container.createdAt?.getTime() ?? 0,
    ...(task !== undefined && task.pid > 0 ? { life: String(task.pid) } : {}),
    labels: container.labels,
    annotations: readSpec(container).annotations,
    image: { specified: "", requested: container.image, ref: "", id: "" },
  };
}

/** nerdctl's name for it; with ctr the ID is what its user has called it. */
function nameOf({ id, labels }: Container): string | undefined {
  return labels["nerdctl/name"] || (/^[0-9a-f]{64}$/.test(id) ? undefined : id);
}

export type NativeContext = {
  readonly task: Process | undefined;
  /** Of the image's manifest or index. */
  readonly digest: string | undefined;
  /** Of its configuration. */
  readonly imageId: string | undefined;
};

/** The same container with what its task and its image tell, to details. */
export function nativeDetails(container: Container, { task, digest, imageId = "" }: NativeContext): ContainerDetails {
  const state = stateOf(task);
  return {
    state,
    startedAt: undefined,
    finishedAt: state === "exited" ? task?.exitedAt?.getTime() : undefined,
    exitCode: state === "exited" ? task?.exitStatus : undefined,
    pid: state === "running" && task !== undefined && task.pid > 0 ? task.pid : undefined,
    cgroupsPath: readSpec(container).cgroupsPath,
    image: {
      specified: container.image,
      shown: container.image,
      ref: digest === undefined ? "" : `${repositoryOf(container.image)}@${digest}`,
      id: imageId,
      repoTags: [],
      repoDigests: digest === undefined ? [] : [`${repositoryOf(container.image)}@${digest}`],
    },
  };
}

/** What the image's name leads to; a name that was given to other bytes after the container was made tells nothing about it. */
export function digestOf({ createdAt }: Container, image: Image | undefined): string | undefined {
  const digest = image?.target?.digest;
  if (digest === undefined || digest === "" || createdAt === undefined || image?.updatedAt === undefined)
    return undefined;
  return image.updatedAt <= createdAt ? digest : undefined;
}

/** The architecture that nerdctl was told to run it as (`linux/arm64`, perhaps with a variant); undefined for the machine's own. */
export function architectureOf({ labels }: Container): string | undefined {
  return labels["nerdctl/platform"]?.split("/")[1];
}

/** A name without its tag and digest; a colon before a slash is a registry's port. */
function repositoryOf(name: string): string {
  return (name.split("@")[0] ?? name).replace(/:[^:/]*$/, "");
}

/** Without a task it may not have been started yet, or have ended and been cleaned up: containerd does not tell. */
function stateOf(task: Process | undefined): ContainerState {
  switch (task?.status) {
    case Status.CREATED:
      return "created";
    case Status.RUNNING:
    case Status.PAUSED:
    case Status.PAUSING:
      return "running";
    case Status.STOPPED:
      return "exited";
    case Status.UNKNOWN:
    case Status.UNRECOGNIZED:
    case undefined:
      return "unknown";
  }
}

type Spec = { readonly cgroupsPath: string | undefined; readonly annotations: Facts };

/** The OCI runtime spec that its maker gave to the container: JSON, whatever type_url says. */
function readSpec({ spec }: Container): Spec {
  const bytes = spec?.value;
  if (bytes === undefined || bytes.length === 0 || bytes.length > maxSpecBytes) return noSpec;
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // A spec in another format tells nothing; the rest of the container is told beside it.
    return noSpec;
  }
  const cgroupsPath = textAt(parsed, "linux", "cgroupsPath");
  return {
    cgroupsPath: cgroupsPath === "" ? undefined : cgroupsPath,
    annotations: textMapAt(parsed, "annotations"),
  };
}

const noSpec: Spec = { cgroupsPath: undefined, annotations: {} };
