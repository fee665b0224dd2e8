/*
 * What check and cri_attributes cost for one request, in this process and without sockets: CPU microseconds for each step, and for all of it
 * with the copy into frames. Usage: node bench/stamping.ts [SECONDS]
 */
import { check } from "../src/otlp/check.ts";
import { allocateFrames, allocateSlab } from "../src/otlp/rope/moving.ts";
import { type Bytes, copierOf } from "../src/otlp/rope/rope.ts";
import { accepted, type Component, type Consumer } from "../src/pipeline/contract.ts";
import { criAttributesProcessor } from "../src/processors/cri-attributes/cri-attributes.ts";
import { noMetrics } from "../src/telemetry/no-metrics.ts";
import { startCriServer } from "../test/support/cri/server.ts";
import { eventually } from "../test/support/eventually.ts";
import { testHost } from "../test/support/agent/host.ts";
import { containersInRequest, makeRequest } from "./load/requests.ts";

const seconds = Number(process.argv[2] ?? "1");
const known = 110;
const frameBytes = 16_384;
const frames = allocateFrames(frameBytes + 64);
const never = new AbortController().signal;

/** As the exporter does it: into frames, whose memory is used again. */
function copyIntoFrames(bytes: Bytes): void {
  const copier = copierOf(bytes);
  for (let left = bytes.length; left > 0; left -= frameBytes) copier.copy(frames, 9, Math.min(left, frameBytes));
}

await using stack = new AsyncDisposableStack();
const runtime = stack.adopt(await startCriServer(), (server) => server.close());
const ids = Array.from({ length: known }, (_, index) => {
  const uid = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  return runtime.add(runtime.addPod({ name: `pod-${index}`, namespace: "shop", uid }), { name: "app" });
});

const shared = new Map<string, Component>();
const host = {
  ...testHost("cri_attributes"),
  metrics: noMetrics,
  share<T extends Component>(key: string, create: () => T): T {
    const made = shared.get(key) ?? create();
    shared.set(key, made);
    return made as T;
  },
};
let leave: (bytes: Bytes) => void = () => undefined;
let written = 0;
const next: Consumer = {
  async consume({ bytes }) {
    written = bytes.length;
    leave(bytes);
    return accepted;
  },
  whenIdle: () => undefined,
};
const settings = { runtimes: [{ type: "cri", endpoint: runtime.endpoint }], node_name: "node-1" };
const processor = criAttributesProcessor.create(criAttributesProcessor.schema.parse(settings), host, next);
for (const component of shared.values()) {
  await component.start();
  stack.defer(() => component.stop(never));
}
await processor.start();
await eventually(() => runtime.calls("ContainerStatus") + runtime.calls("PodSandboxStatus") >= 2 * known, {
  what: "the details of all",
});

/** CPU microseconds of one call, the least of five: what else the machine does only adds to it. */
async function costOf(work: () => void | Promise<unknown>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 7; round++) {
    const before = process.cpuUsage();
    const until = performance.now() + seconds * 100 * (round === 0 ? 4 : 1);
    let calls = 0;
    while (performance.now() < until) for (let i = 0; i < 20; i++, calls++) await work();
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / calls);
  }
  return Math.min(...rounds.slice(1));
}

for (const spans of [10, 100, 500]) {
  for (const where of ["resource", "records"] as const) {
    const made = makeRequest({ spans, ids: where, containerIds: ids.slice(0, containersInRequest) });
    // As the receiver has it.
    const bytes = allocateSlab(made.length);
    bytes.set(made);
    const batch = { signal: "traces", bytes, items: spans } as const;
    const checking = await costOf(() => void check("traces", bytes));
    leave = () => undefined;
    const deciding = await costOf(() => processor.consume(batch, never));
    leave = copyIntoFrames;
    const copying = await costOf(() => processor.consume(batch, never));
    const passing = await costOf(() => copyIntoFrames(bytes));
    const figures = { check: checking, cri_attributes: deciding, "with the copy": copying, "the copy alone": passing };
    const told = Object.entries(figures).map(([name, micros]) => `${name} ${micros.toFixed(1)}`);
    console.log(`${spans} spans, IDs on ${where} (${bytes.length} bytes, ${written} written): ${told.join(", ")} us`);
  }
}
await processor.stop(never);
