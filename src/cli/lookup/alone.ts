import { loadConfig } from "../../config/load.ts";
import { problemLine } from "../../config/document/problem.ts";
import { accepted, type Component, type Host } from "../../pipeline/contract.ts";
import type { Factories, ProcessorFactory } from "../../pipeline/graph/factory.ts";
import { typeOf, withScheme } from "../../runtimes/discovery/discovery.ts";
import type { Answer } from "../../telemetry/answers.ts";
import { createLogger } from "../../telemetry/log.ts";
import { noMetrics } from "../../telemetry/no-metrics.ts";
import type { Args } from "../terminal/args.ts";
import { clean, CommandError, type Io } from "../terminal/output.ts";

type Answerer = { readonly name: string; readonly answer: Answer };

/** What a processor and what it shares answer to orders, as those of a podstamp that runs. */
export type Alone = {
  answerers(order: string): readonly Answerer[];
  stop(): Promise<void>;
};

/**
 * Makes the processor of a configuration, or one with default settings, and starts what it knows containers by, for one command: no
 * telemetry goes through it. Throws a CommandError for a configuration that is not valid or has no such processor.
 */
export async function startAlone(args: Args, io: Io, components: Factories): Promise<Alone> {
  const { id, type, settings } = await chosen(args, io, components);
  const shared = new Map<string, Component>();
  const processor = type.create(settings, hostOf(id, io, shared), {
    consume: () => Promise.resolve(accepted),
    whenIdle: () => undefined,
  });
  const all: readonly Named[] = [
    ...[...shared].map(([name, component]) => ({ name, component })),
    { name: `processors::${id}`, component: processor },
  ];
  const stop = async () => {
    const cut = AbortSignal.abort();
    for (const { component } of all.toReversed()) await component.stop(cut);
  };
  try {
    for (const { component } of all) await component.start();
  } catch (error) {
    await stop();
    throw new CommandError(`Cannot start ${id}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    answerers: (order) =>
      all.flatMap(({ name, component: { answers } }) => {
        const answer = answers !== undefined && Object.hasOwn(answers, order) ? answers[order] : undefined;
        return answer === undefined ? [] : [{ name, answer }];
      }),
    stop,
  };
}

type Named = { readonly name: string; readonly component: Component };

type Chosen = { readonly id: string; readonly type: ProcessorFactory<unknown>; readonly settings: unknown };

const types = ["cri_attributes", "k8s_attributes"];

async function chosen(args: Args, io: Io, components: Factories): Promise<Chosen> {
  const files = args.texts("config");
  const wanted = args.text("processor");
  if (files.length === 0) return byDefault(args, wanted, components);
  const { config, problems } = await loadConfig(files, { types: components, env: io.env });
  for (const problem of problems) io.err(`${problemLine(problem)}\n`);
  if (config === undefined) throw new CommandError("The configuration is not valid");
  const all = [...config.processors.values()].filter(({ type }) => types.includes(type.type));
  const names = all.map(({ id }) => id).join(", ");
  if (all.length === 0)
    throw new CommandError(`Cannot use the configuration: no processor that a pipeline uses is ${types.join(" or ")}`);
  const meant = wanted === undefined ? all : all.filter(({ id }) => id === wanted);
  const [only] = meant;
  if (only === undefined)
    throw new CommandError(
      `Cannot use the configuration: --processor must be one of ${names}, is "${clean(wanted ?? "")}"`,
    );
  if (meant.length > 1)
    throw new CommandError(
      `Cannot use the configuration: must know by which processor, name one with --processor: ${names}`,
    );
  return only;
}

function byDefault(args: Args, wanted = "cri_attributes", { processors }: Factories): Chosen {
  const type = processors.find((one) => one.type === wanted && types.includes(one.type));
  if (type === undefined)
    throw new CommandError(
      `Cannot use --processor: without --config it must be ${types.join(" or ")}, is "${clean(wanted)}"`,
    );
  const named = args.texts("runtime-endpoint").map((text) => {
    const endpoint = withScheme(text);
    const image = args.text("image-endpoint");
    return { type: typeOf(endpoint), endpoint, ...(image === undefined ? {} : { image_endpoint: withScheme(image) }) };
  });
  const hostRoot = args.text("host-root");
  const read = type.schema.safeParse({
    ...(named.length === 0 ? {} : { runtimes: named }),
    ...(hostRoot === undefined ? {} : { host_root: hostRoot }),
  });
  if (!read.success)
    throw new CommandError(
      `Cannot use --runtime-endpoint: ${read.error.issues.map(({ message }) => message).join("; ")}`,
    );
  return { id: wanted, type, settings: read.data };
}

/** Runtimes that do not answer are told with the answer: nothing is logged. */
function hostOf(id: string, { env }: Io, shared: Map<string, Component>): Host {
  return {
    id,
    log: createLogger({ level: "error", encoding: "console", write: () => {} }),
    metrics: noMetrics,
    environment: env,
    userAgent: "podstamp",
    memory: () => ({ rss: 0, heapUsed: 0, heapTotal: 0, external: 0 }),
    storage(wanted) {
      throw new Error(`Cannot use the storage ${wanted}: no processor has one`);
    },
    share<T extends Component>(key: string, create: () => T): T {
      const made = shared.get(key) ?? create();
      shared.set(key, made);
      // Whoever asks with a key knows what it made under it.
      return made as T;
    },
  };
}
