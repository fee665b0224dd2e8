import { components } from "../../src/components.ts";
import { checkConfig } from "../../src/config/check.ts";
import { expandTree } from "../../src/config/document/expand.ts";
import { parseTree } from "../../src/config/document/tree.ts";
import { cgroupsInside, expandCgroupsPath, parseCgroup } from "../../src/containers/names/cgroup-path.ts";
import { parseContainerRef } from "../../src/containers/names/container-ref.ts";
import {
  normalizeRepository,
  parseImageReference,
  parseRepoDigest,
} from "../../src/containers/names/image-reference.ts";
import { createFraming } from "../../src/ebpf/loader/framing.ts";
import { readJsonPartialSuccess, readJsonStatusMessage } from "../../src/exporters/otlp-http/json-answer.ts";
import { openPages, readWal } from "../../src/extensions/file-storage/pages.ts";
import { findRecords } from "../../src/extensions/file-storage/rescue.ts";
import { inflate } from "../../src/net/compression.ts";
import { parseEndpoint } from "../../src/net/socket/endpoint.ts";
import { recognise } from "../../src/net/socket/foreign.ts";
import { FrameReader as MessageReader } from "../../src/net/grpc/frame.ts";
import { decodeBinary, decodeMessage, parseTimeout } from "../../src/net/grpc/headers.ts";
import { FrameReader } from "../../src/net/http2/frames/frame-reader.ts";
import type { FrameSink } from "../../src/net/http2/frames/frame-sink.ts";
import { HeadReader } from "../../src/net/http2/fields.ts";
import { createHpackDecoder } from "../../src/net/http2/hpack/decoder.ts";
import { parseRequestHead } from "../../src/net/http2/server/request-head.ts";
import { parseResponseHead } from "../../src/net/http2/client/response-head.ts";
import { transportNames } from "../../src/net/transport.ts";
import { decodeStatus } from "../../src/net/grpc/status-codec.ts";
import { check } from "../../src/otlp/check.ts";
import { decodePartialSuccess } from "../../src/otlp/response.ts";
import { signals } from "../../src/otlp/signals.ts";
import { decodeLetter } from "../../src/pipeline/sending/letter.ts";
import { decodeRecord } from "../../src/pipeline/queue/record.ts";
import { ListContainersResponse, ListPodSandboxResponse, ContainerStatusResponse } from "../../src/proto/cri/v1/api.ts";
import { containerDetails, containerFacts, podFacts } from "../../src/runtimes/cri/facts.ts";
import {
  addressesOf,
  dockerDetails,
  dockerHint,
  dockerListing,
  sandboxDetails,
} from "../../src/runtimes/engines/docker-facts.ts";
import { podmanDetails, podmanHint, podmanListing } from "../../src/runtimes/engines/podman-facts.ts";
import { parseVerboseInfo } from "../../src/runtimes/cri/verbose-info.ts";
import { givenReader } from "../ebpf/given-reader.ts";
import { createRandom, mutate, mutateJson } from "./mutate.ts";
import type { Random } from "./mutate.ts";
import { runJson, runProtobuf } from "./otlp.ts";
import { mustBe } from "./promise.ts";
import * as seeds from "./seeds.ts";
import { conversationSeeds, runServer, stopServer } from "./server.ts";

/** Something that takes bytes of others. It may refuse them; what it throws is a bug, and so is a promise it breaks. */
export type Target = {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  run(bytes: Buffer): void | Promise<void>;
  /** Ends what its inputs left running. */
  end?(): Promise<void>;
};

/** An input of a target, the same for the same number. */
export function inputOf(target: Target, number: number): Buffer {
  const random = createRandom(number);
  const pick = (): Buffer => target.seeds[random.below(target.seeds.length)] ?? Buffer.of();
  return mutate(pick(), pick(), random);
}

const sink: FrameSink = {
  onDataBegin: () => {},
  onData: () => {},
  onDataEnd: () => {},
  onHeaders: () => {},
  onReset: () => {},
  onSettings: () => {},
  onSettingsAck: () => {},
  onPing: () => {},
  onGoaway: () => {},
  onWindowUpdate: () => {},
  onIdleFrame: () => {},
  onStreamError: () => {},
  onConnectionError: () => {},
};

const maxBlockBytes = 8192;

function runFrames(bytes: Buffer): void {
  const reader = new FrameReader(sink, { maxFrameBytes: 16_384, maxBlockBytes, maxBlockFrames: 16 });
  for (let at = 0; at < bytes.length; at += 7) reader.push(bytes, at, Math.min(at + 7, bytes.length));
  mustBe(reader.held <= 8 * maxBlockBytes, "frames hold no more than they may");
}

function runHeaders(bytes: Buffer): void {
  const limits = { maxTableBytes: 4096, maxListBytes: 16_384, maxFields: 100 };
  for (const parse of [parseRequestHead, parseResponseHead]) {
    const reader = new HeadReader<unknown>(createHpackDecoder(limits), parse);
    for (let i = 0; i < 2; i++) reader.read({ bytes, start: 0, end: bytes.length, arrived: bytes.length });
  }
}

function runMessages(bytes: Buffer): void {
  const reader = new MessageReader(4096);
  for (let at = 0; at < bytes.length; at += 100) {
    const frame = reader.push(bytes.subarray(at, at + 100));
    mustBe(reader.held <= 16_384, "a message holds no more than has come");
    if (frame.status !== "incomplete") return;
  }
}

const inflatedLimit = 1024 * 1024;

async function runInflate(encoding: "gzip" | "deflate" | "zstd" | "snappy", bytes: Buffer): Promise<void> {
  const inflated = await inflate(encoding, bytes, inflatedLimit);
  if (inflated.status === "ok") mustBe(inflated.bytes.length <= inflatedLimit, "no bomb goes beyond the limit");
}

/** A mutation of a recorded document: the bytes are where the randomness comes from. */
function documentOf(bytes: Buffer): unknown {
  const random: Random = createRandom(bytes.readUInt32LE(0));
  const answer = seeds.answers[random.below(seeds.answers.length)];
  // Some part of it, since an answer is one part of what was recorded.
  let part: unknown = answer;
  for (let depth = random.below(4); depth > 0; depth--) {
    if (typeof part !== "object" || part === null) break;
    const inside = Object.values(part).filter((value) => typeof value === "object" && value !== null);
    part = inside[random.below(inside.length)] ?? part;
  }
  return mutateJson(part, random);
}

function runEngines(bytes: Buffer): void {
  const document = documentOf(bytes);
  const context = { cgroupDriver: "systemd", image: document } as never;
  for (const take of [dockerListing, sandboxDetails, addressesOf, dockerHint, podmanHint]) take(document);
  dockerDetails(document, context);
  podmanListing(document, document);
  podmanDetails(document, document);
}

function runCri(bytes: Buffer): void {
  const document = documentOf(bytes);
  for (const type of [ListContainersResponse, ListPodSandboxResponse, ContainerStatusResponse]) {
    // What is no protobuf is a failed call (src/runtimes/grpc/calling.ts).
    const decoded = unlessThrown(() => type.decode(bytes));
    if (decoded === undefined) continue;
    if ("containers" in decoded) decoded.containers.forEach(containerFacts);
    else if ("items" in decoded) decoded.items.forEach(podFacts);
    else containerDetails(decoded, { image: undefined, runtimeName: "cri-o" });
  }
  parseVerboseInfo({ info: JSON.stringify(document) ?? "" });
  parseVerboseInfo({ info: bytes.toString("latin1") });
}

function unlessThrown<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function runYaml(bytes: Buffer): void {
  const { tree } = parseTree("fuzz.yaml", bytes.toString("utf8"));
  if (tree === undefined) return;
  const env = { HOME: "/root", EMPTY: "" };
  checkConfig(expandTree(tree, env).tree, components, env);
}

const pageSize = 8192;

function runQueueFile(bytes: Buffer): void {
  const pages = openPages("/dev/null", pageSize);
  const inMemory = {
    count: Math.ceil(bytes.length / pageSize),
    page(number: number) {
      if (number < 1 || number > Math.ceil(bytes.length / pageSize)) return undefined;
      const page = Buffer.alloc(pageSize);
      bytes.copy(page, 0, (number - 1) * pageSize);
      return page;
    },
    close: () => pages.close(),
  };
  let found = 0;
  for (const one of findRecords(inMemory, readWal(bytes, pageSize), pageSize)) {
    found++;
    mustBe(one.record.length <= bytes.length, "a record is no larger than its file");
  }
  mustBe(found <= bytes.length, "there are no more records than bytes");
  pages.close();
}

function runRecord(bytes: Buffer): void {
  const batch = decodeRecord(bytes);
  if (batch !== undefined) mustBe(batch.bytes.length < bytes.length, "a batch is smaller than its record");
  decodeLetter(bytes);
}

function runRing(bytes: Buffer): void {
  const given = givenReader({ isClockSet: false });
  const framing = createFraming((records, at) => given.reader.take(records, at));
  // Lengths that cannot be are told by an error, and the loader is started anew.
  unlessThrown(() => {
    for (let at = 0; at < bytes.length; at += 1000) framing.push(bytes.subarray(at, at + 1000));
  });
  given.reader.sweep(1000);
  for (const [signal, outbox] of [
    ["traces", given.reader.spans],
    ["logs", given.reader.logs],
  ] as const) {
    const leaving = outbox.take();
    if (leaving !== undefined)
      mustBe(
        check(signal, Buffer.from(leaving.bytes)).status === "valid",
        "what is made of the kernel's records passes the door",
      );
  }
}

function runText(bytes: Buffer): void {
  const text = bytes.toString("utf8");
  for (const take of [parseCgroup, cgroupsInside, expandCgroupsPath, parseContainerRef]) take(text);
  for (const take of [parseImageReference, parseRepoDigest, normalizeRepository]) take(text);
  for (const take of [parseEndpoint, parseTimeout, decodeMessage, decodeBinary]) take(text);
  for (const take of [readJsonPartialSuccess, readJsonStatusMessage]) take(text);
  recognise(bytes);
  decodeStatus(bytes);
  decodePartialSuccess(bytes);
}

const anything: readonly Buffer[] = [Buffer.alloc(16, 7), ...seeds.requests.traces];

/** Everything in podstamp that takes bytes of others. */
export const targets: readonly Target[] = [
  ...signals.map((signal) => ({
    name: `protobuf-${signal}`,
    seeds: seeds.requests[signal],
    run: (bytes: Buffer) => runProtobuf(signal, bytes),
  })),
  ...signals.map((signal) => ({
    name: `json-${signal}`,
    seeds: seeds.jsonRequests[signal],
    run: (bytes: Buffer) => runJson(signal, bytes),
  })),
  ...(["gzip", "deflate", "zstd", "snappy"] as const).map((encoding) => ({
    name: encoding,
    seeds: seeds.compressed[encoding],
    run: (bytes: Buffer) => runInflate(encoding, bytes),
  })),
  { name: "http2-frames", seeds: seeds.connections, run: runFrames },
  ...transportNames.map((transport) => ({
    name: `http2-server-${transport}`,
    seeds: conversationSeeds,
    run: (bytes: Buffer) => runServer(transport, bytes),
    end: () => stopServer(transport),
  })),
  { name: "hpack", seeds: seeds.headerBlocks, run: runHeaders },
  { name: "grpc-messages", seeds: seeds.messages, run: runMessages },
  { name: "docker-and-podman", seeds: anything, run: (bytes) => runEngines(padded(bytes)) },
  { name: "cri", seeds: anything, run: (bytes) => runCri(padded(bytes)) },
  { name: "text", seeds: [...seeds.cgroups, ...seeds.images], run: runText },
  { name: "yaml", seeds: seeds.configurations, run: runYaml },
  { name: "queue-file", seeds: seeds.queueFiles, run: runQueueFile },
  { name: "queue-record", seeds: [...seeds.queueRecords, ...seeds.letters], run: runRecord },
  { name: "ring", seeds: seeds.ringRecords, run: runRing },
];

/** At least four bytes. */
function padded(bytes: Buffer): Buffer {
  return bytes.length >= 4 ? bytes : Buffer.concat([bytes, Buffer.alloc(4)]);
}
