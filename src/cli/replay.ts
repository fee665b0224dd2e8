import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isRecord } from "../config/fields/parsed-field.ts";
import { loadConfig } from "../config/load.ts";
import { problemLine } from "../config/document/problem.ts";
import type { Delivery, Exporter, Host } from "../pipeline/contract.ts";
import type { Factories, ExporterFactory } from "../pipeline/graph/factory.ts";
import { decodeLetter, letterEnding } from "../pipeline/sending/letter.ts";
import { createLogger } from "../telemetry/log.ts";
import { createRegistry } from "../telemetry/registry.ts";
import { readArgs } from "./terminal/args.ts";
import { clean, CommandError, exitCode, UsageError } from "./terminal/output.ts";
import type { Io } from "./terminal/output.ts";
import type { RunOptions } from "./run.ts";
import { shapes } from "./terminal/shapes.ts";

/** `podstamp replay DIR`: sends dead letters again; deletes what was taken, tells of the rest. */
export async function replay(argv: readonly string[], io: Io, options: RunOptions): Promise<number> {
  const args = readArgs(argv, shapes.replay);
  const [directory = ""] = args.positionals;
  const dryRun = args.flag("dry-run");
  if (!dryRun && (args.text("endpoint") === undefined) === (args.texts("config").length === 0))
    throw new UsageError("Either --endpoint HOST:PORT or --config FILE must be given");
  const files = await lettersOf(directory);
  const makers = dryRun ? undefined : await exportersOf(args, io, options);
  const open = new Map<string, Exporter>();
  let left = 0;
  try {
    for (const file of files) {
      if (io.signal.aborted) throw new CommandError("Interrupted: what was not sent yet is still there");
      const letter = decodeLetter(await readFile(join(directory, file)));
      if (typeof letter === "string") {
        left++;
        io.err(`${clean(file)}: left as it is: Cannot use the file: ${clean(letter)}\n`);
        continue;
      }
      const { signal, items } = letter.batch;
      const what = `${items} ${items === 1 ? "item" : "items"} of ${signal}`;
      if (makers === undefined) {
        io.out(`${clean(file)}: ${what}, of ${clean(letter.exporter)}\n`);
        continue;
      }
      const exporter = await openExporter(letter.exporter, { makers, open });
      const delivery = await exporter.consume(letter.batch, io.signal);
      if (isTaken(delivery)) {
        await rm(join(directory, file));
        io.out(`${clean(file)}: sent ${what}${partly(delivery)}\n`);
      } else {
        left++;
        io.err(`${clean(file)}: left as it is, ${what}: ${clean(causeOf(delivery))}\n`);
      }
    }
  } finally {
    for (const exporter of open.values()) await exporter.stop(AbortSignal.timeout(stopMs));
  }
  io.out(`${files.length - left} of ${files.length} ${dryRun ? "can be sent" : "were sent"}\n`);
  return left === 0 ? exitCode.ok : exitCode.failed;
}

const stopMs = 1000;

async function lettersOf(directory: string): Promise<readonly string[]> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new CommandError(
      `Cannot replay ${directory}: must be a folder of dead letters, ${found === undefined ? "does not exist" : "is none"}`,
    );
  // Their names begin with the time.
  return (await readdir(directory)).filter((name) => name.endsWith(letterEnding)).toSorted();
}

type Makers = ReadonlyMap<string, () => Exporter>;

/** The exporters that may be asked for, by their ids; "" is the one for all. */
async function exportersOf(args: ReturnType<typeof readArgs>, io: Io, options: RunOptions): Promise<Makers> {
  const endpoint = args.text("endpoint");
  if (endpoint !== undefined) return new Map([["", () => atEndpoint(endpoint, io, options)]]);
  const { config, problems } = await loadConfig(args.texts("config"), { types: options.components, env: io.env });
  if (config === undefined) {
    for (const problem of problems) io.err(`${problemLine(problem)}\n`);
    throw new CommandError("The configuration is not valid");
  }
  const wanted = args.text("exporter");
  if (wanted !== undefined && !config.exporters.has(wanted))
    throw new CommandError(
      `Cannot use --exporter ${wanted}: must be one of ${[...config.exporters.keys()].join(", ")}`,
    );
  return new Map(
    [...config.exporters]
      .filter(([id]) => wanted === undefined || id === wanted)
      .map(([id, { type, settings }]) => [
        wanted === undefined ? id : "",
        () => type.create(direct(settings), hostFor(id, io, options)),
      ]),
  );
}

/** Without a queue, so that the answer is the destination's, and without dead letters of dead letters. */
function direct(settings: unknown): unknown {
  return isRecord(settings) ? { ...settings, sending_queue: undefined, dead_letter: undefined } : settings;
}

const retry = { initial_interval: "500ms", max_interval: "2s", max_elapsed_time: "10s" };

function atEndpoint(endpoint: string, io: Io, options: RunOptions): Exporter {
  const isHttp = /^https?:\/\/.*(?::4318|\/)/.test(endpoint);
  const type = isHttp ? "otlp_http" : "otlp_grpc";
  const factory = factoryOf(type, options.components);
  const insecure = !endpoint.startsWith("https:");
  const settings = { endpoint, ...(isHttp ? {} : { tls: { insecure } }), retry_on_failure: retry };
  const parsed = factory.schema.safeParse(settings);
  if (!parsed.success)
    throw new UsageError(
      `Cannot use --endpoint ${endpoint}: ${parsed.error.issues.map(({ message }) => message).join("; ")}`,
    );
  return factory.create(direct(parsed.data), hostFor(type, io, options));
}

function factoryOf(type: string, { exporters }: Factories): ExporterFactory<unknown> {
  const found = exporters.find((factory) => factory.type === type);
  if (found === undefined) throw new Error(`Cannot replay: must have the exporter ${type}`);
  return found;
}

type Opening = { readonly makers: Makers; readonly open: Map<string, Exporter> };

async function openExporter(id: string, { makers, open }: Opening): Promise<Exporter> {
  const name = makers.has("") ? "" : id;
  const known = open.get(name);
  if (known !== undefined) return known;
  const make = makers.get(name);
  if (make === undefined)
    throw new CommandError(
      `Cannot send what is of exporter ${id}: the configuration has ${[...makers.keys()].join(", ")}; name one with --exporter`,
    );
  const made = make();
  await made.start();
  open.set(name, made);
  return made;
}

function hostFor(id: string, io: Io, options: RunOptions): Host {
  const { version, platform, stats } = options;
  return {
    id,
    log: createLogger({ level: "error", encoding: "console", write: io.err }),
    metrics: createRegistry({ level: "basic", version, resource: {} }),
    environment: io.env,
    userAgent: `podstamp/${version} (${platform})`,
    memory: stats.memory,
    storage: (extension) => {
      throw new CommandError(`Cannot use ${extension}: replay sends without a queue`);
    },
    share: (_, create) => create(),
  };
}

/** A partial success is never sent again: that would bring what was taken twice. */
function isTaken(delivery: Delivery): boolean {
  return delivery.status === "accepted" || (delivery.status === "rejected" && delivery.items !== undefined);
}

function partly(delivery: Delivery): string {
  return delivery.status === "rejected"
    ? `, of which ${delivery.items} were refused: ${clean(delivery.cause.message)}`
    : "";
}

function causeOf(delivery: Delivery): string {
  return delivery.status === "retry" || delivery.status === "rejected" ? delivery.cause.message : delivery.status;
}
