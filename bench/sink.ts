// Takes OTLP/gRPC over cleartext HTTP/2 and counts it. Usage: node bench/sink.ts PORT; prints its counts at each line on standard input.
import { createServer } from "node:http2";
import { createInterface } from "node:readline";
import { check } from "../src/otlp/check.ts";
import { shapes, signals } from "../src/otlp/signals.ts";
import { settings, windowBytes } from "./wire.ts";

const counts = { requests: 0, items: 0, stamped: 0, bytes: 0 };
const answer = Buffer.alloc(5);
const podName = Buffer.from("k8s.pod.name");

const server = createServer({ settings });
server.on("session", (session) => session.setLocalWindowSize(windowBytes));
server.on("stream", (stream, headers) => {
  const signal = signals.find((known) => shapes[known].grpcPath === headers[":path"]) ?? "traces";
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => {
    const message = Buffer.concat(chunks).subarray(5);
    const checked = check(signal, message);
    counts.requests++;
    counts.bytes += message.length;
    counts.items += checked.status === "valid" ? checked.items : 0;
    if (message.includes(podName)) counts.stamped++;
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(answer);
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1", () => process.stdout.write("ready\n"));

createInterface({ input: process.stdin }).on("line", () => {
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  Object.assign(counts, { requests: 0, items: 0, stamped: 0, bytes: 0 });
});
