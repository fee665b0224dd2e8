import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync, zstdCompressSync, deflateSync } from "node:zlib";
import { snap } from "../../src/net/snappy/block.ts";
import { frame } from "../../src/net/snappy/framed.ts";
import { protobufToJson } from "../../src/otlp/json/write.ts";
import { requestNames } from "../../src/otlp/json/schema.ts";
import { signals } from "../../src/otlp/signals.ts";
import type { Signal } from "../../src/otlp/signals.ts";
import { encodeLetter } from "../../src/pipeline/sending/letter.ts";
import { encodeRecord } from "../../src/pipeline/queue/record.ts";
import { makeSignalRequest } from "../../bench/load/signal-requests.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

const containers = ["ab".repeat(32), "cd".repeat(32)];

/** Requests of a signal, small and not so small. */
export const requests: Readonly<Record<Signal, readonly Buffer[]>> = {
  traces: requestsOf("traces"),
  metrics: requestsOf("metrics"),
  logs: requestsOf("logs"),
  profiles: requestsOf("profiles"),
};

function requestsOf(signal: Signal): readonly Buffer[] {
  return [400, 4000].flatMap((bytes) =>
    (["resource", "records"] as const).map((ids) =>
      Buffer.from(makeSignalRequest({ signal, bytes, ids, containerIds: containers }).bytes),
    ),
  );
}

/** The same in JSON. */
export const jsonRequests: Readonly<Record<Signal, readonly Buffer[]>> = {
  traces: jsonOf("traces"),
  metrics: jsonOf("metrics"),
  logs: jsonOf("logs"),
  profiles: jsonOf("profiles"),
};

function jsonOf(signal: Signal): readonly Buffer[] {
  return requests[signal].flatMap((bytes) => {
    const made = protobufToJson(requestNames[signal], bytes);
    return made.status === "ok" ? [made.bytes] : [];
  });
}

/** What container runtimes answered, as recorded. */
export const answers: readonly unknown[] = globSync("test/fixtures/runtimes/*.json", { cwd: root }).map((file) =>
  JSON.parse(readFileSync(`${root}${file}`, "utf8")),
);

/** Configurations, right and wrong ones. */
export const configurations: readonly Buffer[] = globSync(["config/*.yaml", "test/config/bad/*.yaml"], {
  cwd: root,
}).map((file) => readFileSync(`${root}${file}`));

/** What the kernel's probes told, as recorded. */
export const ringRecords: readonly Buffer[] = globSync("test/fixtures/ebpf/*.bin", { cwd: root }).map((file) =>
  readFileSync(`${root}${file}`).subarray(0, 60_000),
);

/** Files of queues. */
export const queueFiles: readonly Buffer[] = [readFileSync(`${root}test/fixtures/file-storage/format-1.db`)];
export const queueRecords: readonly Buffer[] = signals.map((signal) =>
  Buffer.from(
    encodeRecord({ signal, bytes: requests[signal][0] ?? Buffer.of(), items: 3, parts: [{ end: 5, items: 3 }] }, 1),
  ),
);
export const letters: readonly Buffer[] = signals.map((signal) =>
  Buffer.concat([
    ...encodeLetter(
      { signal, bytes: requests[signal][0] ?? Buffer.of(), items: 3 },
      { exporter: "otlp_grpc", at: "2026-11-24T12:00:00Z", reason: "refused", error: "no" },
    ),
  ]),
);

const bomb = Buffer.alloc(4 * 1024 * 1024);

/** Compressed requests and bombs. */
export const compressed = {
  gzip: [gzipSync(bomb), ...requests.traces.map((bytes) => gzipSync(bytes))],
  deflate: [deflateSync(bomb), ...requests.traces.map((bytes) => deflateSync(bytes))],
  zstd: [zstdCompressSync(bomb), ...requests.traces.map((bytes) => zstdCompressSync(bytes))],
  snappy: [snap(bomb), frame(bomb), ...requests.traces.flatMap((bytes) => [snap(bytes), frame(bytes)])],
} as const;

/** Lines of /proc/PID/cgroup and paths of cgroups. */
export const cgroups: readonly Buffer[] = strings("test/fixtures/cgroup-cases.json");
/** References of images. */
export const images: readonly Buffer[] = strings("test/fixtures/image-cases.json");

/** Every string of a document. */
function strings(file: string): readonly Buffer[] {
  const found: Buffer[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === "string") found.push(Buffer.from(value));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit(JSON.parse(readFileSync(`${root}${file}`, "utf8")));
  return found;
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** Settings, a request's headers of RFC 7541 with Huffman codes, data, a ping, a window, a reset, a goaway. */
const frames =
  "00000c0400000000000003000000640004000affff" +
  "000014010400000001828684418cf1e3c2e5f23a6ba0ab90f4ff5302746501" +
  "00000a00010000000100000000050a03616263" +
  "0000080600000000000102030405060708" +
  "000004080000000001000fffff" +
  "00000403000000000100000008" +
  "0000080700000000000000000100000000";

/** Connections of HTTP/2. */
export const connections: readonly Buffer[] = [
  Buffer.concat([Buffer.from(preface), Buffer.from(frames, "hex")]),
  Buffer.from(frames, "hex"),
];

/** Header blocks of RFC 7541, appendix C. */
export const headerBlocks: readonly Buffer[] = [
  "828684410f7777772e6578616d706c652e636f6d",
  "828684be58086e6f2d6361636865",
  "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
  "828684418cf1e3c2e5f23a6ba0ab90f4ff",
  "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
].map((hex) => Buffer.from(hex, "hex"));

/** Messages of gRPC. */
export const messages: readonly Buffer[] = requests.traces.map((bytes) => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
});
