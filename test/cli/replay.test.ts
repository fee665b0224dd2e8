import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { components } from "../../src/components.ts";
import { encodeLetter } from "../../src/pipeline/sending/letter.ts";
import { folderOfTest } from "../extensions/file-storage/given-storage.ts";
import { grpcServer } from "../support/grpc/peer.ts";
import type { PeerReply } from "../support/grpc/peer.ts";
import { givenIo } from "./given-cli.ts";

const facts = { exporter: "otlp_grpc/tempo", at: "2026-11-24T12:00:00.000Z", reason: "refused", error: "bad" };

function lettersOf(...texts: readonly string[]): string {
  const folder = folderOfTest();
  for (const text of texts)
    writeFileSync(
      join(folder, `${text}.deadletter`),
      Buffer.concat([...encodeLetter({ signal: "traces", items: 2, bytes: Buffer.from(text) }, facts)]),
    );
  return folder;
}

async function backend(answer: (text: string) => PeerReply) {
  const server = await grpcServer((message) => answer(String(message)));
  onTestFinished(() => server.stop());
  return server;
}

async function replay(...args: readonly string[]) {
  let err = "";
  const { io, out } = givenIo({ err: (text) => (err += text) });
  const stats = { uptimeSeconds: () => 0, cpuSeconds: () => 0, memory: () => process.memoryUsage() };
  const code = await runCommandLine(["replay", ...args], io, {
    loadComponents: () => Promise.resolve(components),
    version: "0.0.0",
    platform: "linux/x64",
    instanceId: "x",
    stats,
    cut: new AbortController().signal,
    useLogger: () => {},
    useReload: () => {},
    pid: 0,
    uid: undefined,
  });
  return { code, out: out(), err };
}

const left = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".deadletter"));

test("replay sends in the order of the names, deletes what was taken, and tells of the rest", async () => {
  const folder = lettersOf("b", "a", "c");
  const server = await backend((text) => (text === "b" ? { code: 3, details: "still bad" } : {}));
  const { code, out, err } = await replay(folder, "--endpoint", server.address);
  expect(server.received.map(String)).toEqual(["a", "b", "c"]);
  expect(left(folder)).toEqual(["b.deadletter"]);
  expect(code).toBe(1);
  expect(out).toBe("a.deadletter: sent 2 items of traces\nc.deadletter: sent 2 items of traces\n2 of 3 were sent\n");
  expect(err).toBe("b.deadletter: left as it is, 2 items of traces: still bad\n");
});

test("replay takes a partial success as the last word", async () => {
  const folder = lettersOf("a");
  // ExportTraceServiceResponse {partial_success {rejected_spans 1, error_message "no"}}
  const server = await backend(() => ({ body: Buffer.from("0a0608011202" + "6e6f", "hex") }));
  const { code, out } = await replay(folder, "--endpoint", server.address);
  expect({ code, left: left(folder) }).toEqual({ code: 0, left: [] });
  expect(out).toContain("sent 2 items of traces, of which 1 were refused: no");
});

test("replay with a configuration sends where the exporter of the same name sends, without its queue", async () => {
  const folder = lettersOf("a");
  const server = await backend(() => ({}));
  const config = join(folder, "config.yaml");
  const file = (id: string) => `receivers: {nop: }
exporters:
  ${id}: {endpoint: "${server.address}", tls: {insecure: true}, dead_letter: {directory: "${folder}"}, sending_queue: {queue_size: 1}}
service: {pipelines: {traces: {receivers: [nop], exporters: [${id}]}}}
`;
  writeFileSync(config, file("otlp_grpc/other"));
  const other = await replay(folder, "--config", config);
  expect(other.err).toMatch(
    /Cannot send what is of exporter otlp_grpc\/tempo: the configuration has otlp_grpc\/other; name one with --exporter/,
  );
  expect(other.code).toBe(1);
  writeFileSync(config, file("otlp_grpc/tempo"));
  expect((await replay(folder, "--config", config)).code).toBe(0);
  expect({ left: left(folder), received: server.received.map(String) }).toEqual({ left: [], received: ["a"] });
});

test("replay leaves a file that was changed, and lists without sending when told", async () => {
  const folder = lettersOf("a");
  writeFileSync(join(folder, "z.deadletter"), "what is this");
  const dry = await replay(folder, "--dry-run");
  expect(dry.out).toBe("a.deadletter: 2 items of traces, of otlp_grpc/tempo\n1 of 2 can be sent\n");
  expect(dry.err).toMatch(/^z.deadletter: left as it is: Cannot use the file: must begin with a line of JSON/);
  expect(left(folder)).toHaveLength(2);
});

test.each([
  [["DIR"], /Either --endpoint HOST:PORT or --config FILE must be given/],
  [[], /Missing DIR/],
  [["/does/not/exist", "--dry-run"], /must be a folder of dead letters, does not exist/],
])("replay %j is refused", async (args, message) => {
  const { code, err } = await replay(...args);
  expect(err).toMatch(message);
  expect(code).not.toBe(0);
});
