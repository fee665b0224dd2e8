// Sends one export request again and again: four connections, eight streams on each.
// Usage: node bench/load.ts PORT FILE REQUESTS SIGNAL COMPRESSION; prints {requests, failed, seconds}.
import { readFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { shapes, signals } from "../src/otlp/signals.ts";
import { bodyOf, exportHeaders, framed, plainGrpc, settings, windowBytes } from "./wire.ts";

const [, , port = "", file = "", count = "", name = "", compressed = "none"] = process.argv;
const signal = signals.find((known) => known === name) ?? "traces";
const compression = compressed === "gzip" || compressed === "zstd" ? compressed : "none";
const connections = 4;
const streams = 8;
const message = framed(bodyOf(readFileSync(file), signal, { ...plainGrpc, compression }), compression !== "none");
const headers = {
  ...exportHeaders(shapes[signal].grpcPath),
  ...(compression === "none" ? {} : { "grpc-encoding": compression }),
};
let left = Number(count);
let failed = 0;

/** One export; resolves with whether it was acknowledged. */
function send(session: ClientHttp2Session): Promise<boolean> {
  return new Promise((resolve) => {
    const request = session.request(headers);
    let isAcknowledged = false;
    request.on("trailers", (trailers) => (isAcknowledged = trailers["grpc-status"] === "0"));
    request.on("data", () => undefined);
    request.on("error", () => undefined); // "close" follows
    request.on("close", () => resolve(isAcknowledged));
    request.end(message);
  });
}

async function work(session: ClientHttp2Session): Promise<void> {
  while (left > 0) {
    left--;
    if (!(await send(session))) failed++;
  }
}

const sessions = Array.from({ length: connections }, () => connect(`http://127.0.0.1:${port}`, { settings }));
for (const session of sessions) session.on("connect", () => session.setLocalWindowSize(windowBytes));
const begin = performance.now();
await Promise.all(sessions.flatMap((session) => Array.from({ length: streams }, () => work(session))));
process.stdout.write(
  `${JSON.stringify({ requests: Number(count), failed, seconds: (performance.now() - begin) / 1000 })}\n`,
);
for (const session of sessions) session.close();
