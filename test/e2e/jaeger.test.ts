import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../support/cri-answers.ts";
import { eventually } from "../support/eventually.ts";
import { lendAgent, lendRuntime, lendSender } from "../support/lend.ts";
import { freePort } from "../support/ports.ts";
import { startProcess } from "../support/processes.ts";
import { findTool } from "../support/tools.ts";
import { createWorkspace, wipe } from "../support/workspace.ts";

/** Starts Jaeger with storage in memory: where it takes OTLP and where it answers questions. */
async function startJaeger(program: string): Promise<{ otlp: string; query: string }> {
  const folder = createWorkspace();
  const [otlp, query, grpc] = [
    `127.0.0.1:${await freePort()}`,
    `127.0.0.1:${await freePort()}`,
    `127.0.0.1:${await freePort()}`,
  ];
  writeFileSync(
    join(folder, "jaeger.yaml"),
    `service:
  extensions: [jaeger_storage, jaeger_query]
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}
extensions:
  jaeger_query: {storage: {traces: memory}, http: {endpoint: "${query}"}, grpc: {endpoint: "${grpc}"}}
  jaeger_storage: {backends: {memory: {memory: {max_traces: 1000}}}}
receivers: {otlp: {protocols: {grpc: {endpoint: "${otlp}"}}}}
exporters: {jaeger_storage_exporter: {trace_storage: memory}}
`,
  );
  const jaeger = await startProcess({
    name: "jaeger",
    command: program,
    args: ["--config", join(folder, "jaeger.yaml")],
  });
  onTestFinished(async () => {
    await jaeger.stop();
    await wipe(folder);
  });
  await jaeger.line(/Everything is ready/, 20_000);
  return { otlp, query };
}

test(
  "Jaeger finds a trace that knew only its container by the name of the pod",
  { timeout: 60_000 },
  async ({ skip }) => {
    const program = findTool("jaeger");
    if (program === undefined) return skip("Jaeger is not built here: test/tools/build.sh jaeger");
    const container = newId();
    const runtime = await lendRuntime({
      pods: [{ name: "checkout-1", namespace: "pay", containers: [{ id: container, name: "checkout" }] }],
    });
    const jaeger = await startJaeger(program);
    const agent = await lendAgent({
      runtime: runtime.endpoint,
      sink: jaeger.otlp,
      processors: ["cri_attributes", "batch"],
    });
    await lendSender(agent.grpc).spanOf(container, "charge");

    const tags = encodeURIComponent(JSON.stringify({ "k8s.pod.name": "checkout-1" }));
    const ask = async (): Promise<unknown> =>
      (await fetch(`http://${jaeger.query}/api/traces?service=test&tags=${tags}`)).json();
    const found = await eventually(async () => JSON.stringify(await ask()).includes('"charge"') && ask(), {
      what: "the trace in Jaeger",
    });
    expect(JSON.stringify(found)).toContain('"key":"k8s.namespace.name","type":"string","value":"pay"');
  },
);
