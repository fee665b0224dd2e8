// Posts one export request again and again over HTTP/1.1, on 32 connections that are kept.
// Usage: node bench/load-http.ts PORT FILE REQUESTS SIGNAL FORMAT COMPRESSION; prints {requests, failed, seconds}.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { shapes, signals } from "../src/otlp/signals.ts";
import { bodyOf } from "./wire.ts";

const [, , port = "", file = "", count = "", name = "", written = "", compressed = ""] = process.argv;
const signal = signals.find((known) => known === name) ?? "traces";
const format = written === "json" ? "json" : "protobuf";
const compression = compressed === "gzip" || compressed === "zstd" ? compressed : "none";
const connections = 32;
const body = bodyOf(readFileSync(file), signal, { transport: "http", format, compression });
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const options = {
  host: "127.0.0.1",
  port: Number(port),
  path: shapes[signal].httpPath,
  method: "POST",
  agent,
  headers: {
    "content-type": format === "json" ? "application/json" : "application/x-protobuf",
    "content-length": String(body.length),
    ...(compression === "none" ? {} : { "content-encoding": compression }),
  },
};
let left = Number(count);
let failed = 0;

/** One export; resolves with whether it was acknowledged. */
function send(): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode === 200));
    });
    sent.on("error", () => resolve(false));
    sent.end(body);
  });
}

async function work(): Promise<void> {
  while (left > 0) {
    left--;
    if (!(await send())) failed++;
  }
}

const begin = performance.now();
await Promise.all(Array.from({ length: connections }, work));
process.stdout.write(
  `${JSON.stringify({ requests: Number(count), failed, seconds: (performance.now() - begin) / 1000 })}\n`,
);
agent.destroy();
