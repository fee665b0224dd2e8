import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { folder } from "../../support/grpc/serving.ts";
import { freePort } from "../../support/net/ports.ts";
import { startProcess } from "../../support/machine/processes.ts";
import type { Running } from "../../support/machine/processes.ts";
import { eventually } from "../../support/eventually.ts";
import { connect } from "node:net";

/** A program that ends when its test does. */
export async function lendProcess(command: string, args: readonly string[], name = command): Promise<Running> {
  const running = await startProcess({ name, command, args });
  onTestFinished(async () => {
    await running.stop();
  });
  return running;
}

/** Runs a program to its end: what it wrote, both streams. */
export async function run(command: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const running = await lendProcess(command, args);
  const { code } = await running.exited;
  return { code, output: running.output() };
}

/** nginx with grpc_pass before `backend`; returns its own address. */
export async function lendNginx(path: string, backend: string): Promise<string> {
  const port = await freePort();
  const at = folder();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${at}/${name};`)
    .join(" ");
  writeFileSync(
    join(at, "nginx.conf"),
    `worker_processes 1; daemon off; master_process off; error_log stderr; pid ${at}/pid;
events { worker_connections 256; }
http {
  access_log off; client_max_body_size 64m; ${temporary}
  upstream backend { server ${backend}; keepalive 4; }
  server { listen 127.0.0.1:${port} http2; location / { grpc_pass grpc://backend; } }
}
`,
  );
  await lendProcess(path, ["-p", at, "-c", join(at, "nginx.conf")], "nginx");
  await eventually(() => isListening(port), { what: "nginx" });
  return `127.0.0.1:${port}`;
}

/** Whether somebody listens on this port of loopback. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** Calls a server: sizes of messages, compressed ones, codes, a deadline; prints a line for each. */
export const pythonClient = `
import grpc, sys
channel = grpc.insecure_channel(sys.argv[1], options=[("grpc.max_receive_message_length", -1)])
call = channel.unary_unary(sys.argv[2])
for size in (0, 1, 1000, 16384, 70000, 3000000):
    print("echo", size, call(b"x" * size, timeout=20, metadata=(("x-size", str(size)),)) == b"x" * size, flush=True)
print("gzip", call(b"y" * 500000, timeout=20, compression=grpc.Compression.Gzip) == b"y" * 500000, flush=True)
futures = [call.future(bytes([i]) * (i * 500), timeout=20) for i in range(200)]
print("many", all(f.result() == bytes([i]) * (i * 500) for i, f in enumerate(futures)), flush=True)
for what in (b"refuse", b"sleep"):
    try:
        call(what, timeout=1)
    except grpc.RpcError as error:
        print(what.decode(), error.code().name, error.details(), flush=True)
try:
    channel.unary_unary("/no.such/Method")(b"", timeout=5)
except grpc.RpcError as error:
    print("unknown", error.code().name, flush=True)
`;

/** A server that answers every call with its own bytes, or with what they ask for. */
export const pythonServer = `
import grpc, time
from concurrent import futures
def answer(request, context):
    if request == b"refuse":
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "zu viel: 100% \\u00f6fter")
    if request == b"sleep":
        time.sleep(5)
    return request
class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        return grpc.unary_unary_rpc_method_handler(answer)
server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.max_receive_message_length", -1)])
server.add_generic_rpc_handlers((Handler(),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(f"port {port}.", flush=True)
server.wait_for_termination()
`;
