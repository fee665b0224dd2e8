// Posts export requests over HTTP/1.1, on 32 connections that are kept, as fast as they are answered.
// Usage: node bench/load/load-http.ts OPTIONS (LoadOptions as JSON); prints a LoadResult as JSON.
import { Agent, request } from "node:http";
import { shapes } from "../../src/otlp/signals.ts";
import { createMessages, type LoadOptions, quantiles } from "./loading.ts";

const options = JSON.parse(process.argv[2] ?? "") as LoadOptions;
const { port, count, signal, format, compression } = options;
const connections = 32;
const next = createMessages(options, (body) => body);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const latencies: number[] = [];
let left = count;
let failed = 0;

/** One export; resolves with whether it was acknowledged. */
function send(): Promise<boolean> {
  const body = next();
  const about = {
    host: "127.0.0.1",
    port,
    path: shapes[signal].httpPath,
    method: "POST",
    agent,
    headers: {
      "content-type": format === "json" ? "application/json" : "application/x-protobuf",
      "content-length": String(body.length),
      ...(compression === "none" ? {} : { "content-encoding": compression }),
    },
  };
  return new Promise((resolve) => {
    const sent = request(about, (response) => {
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
    const began = performance.now();
    if (!(await send())) failed++;
    latencies.push(performance.now() - began);
  }
}

const begin = performance.now();
await Promise.all(Array.from({ length: connections }, work));
const seconds = (performance.now() - begin) / 1000;
process.stdout.write(`${JSON.stringify({ requests: count, failed, seconds, latencyMs: quantiles(latencies) })}\n`);
agent.destroy();
