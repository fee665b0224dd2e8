import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Signal } from "../../src/otlp/signals.ts";
import type { Contender } from "../contenders/contender.ts";
import { type LoadOptions, type LoadResult, preparedRequests, type Quantiles } from "../load/loading.ts";
import type { Stage } from "./stage.ts";
import { median } from "../tables/table.ts";

/** What is sent. */
export type Work = {
  readonly name: string;
  readonly signal: Signal;
  readonly request: Buffer;
  readonly items: number;
  /** Requests in a counted round. Before all rounds twice as many warm up. */
  readonly requests: number;
  /** So many instead, right before each counted round: for what costs more when it has been idle. */
  readonly warmUp?: number;
  readonly how: "grpc" | "http";
  readonly format: "protobuf" | "json";
  readonly compression: "none" | "gzip" | "zstd";
  /** Requests per second; as fast as they are answered when absent. */
  readonly rate?: number;
  readonly hasTls?: boolean;
};

export const plain = { signal: "traces", how: "grpc", format: "protobuf", compression: "none" } as const;

/** What a contender needed for it: the middle one of the rounds. */
export type Cost = {
  readonly name: string;
  readonly microsPerRequest: number;
  readonly latencyMs: Quantiles;
  readonly peakMiB: number;
};

/** What the one of that name needed for a request; undefined where it was not there. */
export function microsOf(costs: readonly Cost[], name: string): number | undefined {
  return costs.find((cost) => cost.name === name)?.microsPerRequest;
}

type Sample = { readonly micros: number; readonly latencyMs: Quantiles; readonly peakMiB: number };

/** Every contender in turn, round by round, so that what else the machine does meets all of them. What warms up does not count. */
export async function inTurn(stage: Stage, work: Work, rounds: number): Promise<readonly Cost[]> {
  const file = join(stage.folder, `${work.name.replaceAll(/\W+/g, "-")}.otlp`);
  writeFileSync(file, work.request);
  const taking = stage.contenders.filter(({ httpPort }) => work.how === "grpc" || httpPort !== undefined);
  const samples = new Map<Contender, Sample[]>(taking.map((one) => [one, []]));
  // Until some 40,000 requests the engine still compiles, which a server does once.
  const first = work.requests * 2;
  if (work.warmUp === undefined)
    for (const contender of taking) await measure(stage, contender, { work, file, count: first });
  for (let round = 0; round < rounds; round++)
    for (const contender of taking) {
      if (work.warmUp !== undefined) await measure(stage, contender, { work, file, count: work.warmUp });
      samples.get(contender)?.push(await measure(stage, contender, { work, file, count: work.requests }));
    }
  return [...samples].map(([{ name }, list]) => ({
    name,
    microsPerRequest: median(list.map(({ micros }) => micros)),
    latencyMs: {
      p50: median(list.map(({ latencyMs }) => latencyMs.p50)),
      p99: median(list.map(({ latencyMs }) => latencyMs.p99)),
      p999: median(list.map(({ latencyMs }) => latencyMs.p999)),
    },
    peakMiB: median(list.map(({ peakMiB }) => peakMiB)),
  }));
}

type Round = { readonly work: Work; readonly file: string; readonly count: number };

async function measure(stage: Stage, contender: Contender, { work, file, count }: Round): Promise<Sample> {
  const port = work.how === "grpc" ? contender.grpcPort : (contender.httpPort ?? 0);
  await stage.arrived();
  // Who knows ten thousand containers has asked for each of them only seconds after it was ready.
  await settled(contender);
  contender.usage.resetPeak();
  const before = contender.usage.cpuSeconds();
  const sent = await stage.load(work.how, loadOptions(stage, port, { work, file, count }));
  await settled(contender);
  const micros = ((contender.usage.cpuSeconds() - before) / count) * 1e6;
  await verify(stage, { work, count, sent, ...contender });
  return { micros, latencyMs: sent.latencyMs, peakMiB: contender.usage.peakMiB() };
}

/** Straight from the load to the sink: what waiting there is without anybody between. */
export async function direct(stage: Stage, work: Work): Promise<Quantiles> {
  const file = join(stage.folder, "direct.otlp");
  writeFileSync(file, work.request);
  const round = { work, file, count: work.requests };
  await stage.load("grpc", loadOptions(stage, stage.sinkPort, round));
  const { latencyMs } = await stage.load("grpc", loadOptions(stage, stage.sinkPort, round));
  await stage.arrived();
  return latencyMs;
}

function loadOptions(stage: Stage, port: number, { work, file, count }: Round): LoadOptions {
  const { signal, format, compression, rate, hasTls } = work;
  return {
    port,
    file,
    count,
    signal,
    format,
    compression,
    ...(rate === undefined ? {} : { rate }),
    ...(hasTls === true ? { tlsCa: stage.caFile } : {}),
  };
}

/** Waits until the process has nothing more to do: its queue is empty. */
async function settled({ usage }: Contender): Promise<void> {
  for (;;) {
    const before = usage.cpuSeconds();
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (usage.cpuSeconds() - before < 0.01) return;
  }
}

type Claim = {
  readonly work: Work;
  readonly count: number;
  readonly sent: LoadResult;
  readonly name: string;
  readonly stamps: boolean;
};

/** Everything that was acknowledged must be there, each span once, with the name of its pod where the contender writes it. */
async function verify(stage: Stage, { work, count, sent, name, stamps }: Claim): Promise<void> {
  const arrived = await stage.arrived();
  const isNumbered = work.signal === "traces" && work.format === "protobuf";
  const different = work.items * (work.compression === "none" ? count : Math.min(count, preparedRequests));
  const isRight =
    sent.failed === 0 &&
    arrived.items === count * work.items &&
    (!isNumbered || (arrived.different === different && arrived.repeated === count * work.items - different)) &&
    (stamps ? arrived.unstamped === 0 : arrived.stamped === 0) &&
    arrived.wrong === 0 &&
    arrived.broken === 0;
  if (!isRight)
    throw new Error(
      `${name}, ${work.name}: of ${count} requests ${sent.failed} failed; arrived: ${JSON.stringify(arrived)}`,
    );
}
