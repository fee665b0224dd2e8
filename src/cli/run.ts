import { createOrders, type ListMaker, type OrdersOptions } from "../control/orders.ts";
import { listenForOrders } from "../control/server.ts";
import { controlFolder, controlPath } from "../control/sockets.ts";
import type { Factories } from "../pipeline/graph/factory.ts";
import type { PipelineConfig } from "../pipeline/graph/graph.ts";
import { runService } from "../service.ts";
import type { ProcessStats } from "../service.ts";
import { createLogger } from "../telemetry/log.ts";
import { openLogOutputs } from "../telemetry/log-outputs.ts";
import type { LogOutputs } from "../telemetry/log-outputs.ts";
import type { RootLogger } from "../telemetry/log.ts";
import { clean, exitCode } from "./terminal/output.ts";
import type { Io } from "./terminal/output.ts";
import { createReloader } from "./reloader.ts";
import { ignoredOptions, loadToRun } from "./validate.ts";

/** What running needs of the process beside Io. */
export type RunOptions = {
  readonly components: Factories;
  readonly version: string;
  /** "linux/x64". */
  readonly platform: string;
  readonly instanceId: string;
  readonly stats: ProcessStats;
  /** Aborted by the second signal: stop without draining. */
  readonly cut: AbortSignal;
  /** Told the logger as soon as there is one, so that errors nobody expected can be logged. */
  readonly useLogger: (log: RootLogger) => void;
  /** Told what SIGHUP is to do. */
  readonly useReload: (reload: () => void) => void;
  readonly pid: number;
  /** Undefined where there are no users. */
  readonly uid: number | undefined;
};

/** `podstamp --config FILE`: runs until a signal, which `io.signal` and `cut` tell. */
export async function run(argv: readonly string[], io: Io, options: RunOptions): Promise<number> {
  const loaded = await loadToRun(argv, io, options.components);
  if (loaded === undefined) return exitCode.failed;
  const { config, warnings } = loaded;
  const outputs = openOutputs(config, io);
  if (outputs === undefined) return exitCode.failed;
  const log = loggerOf(config, outputs.write);
  options.useLogger(log);
  for (const { at, message } of warnings) log.warn({ at: `${at.file}:${at.line}:${at.column}` }, message);
  for (const ignored of ignoredOptions(argv)) log.warn({}, ignored);
  const reloader = createReloader({ argv, io, components: options.components, log });
  options.useReload(() => void reloader.reload());
  let answerers: OrdersOptions["answerers"] = () => undefined;
  const control = await openControl(
    { setting: config.service.control_socket, io, log, options },
    { reload: reloader.reload, list, answerers: (order) => answerers(order) },
  );
  try {
    const drained = await runService(config, {
      ...options,
      log,
      env: io.env,
      stop: io.signal,
      useReload: reloader.use,
      useAnswerers: (find) => {
        answerers = find;
      },
    });
    return drained ? exitCode.ok : exitCode.failed;
  } catch (error) {
    log.error({}, clean(error instanceof Error ? error.message : String(error)));
    return exitCode.failed;
  } finally {
    await control?.close();
    await outputs.close();
  }
}

/** Loaded when somebody wants a list. */
const list: ListMaker = async (question, reply, take) =>
  (await import("./listing/answer.ts")).answerList(question, reply, take);

type ControlOptions = {
  readonly setting: string;
  readonly io: Io;
  readonly log: RootLogger;
  readonly options: RunOptions;
};

/** What it means to have no control socket. */
const unfound = "podstamp ps, lookup, events and reload cannot find this process, SIGHUP can reload it";

/** Listens for orders where that is possible; SIGHUP does the same as `podstamp reload` everywhere. */
async function openControl({ setting, io, log, options }: ControlOptions, orders: OrdersOptions) {
  const path = controlPath(setting, controlFolder(io.env, options.uid), options.pid);
  if (path === undefined) {
    if (setting === "auto") log.info({}, `${unfound}: set XDG_RUNTIME_DIR, or service::control_socket, for its socket`);
    return undefined;
  }
  try {
    return await listenForOrders({ path, version: options.version, take: createOrders(orders), log });
  } catch (error) {
    if (setting === "auto") log.info({ error }, unfound);
    else log.warn({ error }, unfound);
    return undefined;
  }
}

/** Opens what the log is written to; says why and gives undefined when a file cannot be opened. */
function openOutputs({ service }: PipelineConfig, io: Io): LogOutputs | undefined {
  const { output_paths: paths, error_output_paths: errorPaths } = service.telemetry.logs;
  try {
    return openLogOutputs({ paths, errorPaths }, { stdout: io.out, stderr: io.err });
  } catch (error) {
    io.err(`${clean(error instanceof Error ? error.message : String(error))}\n`);
    return undefined;
  }
}

function loggerOf({ service }: PipelineConfig, write: (line: string) => void): RootLogger {
  const { level, encoding, initial_fields: initialFields } = service.telemetry.logs;
  return createLogger({ level, encoding, initialFields, write });
}
