// The demo's second half: what podstamp's own probes saw of a call between two pods that know nothing of telemetry.
import { fileURLToPath } from "node:url";
import { setUpProbes } from "../../test/support/ebpf/set-up.ts";
import { eventually } from "../../test/support/eventually.ts";
import { type Jaeger, startJaeger } from "../../test/support/otlp/jaeger.ts";
import type { Attributes } from "../../test/support/otlp/plain.ts";
import { startPodstamp } from "../../test/support/agent/podstamp.ts";
import type { Received, Sink } from "../../test/support/otlp/sink.ts";
import { findTool } from "../../test/support/machine/tools.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Progress } from "./progress.ts";
import type { Call, Stage } from "./real-pods.ts";
import { type Difference, missing, type Subject } from "./subject.ts";
import { pairTable, paint, type TableOptions } from "./table.ts";

const config = fileURLToPath(new URL("../../config/demo-ebpf.yaml", import.meta.url));
const attachTimeoutMs = 30_000;
const spansTimeoutMs = 20_000;
const server = 2;
const client = 3;

export type Surroundings = {
  readonly stage: Stage;
  readonly sink: Sink;
  readonly nodeName: string;
  readonly progress: Progress;
  readonly cleanup: Cleanup;
  readonly table: TableOptions;
};

/** Says why the probes cannot run here, installs and builds what they take; `undefined` when they can. */
export function prepareProbes(progress: Progress): string | undefined {
  progress.step("eBPF probes, for programs without an SDK");
  try {
    return setUpProbes((line) => progress.detail(line), "demo");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Watches the call and shows both of its spans; returns what is not as it must be, or why nothing could be seen. */
export async function showUninstrumented(around: Surroundings): Promise<readonly Difference[] | string> {
  const { stage, sink, nodeName, progress, cleanup, table } = around;
  const { call } = stage;
  const jaeger = await startJaegerIfBuilt(progress, cleanup);
  progress.step("Starting podstamp with config/demo-ebpf.yaml: nobody sends to it");
  const podstamp = await startPodstamp({
    config: { file: config },
    env: {
      DEMO_SINK: sink.address,
      DEMO_RUNTIME: stage.endpoint,
      DEMO_NODE: nodeName,
      ...(stage.recordedLoader === undefined ? {} : { DEMO_LOADER: stage.recordedLoader }),
      ...(jaeger === undefined ? { DEMO_EXPORTERS: "[otlp_grpc]" } : { DEMO_JAEGER: jaeger.otlp }),
    },
  });
  cleanup.add("podstamp with probes", () => podstamp.stop());
  const attached = await podstamp.line(/eBPF probes attached|\berror\b/i, attachTimeoutMs);
  if (!/eBPF probes attached.*\bhttp\b/.test(attached)) return attached.trim();

  const isRecorded = stage.recordedLoader !== undefined;
  progress.step(
    `${call.from} ${isRecorded ? "called" : "calls"} ${call.to} over HTTP, without SDK, agent or traceparent`,
  );
  const pair = await eventually(() => pairOf(sink.received(), call), {
    what: `a trace of both ends of ${call.path}; podstamp's log:\n${podstamp.log()}`,
    timeoutMs: spansTimeoutMs,
  });
  console.log(
    `\n${paint(`GET ${call.path}`, "1", table)}: one trace of two spans, from ${isRecorded ? "a recording of " : ""}the kernel alone\n`,
  );
  console.log(pairTable([call.from, call.to], [shown(pair.from), shown(pair.to)], table));
  return [
    ...differencesOf(around, call, pair),
    ...(jaeger === undefined ? [] : await differencesInJaeger(jaeger, pair, progress)),
  ];
}

type Pair = { readonly from: Received; readonly to: Received };

/** The first call of which both ends have come. */
function pairOf(received: readonly Received[], call: Call): Pair | undefined {
  const spans = received.filter(({ attributes }) => attributes["url.path"] === call.path);
  for (const to of spans.filter(({ span }) => span?.kind === server)) {
    const from = spans.find(({ span, traceId }) => span?.kind === client && traceId === to.traceId);
    if (from !== undefined) return { from, to };
  }
  return undefined;
}

/** What is shown of a span, in this order. */
const shownKeys = `http.request.method url.path http.response.status_code server.address server.port
  service.name process.executable.name k8s.namespace.name k8s.pod.name k8s.container.name
  container.image.name container.id podstamp.trace.derived`.split(/\s+/);

function shown({ traceId, span, name, resource, attributes }: Received): Attributes {
  const all: Attributes = { ...resource, ...attributes };
  return {
    "trace id": traceId,
    "span id": span?.id ?? "",
    "parent span id": span?.parent === "" ? "-" : (span?.parent ?? ""),
    span: `${name} (${span?.kind === server ? "server" : "client"})`,
    duration: `${Number((span?.end ?? 0n) - (span?.start ?? 0n)) / 1000} us`,
    ...Object.fromEntries(shownKeys.map((key) => [key, all[key] ?? "-"])),
  };
}

/** Both spans against what creation and the registry answered, and against each other. */
function differencesOf({ stage }: Surroundings, call: Call, { from, to }: Pair): readonly Difference[] {
  const http: Attributes = {
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "url.path": call.path,
    "server.port": call.port,
  };
  const ofEnd = (end: Received, service: string) => [
    ...missing(end.resource, { "service.name": service, ...subjectOf(stage, service).expected }),
    ...missing(end.attributes, http),
  ];
  const { traceId, span } = from;
  return [
    ...ofEnd(from, call.from),
    ...ofEnd(to, call.to),
    ...missing({ trace: to.traceId, parent: to.span?.parent }, { trace: traceId, parent: span?.id }),
  ];
}

function subjectOf({ subjects }: Stage, service: string): Subject {
  const found = subjects.find((subject) => subject.service === service);
  if (found === undefined) throw new Error(`Cannot find ${service} among the demo's pods`);
  return found;
}

async function startJaegerIfBuilt(progress: Progress, cleanup: Cleanup): Promise<Jaeger | undefined> {
  const program = findTool("jaeger");
  if (program === undefined) {
    progress.detail("Jaeger is not asked: test/tools/build.sh jaeger builds one");
    return undefined;
  }
  progress.step("Starting Jaeger, which gets the spans too");
  const jaeger = await startJaeger(program);
  cleanup.add("Jaeger", () => jaeger.stop());
  return jaeger;
}

/** What Jaeger's API answers about one trace, as far as the demo reads it. */
type JaegerTrace = {
  readonly spans: readonly { readonly spanID: string; readonly processID: string }[];
  readonly processes: Readonly<Record<string, { readonly tags: readonly { key: string; value: unknown }[] }>>;
};

/** Asks Jaeger for the trace and compares whose each of its spans is. */
async function differencesInJaeger({ query }: Jaeger, pair: Pair, progress: Progress): Promise<readonly Difference[]> {
  const { traceId } = pair.from;
  const ask = async (): Promise<Attributes | undefined> => {
    const response = await fetch(`http://${query}/api/traces/${traceId}`);
    const { data } = (await response.json()) as { readonly data?: readonly JaegerTrace[] | null };
    const found = podsOf(data?.[0]);
    return Object.keys(found).length >= 2 ? found : undefined;
  };
  const found = await eventually(ask, { what: `trace ${traceId} in Jaeger`, timeoutMs: spansTimeoutMs });
  progress.step(
    `Jaeger has trace ${traceId.slice(0, 12)}… with spans of ${Object.values(found).map(String).join(" and ")}`,
  );
  const ends = [pair.from, pair.to].map(({ span, resource }) => [span?.id ?? "", resource["k8s.pod.name"]]);
  return missing(found, Object.fromEntries(ends) as Attributes);
}

/** The pod of each span. */
function podsOf(trace: JaegerTrace | undefined): Attributes {
  const pairs = (trace?.spans ?? []).map(({ spanID, processID }) => {
    const tag = trace?.processes[processID]?.tags.find(({ key }) => key === "k8s.pod.name");
    return [spanID, typeof tag?.value === "string" ? tag.value : undefined] as const;
  });
  return Object.fromEntries(pairs);
}
