import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { freePort } from "./ports.ts";
import { startProcess } from "./processes.ts";
import { createWorkspace, wipe } from "./workspace.ts";

/** Jaeger with storage in memory, for one test: where it takes OTLP and where it answers questions. */
export async function lendJaeger(program: string): Promise<{ otlp: string; query: string }> {
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
