import { readlinkSync } from "node:fs";
import { resolve } from "node:path";
import { loadConfig } from "../../config/load.ts";
import { seenFrom, sourceOfSet } from "../../config/source.ts";
import type { Problem } from "../../config/document/problem.ts";
import type { RuntimesSetting } from "../../config/fields/runtime-fields.ts";
import { controlFolder, liveSockets } from "../../control/sockets.ts";
import type { PipelineConfig } from "../../pipeline/graph/graph.ts";
import { typeOf, withScheme } from "../../runtimes/discovery/discovery.ts";
import type { Args } from "../terminal/args.ts";
import type { Io } from "../terminal/output.ts";
import type { RunOptions } from "../run.ts";
import { isPodstamp } from "./port-holder.ts";
import { readSelf, type Self, textOf } from "./self.ts";

/** What is examined. */
export type Subject = {
  readonly io: Io;
  readonly options: RunOptions;
  readonly self: Self;
  /** The files of the configuration; none when nobody names one. */
  readonly files: readonly string[];
  /** Whether the command line names them; else they are those of the podstamp that runs. */
  readonly isNamed: boolean;
  readonly config: PipelineConfig | undefined;
  readonly problems: readonly Problem[];
  /** Process IDs of those that run as this user. */
  readonly running: readonly number[];
  /** Each set of runtimes that is asked, with where the host's file system begins. */
  readonly places: readonly Place[];
};

export type Place = { readonly runtimes: RuntimesSetting; readonly hostRoot: string };

/** Reads the configuration that the command line names, else that of the podstamp that runs. */
export async function readSubject(args: Args, asked: Io, options: RunOptions): Promise<Subject> {
  const running = await runningOnes(asked, options);
  const named = args.texts("config");
  const [only] = running.length === 1 ? running : [];
  const own = only === undefined ? [] : filesOf(only);
  const files = named.length > 0 ? named : own;
  const isOwn = only !== undefined && files.map((uri) => seenFrom(resolve(""), uri)).join("\0") === own.join("\0");
  // Its variables are those of its unit or pod, which whoever asks does not have.
  const io = { ...asked, env: (isOwn ? environmentOf(only) : undefined) ?? asked.env };
  const { config, problems } =
    files.length === 0
      ? { config: undefined, problems: [] }
      : await loadConfig(files, { types: options.components, env: io.env });
  return {
    io,
    options,
    self: readSelf(io.env),
    files,
    isNamed: named.length > 0,
    config,
    problems,
    running,
    places: placesNamed(args) ?? placesOf(config, args.text("host-root") ?? "/"),
  };
}

async function runningOnes(io: Io, { uid }: RunOptions): Promise<readonly number[]> {
  const folder = controlFolder(io.env, uid);
  const sockets = folder === undefined ? [] : await liveSockets(folder);
  const pids = sockets.flatMap((path) => /(\d+)\.sock$/.exec(path)?.[1] ?? []).map(Number);
  // In a container it is mostly the first process, and often has no folder for a control socket.
  return pids.length > 0 || !isPodstamp(1) ? pids : [1];
}

/** What the command line of a process makes its configuration of. */
function filesOf(pid: number): readonly string[] {
  const words = textOf(`/proc/${pid}/cmdline`).split("\0");
  const given = (name: string) =>
    words.flatMap((word, at) =>
      word === name ? (words[at + 1] ?? []) : word.startsWith(`${name}=`) ? word.slice(name.length + 1) : [],
    );
  const folder = folderOf(pid);
  return [
    ...given("--config").flatMap((uri) => seenFrom(folder, uri) ?? []),
    ...given("--set").flatMap((text) => sourceOfSet(text) ?? []),
  ];
}

/** The directory that a process is in; undefined where it is another user's. */
function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** The variables that a process was started with; undefined where it is another user's. */
function environmentOf(pid: number): Io["env"] | undefined {
  const pairs = textOf(`/proc/${pid}/environ`)
    .split("\0")
    .filter((pair) => pair.indexOf("=") > 0);
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

const timeoutMs = 2000;

function placesNamed(args: Args): readonly Place[] | undefined {
  const named = args.texts("runtime-endpoint");
  if (named.length === 0) return undefined;
  const runtimes = named.map((text) => {
    const endpoint = withScheme(text);
    return { type: typeOf(endpoint), endpoint, timeout: timeoutMs };
  });
  return [{ runtimes, hostRoot: args.text("host-root") ?? "/" }];
}

/** Those of every component that asks runtimes, each once. */
function placesOf(config: PipelineConfig | undefined, hostRoot: string): readonly Place[] {
  const components = [...(config?.processors.values() ?? []), ...(config?.receivers.values() ?? [])];
  const places = components.map(({ settings }) => settings).filter(hasPlace);
  const found = places.map(({ runtimes, host_root }) => ({ runtimes, hostRoot: host_root }));
  if (found.length === 0) return [{ runtimes: "auto", hostRoot }];
  return [...new Map(found.map((place) => [JSON.stringify(place), place])).values()];
}

function hasPlace(settings: unknown): settings is { readonly runtimes: RuntimesSetting; readonly host_root: string } {
  return typeof settings === "object" && settings !== null && "runtimes" in settings && "host_root" in settings;
}

/** Where the configuration lets its own metrics be read. */
export function metricsReaders(config: PipelineConfig): readonly { readonly host: string; readonly port: number }[] {
  const { level, readers } = config.service.telemetry.metrics;
  return level === "none" ? [] : readers.flatMap(({ pull }) => pull?.exporter.prometheus ?? []);
}
