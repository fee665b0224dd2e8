import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../test/support/net/ports.ts";
import { startProcess } from "../../test/support/machine/processes.ts";
import { usageOf } from "../stage/usage.ts";
import type { Contender, Start } from "./contender.ts";

/** Those who only pass bytes on, as floors to compare with; they do neither TLS nor queues. */
export const forwarders: Readonly<Record<string, Start>> = {
  "node:http2 forwarder": script("node:http2 forwarder", "forward-http2.ts"),
  "grpc-js forwarder": script("grpc-js forwarder", "forward-grpc-js.ts"),
  "nginx grpc_pass": nginx,
};

function script(name: string, file: string): Start {
  return async ({ sinkPort }) => {
    const port = await freePort();
    const args = [join(import.meta.dirname, file), String(port), String(sinkPort)];
    const running = await startProcess({ name, command: process.execPath, args });
    await running.line(/^ready$/, 10_000);
    return forwarder(name, port, running);
  };
}

async function nginx({ folder, sinkPort }: Parameters<Start>[0]): Promise<Contender | undefined> {
  const name = "nginx grpc_pass";
  const command = ["/usr/sbin", "/usr/bin"].find((path) => readdirSync(path).includes("nginx"));
  if (command === undefined) return undefined;
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/nginx-${kind};`)
    .join(" ");
  writeFileSync(
    join(folder, "nginx.conf"),
    `worker_processes 1; daemon off; error_log stderr notice; pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http { access_log off; http2_recv_buffer_size 1m; client_max_body_size 64m; client_body_buffer_size 4m; ${temporary}
  upstream sink { server 127.0.0.1:${sinkPort}; keepalive 16; keepalive_requests 10000000; }
  server { listen 127.0.0.1:${port} http2; http2_max_concurrent_streams 512; keepalive_requests 10000000; location / { grpc_pass grpc://sink; grpc_buffer_size 1m; } } }
`,
  );
  const running = await startProcess({ name, command: "nginx", args: ["-c", join(folder, "nginx.conf")] });
  await running.line(/start worker process /, 10_000);
  return forwarder(name, port, running);
}

function forwarder(name: string, grpcPort: number, running: { pid: number; stop(): Promise<unknown> }): Contender {
  return {
    name,
    stamps: false,
    grpcPort,
    httpPort: undefined,
    usage: usageOf(running.pid),
    async [Symbol.asyncDispose]() {
      await running.stop();
    },
  };
}
