import { loadConfig } from "../config/load.ts";
import { problemLine } from "../config/document/problem.ts";
import type { Factories } from "../pipeline/graph/factory.ts";
import type { PipelineConfig, Replaced } from "../pipeline/graph/graph.ts";
import type { Ended } from "../telemetry/answers.ts";
import type { RootLogger } from "../telemetry/log.ts";
import type { Io } from "./terminal/output.ts";
import { configFiles } from "./validate.ts";

type Replace = (config: PipelineConfig) => Promise<Replaced>;

type ReloaderOptions = {
  readonly argv: readonly string[];
  readonly io: Io;
  readonly components: Factories;
  readonly log: RootLogger;
};

const oldRuns = "The new configuration cannot be started, the old one runs on";
const noneRuns = "Neither the new configuration nor the old one can be started: podstamp stops";

/** Reads the files of a running podstamp anew and puts what they say in its place; what is wrong with them is said and changes nothing. */
export function createReloader({ argv, io, components, log }: ReloaderOptions) {
  let replace: Replace | undefined;
  let isWanted = false;

  const reload = async (): Promise<Ended> => {
    if (replace === undefined) {
      isWanted = true;
      return { ok: true, lines: ["podstamp is still starting: it reads its files again as soon as it runs"] };
    }
    const { config, problems } = await loadConfig(configFiles(argv), { types: components, env: io.env });
    const lines = problems.map(problemLine);
    if (config === undefined) {
      log.error({ problems: lines }, "The new configuration is not valid, the old one runs on");
      return { ok: false, lines: [...lines, "The new configuration is not valid, the old one runs on"] };
    }
    for (const { at, message } of problems) log.warn({ at: `${at.file}:${at.line}:${at.column}` }, message);
    const outcome = await replace(config);
    if (outcome.status !== "replaced") {
      const what = outcome.status === "refused" ? oldRuns : noneRuns;
      log.error({ error: outcome.problem }, what);
      return { ok: false, lines: [...lines, outcome.problem, what] };
    }
    const pipelines = config.pipelines.map(({ id }) => id).join(", ");
    log.info({ pipelines }, "The new configuration runs");
    const { forRestart = [] } = outcome;
    if (forRestart.length > 0)
      log.warn({ settings: forRestart }, "Some settings take effect when podstamp is started again");
    const later = forRestart.map((setting) => `${setting} takes effect when podstamp is started again`);
    return { ok: true, lines: [...lines, ...later, `The new configuration runs: ${pipelines}`] };
  };
  return {
    reload,
    /** Says how to replace what runs, as soon as it runs. */
    use(how: Replace): void {
      replace = how;
      if (isWanted) void reload();
    },
  };
}
