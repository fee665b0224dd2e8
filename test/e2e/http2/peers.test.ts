import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { TestContext } from "vitest";
import { Code, ok } from "../../../src/net/status.ts";
import type { UnaryCall, UnaryReply } from "../../../src/net/transport.ts";
import { connecting, servePeer } from "../../support/grpc/calling.ts";
import { request, tracesPath } from "../../support/grpc/peer.ts";
import { folder, framed, peer, serving } from "../../support/grpc/serving.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/net/ports.ts";
import { findGrpcJava, findPeer } from "../../support/grpc/peers.ts";
import type { PeerName } from "../../support/grpc/peers.ts";
import type { Running } from "../../support/machine/processes.ts";
import { findTool } from "../../support/machine/tools.ts";
import { transports } from "../../support/grpc/transports.ts";
import { isListening, lendNginx, lendProcess, pythonClient, pythonServer, run } from "./peer-programs.ts";
import { aborted } from "../../support/grpc/aborted.ts";

function program(name: PeerName, { skip }: TestContext): string {
  const found = findPeer(name);
  return "path" in found ? found.path : skip(found.why);
}

/** Gives the bytes back, or what they ask for. */
async function echo(call: UnaryCall): Promise<UnaryReply> {
  if (call.message.equals(Buffer.from("refuse")))
    return { status: { code: Code.RESOURCE_EXHAUSTED, message: "zu viel: 100% öfter" } };
  if (call.message.equals(Buffer.from("sleep"))) await aborted(call.signal);
  return { status: ok, body: call.message };
}

function file(name: string, bytes: Buffer): string {
  const path = join(folder(), name);
  writeFileSync(path, bytes);
  return path;
}

const grpcHeaders = ["-H", "content-type: application/grpc", "-H", "te: trailers"];

const javaPeer = fileURLToPath(new URL("GrpcJava.java", import.meta.url));

/** Without what the Java machine says of itself. */
function isWord(line: string): boolean {
  return /^(echo|gzip|many|refuse|sleep|unknown) /.test(line);
}

async function lendPythonServer(context: TestContext): Promise<Running> {
  return lendProcess(program("python", context), ["-c", pythonServer], "python");
}

async function lendJavaServer({ skip }: TestContext): Promise<Running> {
  const java = findGrpcJava();
  if ("why" in java) return skip(java.why);
  return lendProcess(java.path, [...java.args, javaPeer, "server"], "java");
}

async function lendTonicServer({ skip }: TestContext): Promise<Running> {
  const tonic = findTool("tonic-peer");
  if (tonic === undefined) return skip("tonic is not built here: test/tools/build.sh tonic-peer");
  const port = await freePort();
  const running = await lendProcess(tonic, ["server", String(port)], "tonic");
  await eventually(() => isListening(port), { what: "tonic" });
  return running;
}

const servers = { "Python's grpcio": lendPythonServer, "grpc-java": lendJavaServer, tonic: lendTonicServer };

describe.each(transports)("a server on %s", (transport) => {
  const serve = serving(transport);

  test("answers curl, which posts a gRPC message", async (context) => {
    const curl = program("curl", context);
    const { address } = await serve(echo);
    const body = file("body", framed(Buffer.alloc(300_000, "bytes ")));
    const answer = join(folder(), "answer");
    const options = ["-sS", "--http2-prior-knowledge", "-D", "-", "-o", answer, "--max-time", "20"];
    const first = await run(curl, [
      ...options,
      ...grpcHeaders,
      "--data-binary",
      `@${body}`,
      `http://${address}${tracesPath}`,
    ]);
    expect(first.output).toMatch(/^HTTP\/2 200 [^]*content-type: application\/grpc[^]*grpc-status: 0/);
    const second = await run("cmp", [body, answer]);
    expect(second).toEqual({ code: 0, output: "" });
    expect((await run(curl, [...options, `http://${address}/`])).output).toMatch(/^HTTP\/2 405/);
  });

  test.for([
    ["as it does it by default", [] as readonly string[]],
    ["with padding", ["--padding=255"]],
    ["with a header block in CONTINUATION frames", ["--continuation"]],
    ["with small windows", ["--window-bits=10", "--connection-window-bits=10"]],
    ["without a header table", ["--header-table-size=0", "--encoder-header-table-size=0"]],
    ["with a header table that changes twice", ["--header-table-size=0", "--header-table-size=4096"]],
    ["five times", ["--multiply=5"]],
    ["without dependencies", ["--no-dep"]],
  ] as const)("answers nghttp %s", async ([, options], context) => {
    const nghttp = program("nghttp", context);
    const { address, calls } = await serve(echo);
    const body = file("body", framed(Buffer.alloc(100_000, "bytes ")));
    const { output } = await run(nghttp, [
      "-v",
      "-n",
      "-t",
      "20",
      ...options,
      ...grpcHeaders,
      "-H",
      ":method: POST",
      "-d",
      body,
      `http://${address}${tracesPath}`,
    ]);
    const count = options[0] === "--multiply=5" ? 5 : 1;
    expect(output.match(/grpc-status: 0/g)).toHaveLength(count);
    expect(output).not.toMatch(/RST_STREAM|INVALID|error_code=(?!NO_ERROR)/);
    expect(calls).toHaveLength(count);
  });

  test("answers all of h2load's calls, small and large ones", async (context) => {
    const h2load = program("h2load", context);
    const { address, calls } = await serve();
    for (const [size, count] of [
      [100, 5000],
      [150_000, 200],
    ] as const) {
      const body = file("body", framed(Buffer.alloc(size)));
      const load = ["-n", String(count), "-c", "4", "-m", "32", "-d", body, ...grpcHeaders];
      const { output } = await run(h2load, [...load, `http://${address}${tracesPath}`]);
      expect(output).toContain(`${count} done, ${count} succeeded, 0 failed, 0 errored, 0 timeout`);
    }
    expect(calls).toHaveLength(5200);
  });

  test("answers Python's grpcio", async (context) => {
    const python = program("python", context);
    const { address, calls } = await serve(echo);
    const { output } = await run(python, ["-c", pythonClient, address, tracesPath]);
    expect(output.trim().split("\n")).toEqual([
      ...[0, 1, 1000, 16_384, 70_000, 3_000_000].map((size) => `echo ${size} True`),
      "gzip True",
      "many True",
      "refuse RESOURCE_EXHAUSTED zu viel: 100% öfter",
      "sleep DEADLINE_EXCEEDED Deadline Exceeded",
      "unknown UNIMPLEMENTED",
    ]);
    expect(calls[3]?.metadata("x-size")).toBe("16384");
    expect(calls.filter((call) => call.signal.aborted)).toHaveLength(1);
  });

  test("answers grpc-java", async ({ skip }) => {
    const java = findGrpcJava();
    if ("why" in java) return skip(java.why);
    const { address, calls } = await serve(echo);
    const { output } = await run(java.path, [...java.args, javaPeer, "client", address, tracesPath]);
    expect(output.trim().split("\n").filter(isWord)).toEqual([
      ...[0, 1, 1000, 16_384, 70_000, 3_000_000].map((size) => `echo ${size} true`),
      "gzip true",
      "many true",
      "refuse RESOURCE_EXHAUSTED zu viel: 100% öfter",
      "sleep DEADLINE_EXCEEDED",
      "unknown UNIMPLEMENTED",
    ]);
    expect(calls.filter((call) => call.signal.aborted)).toHaveLength(1);
  });

  test("answers tonic", async ({ skip }) => {
    const tonic = findTool("tonic-peer");
    if (tonic === undefined) return skip("tonic is not built here: test/tools/build.sh tonic-peer");
    const { address, calls } = await serve(echo);
    const { output } = await run(tonic, ["client", address, tracesPath]);
    // tonic ends a call itself when its time is up, at the moment when we would: whoever is first says it.
    expect(output.replace("sleep DeadlineExceeded", "sleep Cancelled").trim().split(/ *\n/)).toEqual([
      ...[0, 1, 1000, 16_384, 70_000, 3_000_000].map((size) => `echo ${size} true`),
      "gzip true",
      "many true",
      "refuse ResourceExhausted zu viel: 100% öfter",
      "sleep Cancelled",
      "unknown Unimplemented",
    ]);
    await eventually(() => calls.filter((call) => call.signal.aborted).length === 1, { what: "the end of the call" });
  });

  test("answers through nginx", async (context) => {
    const { address } = await serve(echo);
    const client = peer(await lendNginx(program("nginx", context), address));
    for (const size of [1, 100_000, 3_000_000]) {
      const bytes = Buffer.alloc(size, "bytes ");
      expect((await client.call(bytes)).body?.equals(bytes)).toBe(true);
    }
    expect(await client.call(Buffer.from("refuse"))).toMatchObject({ code: 8, details: "zu viel: 100% öfter" });
    const many = await Promise.all(Array.from({ length: 300 }, (_, i) => client.call(Buffer.alloc(i * 50, i))));
    expect(many.every(({ body }, i) => body?.equals(Buffer.alloc(i * 50, i)))).toBe(true);
  });
});

describe.each(transports)("a client on %s", (transport) => {
  const connect = connecting(transport);

  test.for(Object.entries(servers))("calls %s", async ([, lend], context) => {
    const running = await lend(context);
    const port = /\d+/.exec(await running.line(/^port \d+\.$/, 30_000))?.[0];
    const client = connect(`127.0.0.1:${port}`);
    for (const size of [0, 1, 16_384, 70_000, 3_000_000]) {
      const bytes = Buffer.alloc(size, "bytes ");
      expect(Buffer.from((await client.call(request(bytes))).body ?? []).equals(bytes)).toBe(true);
    }
    const many = await Promise.all(
      Array.from({ length: 200 }, (_, i) => client.call(request(Buffer.alloc(i * 100, i)))),
    );
    expect(many.every(({ body }, i) => Buffer.alloc(i * 100, i).equals(Buffer.from(body ?? [])))).toBe(true);
    expect((await client.call(request(Buffer.from("refuse")))).status).toMatchObject({
      code: Code.RESOURCE_EXHAUSTED,
      message: "zu viel: 100% öfter",
    });
    // The server knows the time too, and may be the first to end the call.
    const late = await client.call(request(Buffer.from("sleep"), { timeoutMs: 300 }));
    expect([Code.DEADLINE_EXCEEDED, Code.CANCELLED]).toContain(late.status.code);
    expect((await client.call(request(Buffer.from("after it")))).status).toEqual(ok);
    const gzip = connect(`127.0.0.1:${port}`, { compression: "gzip" });
    expect(Buffer.from((await gzip.call(request(Buffer.alloc(500_000, 1)))).body ?? [])).toHaveLength(500_000);
  });

  test("calls through nginx", async (context) => {
    const backend = await servePeer((bytes) => ({ body: bytes }));
    const client = connect(await lendNginx(program("nginx", context), backend.address));
    for (const size of [1, 100_000, 3_000_000]) {
      const bytes = Buffer.alloc(size, "bytes ");
      expect(Buffer.from((await client.call(request(bytes))).body ?? []).equals(bytes)).toBe(true);
    }
    // nginx ends a connection after 1000 requests. It says the last one it took: those beyond it go elsewhere, none twice.
    let repeated = 0;
    const call = async (): Promise<number> => {
      const { code } = (await client.call(request(Buffer.from("one of many")))).status;
      if (code !== Code.UNAVAILABLE) return code;
      repeated++;
      return (await client.call(request(Buffer.from("one of many")))).status.code;
    };
    for (let i = 0; i < 3000; i += 100) {
      const codes = await Promise.all(Array.from({ length: 100 }, call));
      expect(codes).toEqual(codes.map(() => Code.OK));
    }
    // node:http2 leaves that to the caller.
    expect(transport === "node" ? 0 : repeated).toBe(0);
    expect(backend.received).toHaveLength(3003);
  });
});
