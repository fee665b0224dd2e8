import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../test/support/net/ports.ts";
import { startProcess } from "../../test/support/machine/processes.ts";
import { findTool } from "../../test/support/machine/tools.ts";
import { usageOf } from "../stage/usage.ts";
import type { Setup, Start, Surroundings } from "./contender.ts";

/** The Collector with k8s_attributes: PODSTAMP_BENCH_COLLECTOR, else what test/tools/build.sh built. */
export const collectorProgram = process.env["PODSTAMP_BENCH_COLLECTOR"] ?? findTool("otelcol");

/** The OpenTelemetry Collector, asking a stand-in of the API server; groupbyattrs puts IDs of records on resources. */
export const collector: Start = async (surroundings, setup) => {
  if (collectorProgram === undefined || !canStamp(collectorProgram)) return undefined;
  const [grpcPort, httpPort] = await Promise.all([freePort(), freePort()]);
  const { folder, apiPort } = surroundings;
  const file = join(folder, `collector-${grpcPort}.json`);
  writeFileSync(file, JSON.stringify(config({ grpcPort, httpPort }, { ...surroundings, ...setup })));
  writeFileSync(join(folder, "kubeconfig"), JSON.stringify(kubeconfig(apiPort)));
  const running = await startProcess({
    name: "Collector",
    command: collectorProgram,
    args: ["--config", file],
    env: { KUBECONFIG: join(folder, "kubeconfig") },
  });
  await running.line(/Everything is ready/, 30_000);
  return {
    name: "Collector",
    stamps: true,
    grpcPort,
    httpPort,
    usage: usageOf(running.pid),
    async [Symbol.asyncDispose]() {
      await running.stop();
    },
  };
};

function canStamp(program: string): boolean {
  const components = execFileSync(program, ["components"], { encoding: "utf8" });
  return ["k8s_attributes", "groupbyattrs"].every((name) => components.includes(`name: ${name}\n`));
}

type Ports = { readonly grpcPort: number; readonly httpPort: number };

function config(
  { grpcPort, httpPort }: Ports,
  { tls, sinkPort, ids, hasTls, hasQueue, compression }: Surroundings & Setup,
) {
  const server = hasTls ? { tls: { key_file: tls.keyFile, cert_file: tls.certFile } } : {};
  return {
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: `127.0.0.1:${grpcPort}`, max_recv_msg_size_mib: 64, ...server },
          http: { endpoint: `127.0.0.1:${httpPort}`, ...server },
        },
      },
    },
    processors: {
      ...(ids === "records" ? { groupbyattrs: { keys: ["container.id"] } } : {}),
      k8s_attributes: {
        auth_type: "kubeConfig",
        // What cri_attributes writes without being asked, as far as both know it.
        extract: {
          metadata: [
            "k8s.pod.name",
            "k8s.pod.uid",
            "k8s.namespace.name",
            "k8s.node.name",
            "k8s.container.name",
            "container.image.name",
            "container.image.tag",
            "container.id",
            "container.image.repo_digests",
          ],
        },
        pod_association: [{ sources: [{ from: "resource_attribute", name: "container.id" }] }],
      },
      ...(hasQueue ? { batch: {} } : {}),
    },
    exporters: {
      otlp_grpc: {
        endpoint: `127.0.0.1:${sinkPort}`,
        tls: hasTls ? { ca_file: tls.caFile } : { insecure: true },
        compression,
        sending_queue: { enabled: hasQueue },
        retry_on_failure: { enabled: hasQueue },
      },
    },
    service: {
      telemetry: { logs: { level: "info" }, metrics: { level: "none" } },
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: [
            ...(ids === "records" ? ["groupbyattrs"] : []),
            "k8s_attributes",
            ...(hasQueue ? ["batch"] : []),
          ],
          exporters: ["otlp_grpc"],
        },
      },
    },
  };
}

function kubeconfig(port: number) {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "bench", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "bench", user: {} }],
    contexts: [{ name: "bench", context: { cluster: "bench", user: "bench" } }],
    "current-context": "bench",
  };
}
