import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../net/ports.ts";
import { startProcess } from "../machine/processes.ts";
import { createWorkspace, wipe } from "../machine/workspace.ts";

/** Jaeger with storage in memory: "host:port" where it takes OTLP and where it answers questions. */
export type Jaeger = {
  readonly otlp: string;
  readonly query: string;
  stop(): Promise<void>;
};

/** Starts one of the program that test/tools/build.sh builds; returns when it is ready. */
export async function startJaeger(program: string): Promise<Jaeger> {
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
  const stop = async () => {
    // Asked to end, it takes ten seconds; there is nothing that it would have to save.
    await jaeger.stop(0);
    await wipe(folder);
  };
  try {
    await jaeger.line(/Everything is ready/, 20_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { otlp, query, stop };
}
