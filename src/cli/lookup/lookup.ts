import { createOrders } from "../../control/orders.ts";
import type { Factories } from "../../pipeline/graph/factory.ts";
import type { LookupAnswer } from "../../processors/cri-attributes/inquiry/lookup.ts";
import type { Ended, Question } from "../../telemetry/answers.ts";
import { type Args, readArgs } from "../terminal/args.ts";
import { CommandError, exitCode, type Io, json } from "../terminal/output.ts";
import { findRunning, order } from "../running/running.ts";
import { shapes } from "../terminal/shapes.ts";
import { yaml } from "../terminal/yaml.ts";
import { startAlone } from "./alone.ts";
import { questionsOf } from "./questions.ts";
import { asText } from "./text.ts";

export type LookupOptions = {
  readonly loadComponents: () => Promise<Factories>;
  readonly uid: number | undefined;
};

/** `podstamp lookup`: whose telemetry is that says something of itself, by which rule, and how it would leave; exit code 1 when nobody's. */
export async function lookup(argv: readonly string[], io: Io, options: LookupOptions): Promise<number> {
  const args = readArgs(argv, shapes.lookup);
  const questions = questionsOf(args);
  const asker = await askerOf(args, io, options);
  try {
    const answer = await firstFound(questions, asker);
    const format = args.text("output") ?? "table";
    const told = { answeredBy: asker.source, ...answer };
    io.out(format === "json" ? json(told) : format === "yaml" ? yaml(told) : asText(answer, asker.source, io));
    return answer.isFound ? exitCode.ok : exitCode.failed;
  } finally {
    await asker.stop();
  }
}

/** Who answers. */
type Asker = {
  /** In words. */
  readonly source: string;
  ask(question: Question): Promise<LookupAnswer>;
  stop(): Promise<void>;
};

/** Where none finds somebody the likeliest one is answered. */
async function firstFound(questions: readonly Question[], asker: Asker): Promise<LookupAnswer> {
  let first: LookupAnswer | undefined;
  for (const question of questions) {
    const answer = await asker.ask(question);
    if (answer.isFound) return answer;
    first ??= answer;
  }
  if (first === undefined) throw new CommandError("Cannot look it up: there is no question");
  return first;
}

const aloneOptions = ["config", "runtime-endpoint", "image-endpoint", "host-root"];

async function askerOf(args: Args, io: Io, { loadComponents, uid }: LookupOptions): Promise<Asker> {
  const isAlone = aloneOptions.some((name) => args.texts(name).length > 0);
  const running = isAlone ? undefined : await findRunning(args, { io, uid });
  if (running?.status === "several") throw new CommandError(`Cannot look it up: ${running.problem}`);
  if (running?.status === "none" && args.text("pid") !== undefined)
    throw new CommandError(`Cannot look it up: ${running.problem}`);
  if (running?.status === "one") {
    const ways = { signal: io.signal, failing: "Cannot look it up" };
    return {
      source: `the podstamp that runs, at ${running.path}`,
      ask: (question) => answered((onItem) => order(running.path, ways, { order: "lookup", question, onItem })),
      stop: () => Promise.resolve(),
    };
  }
  const alone = await startAlone(args, io, await loadComponents());
  const take = createOrders({ reload: () => Promise.resolve({ ok: false, lines: [] }), answerers: alone.answerers });
  const files = args.texts("config");
  return {
    source: `this command, with ${files.length > 0 ? files.join(", ") : "default settings"}`,
    ask: ({ processor: _chosen, ...question }) =>
      answered((onItem) =>
        take("lookup", question, { send: async (item) => onItem(item), offer: onItem, signal: io.signal }),
      ),
    stop: alone.stop,
  };
}

async function answered(asking: (onItem: (item: unknown) => void) => Promise<Ended>): Promise<LookupAnswer> {
  let answer: LookupAnswer | undefined;
  const { ok, lines } = await asking((item) => {
    // Who answers is a podstamp of the same protocol.
    answer = item as LookupAnswer;
  });
  if (!ok || answer === undefined) throw new CommandError(lines.join("; ") || "Cannot look it up: it was interrupted");
  return answer;
}
