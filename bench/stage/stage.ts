import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeCertificates } from "../../test/support/net/certificates.ts";
import { startCriServer } from "../../test/support/cri/server.ts";
import { freePort } from "../../test/support/net/ports.ts";
import { startProcess } from "../../test/support/machine/processes.ts";
import { createWorkspace, wipe } from "../../test/support/machine/workspace.ts";
import type { Arrived } from "../sink/arriving.ts";
import type { Contender, Setup, Start, Surroundings } from "../contenders/contender.ts";
import type { LoadOptions, LoadResult } from "../load/loading.ts";
import { startSink } from "../sink/sinking.ts";

/** What a comparison takes place on: a sink, a runtime, an API server, all of the same containers, and those who are compared. */
export type Stage = AsyncDisposable & {
  readonly folder: string;
  readonly containerIds: readonly string[];
  readonly contenders: readonly Contender[];
  readonly sinkPort: number;
  readonly caFile: string;
  /** What has arrived at the sink since the last call. */
  arrived(): Promise<Arrived>;
  /** Sends, from a process of its own so that its work is nobody else's. */
  load(how: "grpc" | "http", options: LoadOptions): Promise<LoadResult>;
};

/** Sets it up with those of `starts` that this machine has. */
export async function createStage(setup: Setup, starts: readonly Start[]): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const folder = createWorkspace();
  stack.defer(() => wipe(folder));
  const runtime = stack.adopt(await startCriServer(), (server) => server.close());
  const pods = Object.fromEntries(
    Array.from({ length: setup.known }, (_, index) => {
      const name = `pod-${index}`;
      const uid = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
      return [runtime.add(runtime.addPod({ name, namespace: "shop", uid }), { name: "app" }), name];
    }),
  );
  const podsFile = join(folder, "pods.json");
  writeFileSync(podsFile, JSON.stringify(pods));
  const certificates = stack.adopt(makeCertificates(), (made) => made.remove());
  const tls = {
    keyFile: join(folder, "server.key"),
    certFile: join(folder, "server.pem"),
    caFile: certificates.caFile,
  };
  writeFileSync(tls.keyFile, certificates.key);
  writeFileSync(tls.certFile, certificates.cert);

  const [sinkPort, apiPort] = await Promise.all([freePort(), freePort()]);
  const sink = stack.adopt(
    await startSink([String(sinkPort), podsFile, ...(setup.hasTls ? [tls.keyFile, tls.certFile] : [])]),
    (started) => started.stop(),
  );
  const api = stack.adopt(
    await startProcess({
      name: "the API server's stand-in",
      command: process.execPath,
      args: [join(import.meta.dirname, "kube-api.ts"), String(apiPort), podsFile],
    }),
    async (started) => void (await started.stop()),
  );
  await api.line(/^ready$/, 10_000);

  const surroundings: Surroundings = { folder, sinkPort, runtime: runtime.endpoint, apiPort, tls };
  const contenders: Contender[] = [];
  for (const start of starts) {
    const contender = await start(surroundings, setup);
    if (contender !== undefined) contenders.push(stack.use(contender));
  }
  const owned = stack.move();
  return {
    folder,
    containerIds: Object.keys(pods),
    contenders,
    sinkPort,
    caFile: tls.caFile,
    arrived: sink.arrived,
    load: runLoad,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const run = promisify(execFile);

async function runLoad(how: "grpc" | "http", options: LoadOptions): Promise<LoadResult> {
  const script = join(import.meta.dirname, "../load", how === "grpc" ? "load.ts" : "load-http.ts");
  const { stdout } = await run(process.execPath, [script, JSON.stringify(options)]);
  return JSON.parse(stdout) as LoadResult;
}
