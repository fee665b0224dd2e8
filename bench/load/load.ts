// Sends export requests over OTLP/gRPC: four connections, eight streams on each. Usage: node bench/load/load.ts OPTIONS (LoadOptions as JSON).
// As fast as they are answered, or at a fixed rate. Spans are numbered in their IDs. Prints a LoadResult as JSON.
import { readFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { shapes, signals } from "../../src/otlp/signals.ts";
import { createMessages, type LoadOptions, quantiles } from "./loading.ts";
import { exportHeaders, framed, settings, windowBytes } from "./wire.ts";

const options = JSON.parse(process.argv[2] ?? "") as LoadOptions;
const { port, count, rate, compression, tlsCa } = options;
const signal = signals.find((known) => known === options.signal) ?? "traces";
const connections = 4;
const streams = 8;
const headers = {
  ...exportHeaders(shapes[signal].grpcPath),
  ...(compression === "none" ? {} : { "grpc-encoding": compression }),
};
const next = createMessages(options, (body) => framed(body, compression !== "none"));
const latencies: number[] = [];
let failed = 0;

/** One export; resolves when it was answered. */
function send(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    const began = performance.now();
    const request = session.request(headers);
    let isAcknowledged = false;
    request.on("trailers", (trailers) => (isAcknowledged = trailers["grpc-status"] === "0"));
    request.on("data", () => undefined);
    request.on("error", () => undefined); // "close" follows
    request.on("close", () => {
      latencies.push(performance.now() - began);
      if (!isAcknowledged) failed++;
      resolve();
    });
    request.end(next());
  });
}

const ca = tlsCa === undefined ? undefined : readFileSync(tlsCa);
const sessions = await Promise.all(
  Array.from({ length: connections }, async () => {
    const scheme = ca === undefined ? "http" : "https";
    const session = connect(`${scheme}://127.0.0.1:${port}`, { settings, ...(ca === undefined ? {} : { ca }) });
    await new Promise((resolve) => session.on("connect", resolve));
    session.setLocalWindowSize(windowBytes);
    return session;
  }),
);

let sent = 0;
const begin = performance.now();
if (rate === undefined) {
  const work = async (session: ClientHttp2Session) => {
    while (sent < count) {
      sent++;
      await send(session);
    }
  };
  await Promise.all(sessions.flatMap((session) => Array.from({ length: streams }, () => work(session))));
} else {
  const open: Promise<void>[] = [];
  while (sent < count) {
    const due = Math.min(count, Math.floor(((performance.now() - begin) / 1000) * rate) + 1);
    for (; sent < due; sent++) {
      const session = sessions[sent % sessions.length];
      if (session !== undefined) open.push(send(session));
    }
    await sleep(1);
  }
  await Promise.all(open);
}
const seconds = (performance.now() - begin) / 1000;
process.stdout.write(`${JSON.stringify({ requests: sent, failed, seconds, latencyMs: quantiles(latencies) })}\n`);
for (const session of sessions) session.close();
