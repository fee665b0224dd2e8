import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { signals } from "../../src/otlp/signals.ts";
import { freePort } from "../../test/support/net/ports.ts";
import { startProcess } from "../../test/support/machine/processes.ts";
import { usageOf } from "../stage/usage.ts";
import type { Setup, Start, Surroundings } from "./contender.ts";

type Variant = {
  readonly name: string;
  readonly transport: "native" | "node";
  /** Whether the processor is there; without it podstamp only passes on. */
  readonly stamps: boolean;
};

/** podstamp as `npm run build` makes it. */
export function podstamp(variant: Variant): Start {
  return async (surroundings, setup) => {
    const [grpcPort, httpPort] = await Promise.all([freePort(), freePort()]);
    const file = join(surroundings.folder, `podstamp-${grpcPort}.json`);
    writeFileSync(file, JSON.stringify(config({ grpcPort, httpPort }, { ...surroundings, ...setup, ...variant })));
    const running = await startProcess({
      name: variant.name,
      command: process.execPath,
      args: [built, "--config", file],
    });
    await running.line(/Everything is ready/, 20_000);
    return {
      name: variant.name,
      stamps: variant.stamps,
      grpcPort,
      httpPort,
      usage: usageOf(running.pid),
      async [Symbol.asyncDispose]() {
        await running.stop();
      },
    };
  };
}

/** What `npm run build` makes. */
export const built = join(import.meta.dirname, "../../dist/main.cjs");

type Ports = { readonly grpcPort: number; readonly httpPort: number };

function config({ grpcPort, httpPort }: Ports, options: Surroundings & Setup & Variant): unknown {
  const { tls, sinkPort, runtime, hasTls, hasQueue, compression, transport, stamps } = options;
  const server = hasTls ? { tls: { key_file: tls.keyFile, cert_file: tls.certFile } } : {};
  const processors = [...(stamps ? ["cri_attributes"] : []), ...(hasQueue ? ["batch"] : [])];
  return {
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: `127.0.0.1:${grpcPort}`, transport, ...server },
          http: { endpoint: `127.0.0.1:${httpPort}`, ...server },
        },
      },
    },
    processors: {
      ...(stamps ? { cri_attributes: { runtimes: [{ type: "cri", endpoint: runtime }], node_name: "node-1" } } : {}),
      ...(hasQueue ? { batch: {} } : {}),
    },
    exporters: {
      otlp_grpc: {
        endpoint: `127.0.0.1:${sinkPort}`,
        transport,
        tls: hasTls ? { ca_file: tls.caFile } : { insecure: true },
        compression,
        sending_queue: { enabled: hasQueue },
        retry_on_failure: { enabled: hasQueue },
      },
    },
    service: {
      telemetry: { logs: { level: "info" }, metrics: { level: "none" } },
      pipelines: Object.fromEntries(
        signals.map((signal) => [signal, { receivers: ["otlp"], processors, exporters: ["otlp_grpc"] }]),
      ),
    },
  };
}
