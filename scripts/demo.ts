// The whole path for eyes and for a machine: pods in a real containerd, telemetry of an SDK, podstamp, a backend.
// Ends with 0 only if every value that arrived equals what creation and the registry answered.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startNode } from "../test/support/node/cluster.ts";
import { setUpContainers } from "../test/support/machine/machine.ts";
import { type Podstamp, startPodstamp } from "../test/support/agent/podstamp.ts";
import { freePort } from "../test/support/net/ports.ts";
import { type Sink, startSink } from "../test/support/otlp/sink.ts";
import { startNothingMore } from "../test/support/machine/processes.ts";
import { sweep, wipeOwn } from "../test/support/machine/workspace.ts";
import { readOptions } from "./arguments.ts";
import { type Cleanup, createCleanup } from "./demo/cleanup.ts";
import { createProgress, type Progress } from "./demo/progress.ts";
import { makePods, type Stage } from "./demo/real-pods.ts";
import { record, replay } from "./demo/recording.ts";
import { type Difference, differences, type Subject } from "./demo/subject.ts";
import { paint, resourceTable, type TableOptions, tableOptions } from "./demo/table.ts";
import { arrivedOf, runApps, sentLogs, sentResource, sentSpans } from "./demo/telemetry.ts";
import { prepareProbes, showUninstrumented, type Surroundings } from "./demo/uninstrumented.ts";

const config = fileURLToPath(new URL("../config/demo.yaml", import.meta.url));
const nodeName = "demo-node";
const usage = `Usage: npm run demo [-- --recorded | --record]

  --recorded  use the recorded answers of a runtime, and what a kernel told, even where real containers could run
  --record    run for real, and keep for --recorded what the runtime answers and what the kernel tells`;

const args = readOptions({ recorded: { type: "boolean" }, record: { type: "boolean" } }, usage);
let isEnding = false;
process.exitCode = await main();

async function main(): Promise<number> {
  const progress = createProgress();
  const cleanup = createCleanup();
  // The last to be undone: what was just being started and had not been added yet.
  cleanup.add("temporary folders", wipeOwn);
  endOnSignals(cleanup);
  try {
    const isRight = await show(progress, cleanup);
    progress.step("Cleaning up");
    await cleanup.run();
    progress.step(
      isRight ? "Done: every value is as creation and the registry answered" : "Done, and wrong: see above",
    );
    return isRight ? 0 : 1;
  } catch (error) {
    // After a signal everything is ended under the feet of what still runs: its errors tell nothing.
    if (!isEnding) console.error(error instanceof Error ? error.message : String(error));
    await cleanup.run();
    return 1;
  }
}

/** Ctrl-C and SIGTERM end the demo as its own end does: nothing stays behind. A second one does not hurry it. */
function endOnSignals(cleanup: Cleanup): void {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (isEnding) return;
      isEnding = true;
      console.log(`\n${signal}: cleaning up what was started`);
      startNothingMore();
      void cleanup.run().finally(() => process.exit(codes[signal]));
    });
  }
}

async function show(progress: Progress, cleanup: Cleanup): Promise<boolean> {
  const stage = await setTheStage(progress, cleanup);

  progress.step("Starting a backend that receives OTLP, in a process of its own");
  const sink = await startSink();
  cleanup.add("the backend", () => sink.stop());

  progress.step("Starting podstamp with config/demo.yaml");
  const { podstamp, receiver } = await startBetween(stage, sink, cleanup);

  try {
    progress.step("Sending spans and logs by the OpenTelemetry SDK, with container.id only");
    await runApps(receiver, stage.subjects, cleanup);
    const isRight = await compareAll(stage.subjects, sink);
    if (!isRight) console.log(`podstamp's log:\n${podstamp.log()}`);
    return (await showProbes({ stage, sink, nodeName, progress, cleanup, table: tableOptions() })) && isRight;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\npodstamp's log:\n${podstamp.log()}`, {
      cause: error,
    });
  }
}

/** The half without an SDK, where it can be; says why not. Whether nothing was wrong. */
async function showProbes(around: Surroundings): Promise<boolean> {
  const { progress, table } = around;
  const why = whyNoKernel(around);
  const found = why ?? (await showUninstrumented(around));
  if (typeof found === "object") {
    for (const difference of found) sayWrong("the call without an SDK", difference, table);
    console.log();
    return found.length === 0;
  }
  progress.step("Without eBPF probes: what nobody instrumented is not shown");
  progress.detail(`since ${found}`);
  return true;
}

/** Why neither a kernel nor a recording of one can be had, if so; says which it is. */
function whyNoKernel({ stage, progress }: Surroundings): string | undefined {
  if (stage.recordedLoader === undefined) return prepareProbes(progress);
  progress.step("No real probes: with the recorded containers goes what a real kernel told of them");
  progress.detail("the ebpf receiver is the real one, and reads the recording as it would read its loader");
  return undefined;
}

async function compareAll(subjects: readonly Subject[], sink: Sink): Promise<boolean> {
  const table = tableOptions();
  let wrong = 0;
  for (const subject of subjects) wrong += await compare(subject, sink, table);
  console.log("\nIDs and digests are shortened for reading; they were compared in full.\n");
  return wrong === 0;
}

/** Real pods where they can run, else their recording; says which and why. */
async function setTheStage(progress: Progress, cleanup: Cleanup): Promise<Stage> {
  for (const folder of await sweep()) progress.detail(`removed what an earlier run left in ${folder}`);
  const why = args.recorded ? "you asked for the recording" : setUp(progress);
  if (why !== undefined && args.record) throw new Error(`Cannot record: real containers are needed, but ${why}`);
  if (why !== undefined) {
    progress.step(`No real containers: ${why}`);
    progress.detail("instead a CRI server of ours replays what a real containerd answered");
    const stage = await replay();
    cleanup.add("the replay", () => stage.stop());
    return stage;
  }
  progress.step("Starting a registry and a containerd of our own");
  const node = await startNode((line) => progress.detail(line));
  cleanup.add("the containers", () => node.stop());
  const stage = await makePods(node, nodeName, progress);
  if (args.record) {
    const whyNoRing = prepareProbes(progress);
    if (whyNoRing !== undefined) throw new Error(`Cannot record: real probes are needed, but ${whyNoRing}`);
    mkdirSync(fileURLToPath(new URL("../test/fixtures/demo", import.meta.url)), { recursive: true });
    progress.detail(`recorded in ${await record(stage, node.folder)}`);
  }
  return stage;
}

function setUp(progress: Progress): string | undefined {
  progress.step(`Set-up: Node ${process.versions.node} on ${process.platform}/${process.arch}`);
  return setUpContainers((line) => progress.detail(line));
}

async function startBetween(
  stage: Stage,
  sink: Sink,
  cleanup: Cleanup,
): Promise<{ podstamp: Podstamp; receiver: string }> {
  const receiver = `127.0.0.1:${await freePort()}`;
  const podstamp = await startPodstamp({
    config: { file: config },
    env: {
      DEMO_GRPC: receiver,
      DEMO_HTTP: `127.0.0.1:${await freePort()}`,
      DEMO_SINK: sink.address,
      DEMO_RUNTIME: stage.endpoint,
      DEMO_METRICS_PORT: String(await freePort()),
      DEMO_NODE: nodeName,
    },
  });
  cleanup.add("podstamp", () => podstamp.stop());
  return { podstamp, receiver };
}

/** Shows a subject's resource before and after, and returns how many values are not as they must be. */
async function compare(subject: Subject, sink: Sink, table: TableOptions): Promise<number> {
  const arrived = await arrivedOf(subject, sink);
  const before = sentResource(subject);
  const resources = [
    ...new Map(arrived.map((record) => [JSON.stringify([record.signal, record.resource]), record])).values(),
  ];
  const [first] = resources;
  console.log(`\n${paint(subject.service, "1", table)}: ${sentSpans} spans and ${sentLogs} log record\n`);
  console.log(resourceTable(before, first?.resource ?? {}, table));
  const wrong = resources.flatMap(({ signal, resource }) =>
    differences(resource, { ...before, ...subject.expected }).map((difference) => ({ signal, ...difference })),
  );
  for (const { signal, ...difference } of wrong) sayWrong(signal, difference, table);
  return wrong.length;
}

function sayWrong(where: string, { key, expected, arrived }: Difference, table: TableOptions): void {
  const told = `\nWrong on ${where}: ${key}\n  must be ${text(expected)}\n  is      ${text(arrived)}`;
  console.log(paint(told, "31", table));
}

function text(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
