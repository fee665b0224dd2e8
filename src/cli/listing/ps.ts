import { expandCgroupsPath } from "../../containers/names/cgroup-path.ts";
import type { Container } from "../../containers/index/entry.ts";
import { stateOf } from "../../containers/told.ts";
import { type Args, readArgs } from "../terminal/args.ts";
import { exitCode, type Io } from "../terminal/output.ts";
import { shapes } from "../terminal/shapes.ts";
import { humanDuration } from "./human.ts";
import { idText, print } from "./printing.ts";
import { containerSelection, nameOf, namespaceOf, newest } from "./selection.ts";
import { type Lister, nodeEntries } from "./source.ts";

/** `podstamp ps`: the containers of this node, as the podstamp that runs or the runtimes tell them. */
export async function ps(argv: readonly string[], io: Io, lister: Lister = {}): Promise<number> {
  const args = readArgs(argv, shapes.ps);
  const isMeant = await containerSelection(args);
  const select = (containers: readonly Container[], gone: ReadonlySet<string>) =>
    newest(
      containers.filter((container) => isMeant(container, gone.has(container.id))),
      args,
    );
  const none: ReadonlySet<string> = new Set();
  const { containers, gone } = await nodeEntries(
    args,
    { io, ...lister },
    {
      list: (runtime) => runtime.list(io.signal),
      describe: showsDetails(args) ? (listed) => withPods(select(listed.containers, none)) : undefined,
      images: args.text("image") === undefined ? (args.flag("quiet") ? "never" : "if_unnamed") : "always",
    },
  );
  const shown = select(containers, gone).map((container) => ({ container, isGone: gone.has(container.id) }));
  await print({ args, io }, shown, {
    id: ({ container }) => container.id,
    asJson,
    tables: [
      (items) => tableOf(items, { args }),
      (items) => tableOf(items, { args, isShort: true }),
      (items) => tableOf(items, { args, isShort: true, hasNoAge: true }),
    ],
    narrow: (items) =>
      tableOf(items, { args }).map(([id = "", , name = "", pod = "", , state = ""]) => [id, name, pod, state]),
    wide: (items) => [wideHeader, ...items.map((item) => wideRow(item, args))],
    uncut: [0, 5],
  });
  return exitCode.ok;
}

/** Whether a form shows what only a call for each container tells. */
function showsDetails(args: Args): boolean {
  return ["json", "yaml", "wide"].includes(args.text("output") ?? "table");
}

function withPods(containers: readonly Container[]): ReadonlySet<string> {
  return new Set(containers.flatMap(({ id, facts }) => [id, facts.podId]));
}

type Shown = { readonly container: Container; readonly isGone: boolean };

const header = ["CONTAINER", "IMAGE", "NAME", "POD", "NAMESPACE", "STATE", "CREATED"];
const wideHeader = [...header, "ATTEMPT", "POD ID", "PID", "POD UID", "IMAGE DIGEST", "RUNTIME"];

type TableOptions = {
  readonly args: Args;
  /** Images without registry and path. */
  readonly isShort?: boolean;
  readonly hasNoAge?: boolean;
};

function tableOf(items: readonly Shown[], { args, isShort = false, hasNoAge = false }: TableOptions) {
  const rows = items.map((item) => {
    const [id = "", image = "", ...rest] = row(item, args);
    return [id, isShort ? image.replace(/^.*\//, "") : image, ...rest];
  });
  return [header, ...rows].map((cells) => (hasNoAge ? cells.slice(0, -1) : cells));
}

function row({ container, isGone }: Shown, args: Args): readonly string[] {
  const { pod, facts } = container;
  return [
    idText(container.id, args.flag("no-trunc")),
    imageOf(container),
    nameOf(container) || "-",
    pod?.facts.name ?? facts.labels["io.kubernetes.pod.name"] ?? "-",
    namespaceOf(container) || "-",
    isGone ? "gone" : stateOf(container),
    `${humanDuration(Date.now() - facts.createdAt)} ago`,
  ];
}

function wideRow(item: Shown, args: Args): readonly string[] {
  const { facts, pod, image, runtime } = item.container;
  const details = detailsOf(item.container);
  return [
    ...row(item, args),
    String(facts.attempt),
    facts.podId === "" ? "-" : idText(facts.podId, args.flag("no-trunc")),
    details?.pid === undefined ? "-" : String(details.pid),
    pod?.facts.uid || "-",
    image.manifestDigest ?? "-",
    `${runtime.name} ${runtime.version}`,
  ];
}

function asJson({ container, isGone }: Shown): unknown {
  const { facts, pod, image, runtime } = container;
  const details = detailsOf(container);
  return {
    id: container.id,
    name: nameOf(container) || null,
    state: isGone ? "gone" : stateOf(container),
    attempt: facts.attempt,
    restartCount: facts.attempt,
    createdAt: new Date(facts.createdAt).toISOString(),
    pid: details?.pid ?? null,
    cgroupPath: details?.cgroupsPath === undefined ? null : expandCgroupsPath(details.cgroupsPath),
    image: {
      name: image.name ?? null,
      tags: image.tags,
      repoDigests: image.repoDigests,
      id: image.id ?? null,
      manifestDigest: image.manifestDigest ?? null,
      requested: facts.image.requested || null,
      ref: facts.image.ref || null,
    },
    labels: facts.labels,
    annotations: facts.annotations,
    podId: facts.podId || null,
    pod:
      pod === undefined
        ? null
        : {
            id: pod.id,
            name: pod.facts.name,
            namespace: pod.facts.namespace,
            uid: pod.facts.uid,
            addresses: pod.details?.addresses ?? [],
            labels: pod.facts.labels,
            annotations: pod.facts.annotations,
          },
    runtime,
  };
}

function detailsOf({ details }: Container) {
  return details === "unavailable" ? undefined : details;
}

/** As it would be written in a pod's spec; the ID where no name is known. */
function imageOf({ image }: Container): string {
  if (image.name === undefined) return image.id?.slice(0, 19) ?? "-";
  const [tag] = image.tags;
  return tag === undefined
    ? image.manifestDigest === undefined
      ? image.name
      : `${image.name}@${image.manifestDigest.slice(0, 19)}`
    : `${image.name}:${tag}`;
}
