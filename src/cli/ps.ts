import { expandCgroupsPath } from "../containers/cgroup-path.ts";
import type { Container } from "../containers/entry.ts";
import { readArgs } from "./args.ts";
import { fit } from "./fit.ts";
import { snapshot } from "./node-snapshot.ts";
import { exitCode, type Io, json, table } from "./output.ts";
import { shapes } from "./shapes.ts";

/** `podstamp ps`: the containers of this node as its runtime tells them; those that have exited only with --all. */
export async function ps(argv: readonly string[], io: Io): Promise<number> {
  const args = readArgs(argv, shapes.ps);
  const format = args.text("output") ?? "table";
  const { containers } = await snapshot(args, io, (runtime) => runtime.list(io.signal));
  const shown = containers.filter((container) => args.flag("all") || stateOf(container) !== "exited").toSorted(byAge);
  if (format === "json") io.out(json(shown.map(asJson)));
  else if (format === "wide") io.out(table([wideHeader, ...shown.map(wideRow)]));
  else io.out(table(fit([header, ...shown.map(row)], io.columns)));
  return exitCode.ok;
}

const header = ["CONTAINER", "POD", "NAMESPACE", "NAME", "IMAGE", "STATE"];
const wideHeader = [...header, "RESTARTS", "PID", "CREATED", "POD UID", "IMAGE DIGEST", "RUNTIME"];

function row(container: Container): readonly string[] {
  const { pod, facts } = container;
  return [
    container.id.slice(0, 12),
    pod?.facts.name ?? "-",
    pod?.facts.namespace || "-",
    facts.name || facts.runtimeName || "-",
    imageOf(container),
    stateOf(container),
  ];
}

function wideRow(container: Container): readonly string[] {
  const { facts, pod, image, runtime } = container;
  const details = detailsOf(container);
  return [
    ...row(container),
    String(facts.attempt),
    details?.pid === undefined ? "-" : String(details.pid),
    new Date(facts.createdAt).toISOString(),
    pod?.facts.uid ?? "-",
    image.manifestDigest ?? "-",
    `${runtime.name} ${runtime.version}`,
  ];
}

function asJson(container: Container): unknown {
  const { facts, pod, image, runtime } = container;
  const details = detailsOf(container);
  return {
    id: container.id,
    name: facts.name || facts.runtimeName || null,
    state: stateOf(container),
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
    },
    labels: facts.labels,
    annotations: facts.annotations,
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

function stateOf(container: Container): string {
  return detailsOf(container)?.state ?? container.facts.state;
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

function byAge(a: Container, b: Container): number {
  return b.facts.createdAt - a.facts.createdAt;
}
