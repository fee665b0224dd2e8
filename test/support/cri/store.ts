import type { Container, ContainerFilter, Image, PodSandbox, PodSandboxFilter } from "../../../src/proto/cri/v1/api.ts";
import type { ContainerAnswers, SandboxAnswers } from "./answers.ts";

/** What a runtime of ours knows; asked as containerd's own store is. */
export type CriStore = {
  readonly sandboxes: Map<string, SandboxAnswers>;
  readonly containers: Map<string, ContainerAnswers>;
  readonly images: Image[];
  /** The IDs that were in an answer to somebody. */
  readonly admitted?: Set<string>;
};

/** The pods that match, as ListPodSandbox has them. */
export function listSandboxes(store: CriStore, filter: PodSandboxFilter | undefined): PodSandbox[] {
  const id = normalize(store.sandboxes, filter?.id ?? "");
  return those(store.sandboxes, id)
    .map((answers) => answers.list)
    .filter((pod) => (id === "" || pod.id === id) && (filter?.state === undefined || pod.state === filter.state.state))
    .filter((pod) => hasLabels(pod.labels, filter?.labelSelector));
}

/** The containers that match, as ListContainers has them. */
export function listContainers(store: CriStore, filter: ContainerFilter | undefined): Container[] {
  const id = normalize(store.containers, filter?.id ?? "");
  const podId = normalize(store.sandboxes, filter?.podSandboxId ?? "");
  return those(store.containers, id)
    .map((answers) => answers.list)
    .filter((container) => (id === "" || container.id === id) && (podId === "" || container.podSandboxId === podId))
    .filter((container) => filter?.state === undefined || container.state === filter.state.state)
    .filter((container) => hasLabels(container.labels, filter?.labelSelector));
}

/** The one with this ID, or all when there is no ID. */
function those<T>(known: ReadonlyMap<string, T>, id: string): readonly T[] {
  const one = known.get(id);
  return one === undefined ? (id === "" ? [...known.values()] : []) : [one];
}

/** What has this ID or, alone, an ID that begins so. */
export function findById<T>(known: ReadonlyMap<string, T>, id: string): T | undefined {
  return known.get(normalize(known, id));
}

/** The image with this ID, tag or digest; an ID may lack its "sha256:". */
export function findImage(store: CriStore, reference: string): Image | undefined {
  return store.images.find(
    (image) => bareId(image.id) === bareId(reference) || [...image.repoTags, ...image.repoDigests].includes(reference),
  );
}

/** CRI-O tells and takes IDs without their algorithm. */
function bareId(id: string): string {
  return id.replace(/^sha256:(?=[0-9a-f]{64}$)/, "");
}

/** An ID or a prefix of exactly one as the full ID; anything else as it stands, which then matches nothing. */
function normalize(known: ReadonlyMap<string, unknown>, id: string): string {
  if (id === "" || known.has(id)) return id;
  const matches = [...known.keys()].filter((each) => each.startsWith(id));
  const [only] = matches;
  return matches.length === 1 && only !== undefined ? only : id;
}

function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
