import { type Loop, loopsOf, loopText } from "../../../config/loops.ts";
import { isRecord } from "../../../config/fields/parsed-field.ts";
import type { Signal } from "../../../otlp/signals.ts";
import type { Delivery, Exporter, Host } from "../../../pipeline/contract.ts";
import type { PipelineConfig } from "../../../pipeline/graph/graph.ts";
import { createLogger } from "../../../telemetry/log.ts";
import { createRegistry } from "../../../telemetry/registry.ts";
import { exporterTodo, loopTodo } from "./advice.ts";
import { type Finding, findingsOf, messageOf } from "../finding.ts";
import type { Subject } from "../subject.ts";

const { ok, skipped, warning, problem } = findingsOf("exporter");

/** Longer than any connection within a cluster takes. */
const timeoutMs = 3000;
/** For an attempt that has no end of its own. */
const limitMs = 5000;

type Configured = PipelineConfig["exporters"] extends ReadonlyMap<string, infer C> ? C : never;

/** Whether each exporter's destination answers OTLP: it is sent an empty request, which changes nothing there. */
export async function checkExporters(subject: Subject, signal: AbortSignal): Promise<readonly Finding[]> {
  const { config } = subject;
  if (config === undefined) return [skipped("No valid configuration says where telemetry is sent")];
  const loops = loopsOf(config);
  const found = await Promise.all(
    [...config.exporters].map(([id, configured]) => {
      const loop = loops.find(({ exporter }) => exporter === id);
      const signals = config.pipelines.filter(({ exporters }) => exporters.includes(id)).map((each) => each.signal);
      return tryOne({ id, configured, signals: [...new Set(signals)] as Signal[], loop }, subject, signal);
    }),
  );
  return found.flat();
}

type One = {
  readonly id: string;
  readonly configured: Configured;
  readonly signals: readonly Signal[];
  readonly loop: Loop | undefined;
};

async function tryOne(
  { id, configured, signals, loop }: One,
  subject: Subject,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { type, settings } = configured;
  const name = `exporters::${id}`;
  if (!type.type.startsWith("otlp")) return [skipped(`${name} sends nothing over a network`)];
  // Its own podstamp takes what it sends, which says nothing.
  if (loop !== undefined) return [problem(`${name} ${loopText(loop)}`, loopTodo)];
  let exporter: Exporter | undefined;
  try {
    exporter = type.create(direct(settings), hostFor(id, subject));
    await exporter.start();
    const ready = exporter;
    const answers = await Promise.all(signals.map((each) => send(ready, each, signal)));
    return together(answers).map((answer) => findingOf(name, answer));
  } catch (error) {
    return [problem(`${name}: ${messageOf(error)}`, exporterTodo(messageOf(error)))];
  } finally {
    await exporter?.stop(AbortSignal.abort());
  }
}

/** One attempt, without a queue, a retry or a dead letter. */
function direct(settings: unknown): unknown {
  const off = { sending_queue: undefined, retry_on_failure: undefined, dead_letter: undefined, timeout: timeoutMs };
  return isRecord(settings) ? { ...settings, ...off } : settings;
}

/** What came back for an empty request of some signals: nothing to say, or why it was not taken. */
type Answer = { readonly signals: readonly Signal[]; readonly cause: string | undefined; readonly ms: number };

async function send(exporter: Exporter, signal: Signal, abort: AbortSignal): Promise<Answer> {
  const since = performance.now();
  const limit = AbortSignal.any([abort, AbortSignal.timeout(limitMs)]);
  const delivery = await exporter.consume({ signal, bytes: Buffer.alloc(0), items: 0 }, limit);
  return { signals: [signal], cause: causeOf(delivery), ms: performance.now() - since };
}

/** What is said of several signals is said once. */
function together(answers: readonly Answer[]): readonly Answer[] {
  return [...Map.groupBy(answers, ({ cause }) => cause).values()].map((same) => ({
    signals: same.flatMap(({ signals }) => signals),
    cause: same[0]?.cause,
    ms: Math.max(...same.map(({ ms }) => ms)),
  }));
}

function findingOf(name: string, { signals, cause, ms }: Answer): Finding {
  if (cause === undefined)
    return ok(`${name}: ${signals.join(", ")}: an empty request was taken within ${Math.ceil(ms)} ms`);
  const text = `${name}: ${signals.join(", ")}: ${cause}`;
  // Of an empty request some say that it is empty: what answers so speaks OTLP.
  if (/\bempty\b|no (?:spans|data|records)/i.test(cause)) return warning(text, "nothing, if telemetry arrives");
  return problem(text, exporterTodo(cause));
}

function causeOf(delivery: Delivery): string | undefined {
  return delivery.status === "retry" || delivery.status === "rejected" ? delivery.cause.message : undefined;
}

function hostFor(id: string, { io, options }: Subject): Host {
  const { version, platform, stats } = options;
  return {
    id,
    // What it would log is what it answers.
    log: createLogger({ level: "error", encoding: "console", write: () => {} }),
    metrics: createRegistry({ level: "basic", version, resource: {} }),
    environment: io.env,
    userAgent: `podstamp/${version} (${platform})`,
    memory: stats.memory,
    storage: (extension) => {
      throw new Error(`Cannot use ${extension}: an empty request is sent without a queue`);
    },
    share: (_, create) => create(),
  };
}
