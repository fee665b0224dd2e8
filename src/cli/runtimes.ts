import type { Runtime, RuntimeIdentity, RuntimeSource } from "../runtimes/facts.ts";
import { readArgs } from "./terminal/args.ts";
import { runtimesOf } from "./node/runtimes.ts";
import { fitFirst } from "./terminal/fit.ts";
import { exitCode, type Io, structured, table } from "./terminal/output.ts";
import { shapes } from "./terminal/shapes.ts";

/** `podstamp runtimes`: every container runtime that would be followed, and how it answers now. */
export async function runtimes(argv: readonly string[], io: Io): Promise<number> {
  const args = readArgs(argv, shapes.runtimes);
  const format = args.text("output") ?? "table";
  const states = await Promise.all((await runtimesOf(args, io)).map((source) => look(source, io.signal)));
  const rows = [header, ...states.map(row)];
  const ways = [() => rows, () => rows.map((cells) => cells.toSpliced(header.indexOf("LAST SYNC"), 1))];
  if (format === "table") io.out(table(fitFirst(ways, io.columns, [0])));
  else io.out(await structured(format, states.map(asJson)));
  return states.some(({ kind }) => kind === "up") ? exitCode.ok : exitCode.failed;
}

/** How a runtime answers; times in ms since the epoch. */
type State =
  | { readonly kind: "down"; readonly source: RuntimeSource; readonly error: string }
  | {
      readonly kind: "up" | "failing";
      readonly source: RuntimeSource;
      readonly identity: RuntimeIdentity;
      readonly changes: "events" | "relist";
      readonly containers: number;
      readonly sandboxes: number;
      readonly lastSync: number | undefined;
      readonly error: string | undefined;
    };

async function look(source: RuntimeSource, signal: AbortSignal): Promise<State> {
  const connected = await source.connect(signal).catch(toText);
  if (typeof connected === "string") return { kind: "down", source, error: connected };
  try {
    const [listing, changes] = await Promise.all([connected.list(signal).catch(toText), changesOf(connected, signal)]);
    const common = { source, identity: connected.identity, changes };
    if (typeof listing === "string")
      return { ...common, kind: "failing", containers: 0, sandboxes: 0, lastSync: undefined, error: listing };
    const { containers, pods } = listing;
    return {
      ...common,
      kind: "up",
      containers: containers.length,
      sandboxes: pods.length,
      lastSync: Date.now(),
      error: undefined,
    };
  } finally {
    connected.close();
  }
}

/** CRI-O with its usual settings ends its events at once: those that are still open after this are there. */
const settleMs = 300;

/** How changes are learnt of a runtime: whether the events that it offers stay open. */
export async function changesOf(
  { follow }: Pick<Runtime, "follow">,
  signal: AbortSignal,
): Promise<"events" | "relist"> {
  if (follow === undefined) return "relist";
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, settleMs);
  signal.addEventListener("abort", end, { once: true });
  // Resolves when it was ended from here, rejects when it ended by itself.
  const isOpen = await follow(() => {}, ending.signal).then(
    () => ending.signal.aborted,
    () => false,
  );
  clearTimeout(timer);
  signal.removeEventListener("abort", end);
  return isOpen ? "events" : "relist";
}

const header = ["ENDPOINT", "TYPE", "VERSION", "STATE", "CONTAINERS", "CHANGES", "LAST SYNC", "LAST ERROR"];

function row(state: State): readonly string[] {
  if (state.kind === "down") return [state.source.label, state.source.type, "-", "down", "-", "-", "-", state.error];
  const { source, identity, containers, changes, lastSync, error } = state;
  return [
    source.label,
    identity.type,
    identity.version,
    state.kind,
    state.kind === "up" ? String(containers) : "-",
    changes,
    lastSync === undefined ? "-" : new Date(lastSync).toISOString(),
    error ?? "-",
  ];
}

function asJson(state: State): unknown {
  if (state.kind === "down")
    return { endpoint: state.source.label, type: state.source.type, state: "down", lastError: state.error };
  const { source, identity, containers, sandboxes, changes, lastSync, error } = state;
  return {
    endpoint: source.label,
    type: identity.type,
    name: identity.name,
    version: identity.version,
    state: state.kind,
    containers,
    sandboxes,
    changes,
    lastSync: lastSync === undefined ? null : new Date(lastSync).toISOString(),
    lastError: error ?? null,
  };
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
