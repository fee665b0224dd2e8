import type { Pod } from "../../containers/index/entry.ts";
import { type Args, readArgs } from "../terminal/args.ts";
import { exitCode, type Io } from "../terminal/output.ts";
import { shapes } from "../terminal/shapes.ts";
import { humanDuration } from "./human.ts";
import { idText, print } from "./printing.ts";
import { newest, podSelection, podState } from "./selection.ts";
import { type Lister, nodeEntries } from "./source.ts";

/** `podstamp pods`: the pods of this node, as the podstamp that runs or the runtimes tell them. */
export async function pods(argv: readonly string[], io: Io, lister: Lister = {}): Promise<number> {
  const args = readArgs(argv, shapes.pods);
  const isMeant = await podSelection(args);
  const select = (all: readonly Pod[], gone: ReadonlySet<string>) =>
    newest(
      all.filter((pod) => pod.facts.isAlias !== true && isMeant(pod, gone.has(pod.id))),
      args,
    );
  const none: ReadonlySet<string> = new Set();
  const heard = await nodeEntries(
    args,
    { io, ...lister },
    {
      list: (runtime) => runtime.list(io.signal),
      describe: showsDetails(args) ? (listed) => new Set(select(listed.pods, none).map(({ id }) => id)) : undefined,
      images: "never",
    },
  );
  const shown = select(heard.pods, heard.gone).map((pod) => ({ pod, isGone: heard.gone.has(pod.id) }));
  await print({ args, io }, shown, {
    id: ({ pod }) => pod.id,
    asJson,
    tables: [
      (items) => [header, ...items.map((item) => row(item, args))],
      (items) => [header, ...items.map((item) => row(item, args))].map((cells) => cells.slice(0, -1)),
    ],
    narrow: (items) => [header, ...items.map((item) => row(item, args))].map((cells) => cells.slice(0, 4)),
    wide: (items) => [wideHeader, ...items.map((item) => wideRow(item, args))],
    uncut: [0, 3, 4],
  });
  return exitCode.ok;
}

function showsDetails(args: Args): boolean {
  return ["json", "yaml", "wide"].includes(args.text("output") ?? "table");
}

type Shown = { readonly pod: Pod; readonly isGone: boolean };

const header = ["POD ID", "NAME", "NAMESPACE", "STATE", "CREATED", "ATTEMPT", "HANDLER"];
const wideHeader = [...header, "UID", "ADDRESSES", "RUNTIME"];

function row({ pod, isGone }: Shown, args: Args): readonly string[] {
  const { facts } = pod;
  return [
    idText(pod.id, args.flag("no-trunc")),
    facts.name || "-",
    facts.namespace || "-",
    isGone ? "gone" : podState(facts),
    `${humanDuration(Date.now() - facts.createdAt)} ago`,
    String(facts.attempt),
    facts.runtimeHandler ?? "(default)",
  ];
}

function wideRow(item: Shown, args: Args): readonly string[] {
  const { facts, details, runtime } = item.pod;
  return [
    ...row(item, args),
    facts.uid || "-",
    details?.isHostNetwork === true ? "host" : details?.addresses.join(",") || "-",
    `${runtime.name} ${runtime.version}`,
  ];
}

function asJson({ pod, isGone }: Shown): unknown {
  const { facts, details, runtime } = pod;
  return {
    id: pod.id,
    name: facts.name,
    namespace: facts.namespace,
    uid: facts.uid,
    state: isGone ? "gone" : podState(facts),
    attempt: facts.attempt,
    createdAt: new Date(facts.createdAt).toISOString(),
    labels: facts.labels,
    annotations: facts.annotations,
    runtimeHandler: facts.runtimeHandler ?? null,
    addresses: details?.addresses ?? [],
    isHostNetwork: details?.isHostNetwork ?? null,
    hostname: details?.hostname ?? null,
    runtime,
  };
}
