import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { shapes, type Signal, signals } from "../../../src/otlp/signals.ts";
import { ExportLogsServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportMetricsServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import { ExportProfilesServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/profiles/v1development/profiles_service.ts";
import { ExportTraceServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { decode, type Decoded } from "../../otlp/decoded.ts";
import { recordsIn, valuesOf } from "../../otlp/model.ts";
import { newId } from "../../support/cri/answers.ts";
import { eventually } from "../../support/eventually.ts";
import { lendAgent, lendRuntime } from "../../support/lend.ts";
import { wireAttributes } from "../../support/otlp/plain.ts";
import { freePort } from "../../support/net/ports.ts";
import { startProcess } from "../../support/machine/processes.ts";
import { findTool } from "../../support/machine/tools.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

const [web, pay] = [newId(), newId()];
const pods = [
  { name: "web-1", namespace: "shop", containers: [{ id: web, name: "web" }] },
  { name: "pay-1", namespace: "shop", containers: [{ id: pay, name: "pay" }] },
];

/** A record by its name, and the container that it names itself. */
type Item = readonly [name: string, container?: string];

/** What each request holds: records of a container's resource, and of an agent that sends for others. */
function itemsOf(request: string): { own: readonly Item[]; agent: readonly Item[] } {
  return {
    own: [[`${request}.own`]],
    agent: [[`${request}.web`, web], [`${request}.pay`, pay], [`${request}.none`], [`${request}.web2`, web]],
  };
}

/** The pod that each of them is to arrive with. */
const podOf = (name: string) => ({ own: "web-1", web: "web-1", web2: "web-1", pay: "pay-1" })[name.split(".")[1] ?? ""];

const attributesOf = ([name, container]: Item) =>
  wireAttributes({ name, ...(container === undefined ? {} : { "container.id": container }) });
const ownResource = { attributes: wireAttributes({ "container.id": web }) };
const agentResource = { attributes: wireAttributes({ "service.name": "agent" }) };

const requests: { readonly [S in Signal]: (name: string) => Uint8Array } = {
  traces: (name) => {
    const { own, agent } = itemsOf(name);
    const scopeSpans = (items: readonly Item[]) => [
      { spans: items.map((item) => ({ attributes: attributesOf(item) })) },
    ];
    return ExportTraceServiceRequest.encode(
      ExportTraceServiceRequest.fromPartial({
        resourceSpans: [
          { resource: ownResource, scopeSpans: scopeSpans(own) },
          { resource: agentResource, scopeSpans: scopeSpans(agent) },
        ],
      }),
    ).finish();
  },
  metrics: (name) => {
    const { own, agent } = itemsOf(name);
    // A metric of each kind, each with one of the points.
    const scopeMetrics = (items: readonly Item[]) => {
      const points = (...indices: number[]) => ({
        dataPoints: indices
          .flatMap((index) => items.slice(index, index + 1))
          .map((item) => ({ attributes: attributesOf(item) })),
      });
      return [
        {
          scope: { name: "meter" },
          metrics: [
            { name: "gauge", gauge: points(0) },
            { name: "sum", sum: { ...points(1, 2), isMonotonic: true, aggregationTemporality: 2 as const } },
            { name: "histogram", histogram: { ...points(3), aggregationTemporality: 1 as const } },
          ],
        },
      ];
    };
    return ExportMetricsServiceRequest.encode(
      ExportMetricsServiceRequest.fromPartial({
        resourceMetrics: [
          { resource: ownResource, scopeMetrics: scopeMetrics(own) },
          { resource: agentResource, scopeMetrics: scopeMetrics(agent) },
        ],
      }),
    ).finish();
  },
  logs: (name) => {
    const { own, agent } = itemsOf(name);
    const scopeLogs = (items: readonly Item[]) => [
      { logRecords: items.map((item) => ({ attributes: attributesOf(item) })) },
    ];
    return ExportLogsServiceRequest.encode(
      ExportLogsServiceRequest.fromPartial({
        resourceLogs: [
          { resource: ownResource, scopeLogs: scopeLogs(own) },
          { resource: agentResource, scopeLogs: scopeLogs(agent) },
        ],
      }),
    ).finish();
  },
  profiles: (name) => {
    const { own, agent } = itemsOf(name);
    const stringTable = ["", "container.id", "name", web];
    const attributeTable: object[] = [{}];
    const indexOf = (keyStrindex: number, stringValue: string) =>
      attributeTable.push({ keyStrindex, value: { stringValue } }) - 1;
    const scopeProfiles = (items: readonly Item[]) => [
      {
        profiles: [
          {
            profileId: Buffer.alloc(16, 1),
            samples: items.map(([item, container]) => ({
              attributeIndices: [indexOf(2, item), ...(container === undefined ? [] : [indexOf(1, container)])],
              values: [1n],
            })),
          },
        ],
      },
    ];
    const resourceProfiles = [
      // As the Collector writes them: by their positions.
      {
        resource: { attributes: [{ keyStrindex: 1, value: { stringValueStrindex: 3 } }] },
        scopeProfiles: scopeProfiles(own),
      },
      { resource: agentResource, scopeProfiles: scopeProfiles(agent) },
    ];
    return ExportProfilesServiceRequest.encode(
      ExportProfilesServiceRequest.fromPartial({ resourceProfiles, dictionary: { stringTable, attributeTable } }),
    ).finish();
  },
};

type Arrived = { readonly signal: Signal; readonly decoded: Decoded };

/** A backend that keeps every request as it came, and is slow, so that what comes meanwhile is merged. */
async function lendRawSink(): Promise<{ readonly address: string; readonly arrived: Arrived[] }> {
  const arrived: Arrived[] = [];
  const server = new Server();
  for (const signal of signals) {
    const bytes = (value: Buffer) => value;
    const path = shapes[signal].grpcPath;
    const method = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    } as const;
    server.addService(
      { Export: method },
      {
        Export: ({ request }: { request: Buffer }, done: (error: null, response: Buffer) => void) => {
          arrived.push({ signal, decoded: decode(signal, request) });
          setTimeout(() => done(null, Buffer.alloc(0)), 300);
        },
      },
    );
  }
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  return { address: `127.0.0.1:${port}`, arrived };
}

/** The name of each record and the pod of its resource, read by another library. */
function namesWithPods({ containers, strings }: Decoded): [name: string | undefined, pod: string | undefined][] {
  return containers.flatMap(({ resource, frames }) => {
    const [pod] = valuesOf(resource?.attributes ?? [], ["k8s.pod.name"], strings);
    return recordsIn(frames).map((record): [string | undefined, string | undefined] => [
      valuesOf(record.attributes, ["name"], strings)[0],
      pod,
    ]);
  });
}

/** What a test sends with, over gRPC. */
function lendCaller(address: string): (signal: Signal, body: Uint8Array) => Promise<void> {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const bytes = (value: Buffer) => value;
  return (signal, body) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(shapes[signal].grpcPath, bytes, bytes, Buffer.from(body), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
}

test("all four signals go in over gRPC and HTTP and come out with the pod of each record, merged but for profiles", async () => {
  const runtime = await lendRuntime({ pods });
  const sink = await lendRawSink();
  const agent = await lendAgent({
    runtime: runtime.endpoint,
    sink: sink.address,
    processors: ["cri_attributes", "batch"],
    queue: "{num_consumers: 1}",
  });
  const overGrpc = lendCaller(agent.grpc);
  const overHttp = async (signal: Signal, body: Uint8Array) => {
    const headers = { "content-type": "application/x-protobuf" };
    const answer = await fetch(`http://${agent.http}${shapes[signal].httpPath}`, {
      method: "POST",
      headers,
      body: Buffer.from(body),
    });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  };

  // From here on both containers are known in full, so that no request leaves in two parts.
  await overGrpc("traces", requests.traces("before"));
  const perRequest = 5;
  const arrivedOf = (signal: Signal) =>
    sink.arrived.filter((each) => each.signal === signal).flatMap(({ decoded }) => namesWithPods(decoded));
  await eventually(() => arrivedOf("traces").length === perRequest, { what: "the first records at the backend" });
  sink.arrived.length = 0;
  const sent = (signal: Signal) => (names.length + (signal === "traces" ? 1 : 0)) * perRequest;
  const names = ["a", "b", "c", "d", "e", "f"];
  const sending = signals.flatMap((signal) =>
    names.map((name, index) => (index % 2 === 0 ? overGrpc : overHttp)(signal, requests[signal](name))),
  );
  await Promise.all(sending);
  await eventually(() => signals.every((signal) => arrivedOf(signal).length >= names.length * perRequest), {
    what: "all records at the backend",
  });

  for (const signal of signals) {
    const expected = names.flatMap((name) => Object.values(itemsOf(name)).flat()).map(([name]) => [name, podOf(name)]);
    expect(new Map(arrivedOf(signal)), signal).toEqual(new Map(expected as [string, string][]));
    expect(arrivedOf(signal)).toHaveLength(expected.length);
    const bodies = sink.arrived.filter((each) => each.signal === signal).length;
    expect(
      signal === "profiles" ? bodies === names.length : bodies < names.length,
      `${signal} in ${bodies} requests`,
    ).toBe(true);
    expect(await agent.metric(`otelcol_receiver_accepted_${shapes[signal].items}`)).toBe(sent(signal));
    const sentName = `otelcol_exporter_sent_${shapes[signal].items}`;
    await eventually(async () => (await agent.metric(sentName)) === sent(signal), {
      what: `${sentName} ${sent(signal)}`,
    });
  }
  const { frames = [] } =
    sink.arrived.find(({ signal }) => signal === "metrics")?.decoded.containers[1]?.frames[0] ?? {};
  expect(frames.map((metric) => ({ ...metric, frames: undefined, $typeName: undefined }))).toMatchObject([
    { name: "gauge" },
    { name: "histogram" },
  ]);
});

test("the Collector itself reads the pod of each record, in every signal", { timeout: 60_000 }, async ({ skip }) => {
  const program = findTool("otelcol");
  if (program === undefined) return skip("the Collector is not built here: test/tools/build.sh collector");
  const workspace = createWorkspace();
  onTestFinished(() => wipe(workspace));
  const config = join(workspace, "collector.yaml");
  const address = `127.0.0.1:${await freePort()}`;
  const pipeline = { receivers: ["otlp"], exporters: ["debug"] };
  const settings = {
    receivers: { otlp: { protocols: { grpc: { endpoint: address } } } },
    exporters: { debug: { verbosity: "detailed" } },
    service: {
      telemetry: { metrics: { level: "none" } },
      pipelines: Object.fromEntries(signals.map((signal) => [signal, pipeline])),
    },
  };
  writeFileSync(config, JSON.stringify(settings));
  const args = ["--config", config, "--feature-gates", "service.profilesSupport"];
  const collector = await startProcess({ name: "the Collector", command: program, args });
  onTestFinished(async () => void (await collector.stop()));
  await collector.line(/Everything is ready/, 20_000);
  const runtime = await lendRuntime({ pods });
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: address, processors: ["cri_attributes", "batch"] });
  const send = lendCaller(agent.grpc);

  for (const signal of signals) {
    const before = collector.output().length;
    await send(signal, requests[signal]("a"));
    // Each resource begins with this line and ends where the next one begins.
    const podsSeen = () =>
      collector
        .output()
        .slice(before)
        .split(/Resource(?:Spans|Metrics|Log|Profiles) #\d+/)
        .slice(1)
        .flatMap((text) => /-> k8s\.pod\.name: Str\((.*)\)/.exec(text)?.[1] ?? []);
    await eventually(() => podsSeen().length >= 3, { what: `the pods of ${signal} at the Collector` });
    expect(
      podsSeen().toSorted((a, b) => a.localeCompare(b)),
      signal,
    ).toEqual(["pay-1", "web-1", "web-1"]);
  }
});
