// Takes OTLP/gRPC and looks at every record of it. Usage: node bench/sink/sink.ts PORT PODS_FILE [KEY CERT]; at each line on standard input it
// prints what has come since the last one, as Arrived in bench/sink/arriving.ts. PODS_FILE: {container ID: pod's name} as JSON.
import { readFileSync } from "node:fs";
import { createSecureServer, createServer, type ServerHttp2Stream } from "node:http2";
import { createInterface } from "node:readline";
import { shapes, signals } from "../../src/otlp/signals.ts";
import { createArrivals } from "./arriving.ts";
import { settings, windowBytes } from "../load/wire.ts";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

const [, , port = "", podsFile = "", keyFile, certFile] = process.argv;
const arrivals = createArrivals(JSON.parse(readFileSync(podsFile, "utf8")) as Record<string, string>);
const answer = Buffer.alloc(5);

const server =
  keyFile === undefined || certFile === undefined
    ? createServer({ settings })
    : createSecureServer({ settings, key: readFileSync(keyFile), cert: readFileSync(certFile) });
server.on("session", (session) => session.setLocalWindowSize(windowBytes));
server.on("stream", (stream, headers) => {
  const signal = signals.find((known) => shapes[known].grpcPath === headers[":path"]) ?? "traces";
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => {
    arrivals.take(signal, unpacked(Buffer.concat(chunks), headers["grpc-encoding"]));
    acknowledge(stream);
  });
});
server.listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));

createInterface({ input: process.stdin }).on("line", () => {
  process.stdout.write(`${JSON.stringify(arrivals.report())}\n`);
});

function unpacked(framed: Buffer, encoding: unknown): Buffer {
  const message = framed.subarray(5);
  if (framed[0] !== 1) return message;
  return encoding === "zstd" ? zstdDecompressSync(message) : gunzipSync(message);
}

function acknowledge(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(answer);
}
