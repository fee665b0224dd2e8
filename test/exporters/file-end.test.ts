import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileExporter } from "../../src/exporters/file/file.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { testHost } from "../support/agent/host.ts";
import type { TestHost } from "../support/agent/host.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

/* How a file goes on that a process left which was killed, or lost its power, in the middle of a write. */

let folder: string;
beforeEach(() => {
  folder = createWorkspace();
});
afterEach(() => wipe(folder));

const requestOf = (name: string): Buffer =>
  Buffer.from(
    ExportTraceServiceRequest.encode(
      ExportTraceServiceRequest.fromPartial({ resourceSpans: [{ scopeSpans: [{ spans: [{ name }] }] }] }),
    ).finish(),
  );
const lineOf = (name: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"${name}"}]}]}]}\n`;

function behindLength(content: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
    frames.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
  return frames;
}

const wordsOf = ({ logged }: TestHost): string =>
  logged.map(({ message, fields: { error } }) => `${message}: ${error instanceof Error ? error.message : ""}`).join();

/** What the file holds after an exporter that found `before` in it has taken a span "new", and what it said. */
async function goneOn(before: string | Uint8Array, settings: object, meanwhile?: (path: string) => void) {
  const path = join(folder, "out");
  writeFileSync(path, before);
  const host = testHost("file");
  const exporter = fileExporter.create(fileExporter.schema.parse({ path, append: true, ...settings }), host);
  const starting = exporter.start();
  meanwhile?.(path);
  await starting;
  const delivery = await exporter.consume(
    { signal: "traces", bytes: requestOf("new"), items: 1 },
    new AbortController().signal,
  );
  await exporter.stop(new AbortController().signal);
  expect(delivery).toBe(accepted);
  return { bytes: readFileSync(path), said: wordsOf(host) };
}

const cutOff = expect.stringContaining("A piece of a record was cut off");

describe("lines", () => {
  const long = lineOf("x".repeat(200_000));

  test.each([
    ["after whole lines", `${lineOf("one")}${long}`, lineOf("two").slice(0, -9)],
    ["a long line", lineOf("one"), long.slice(0, -5)],
    ["only a brace", lineOf("one"), "{"],
    ["the very first line", "", lineOf("one").slice(0, 20)],
    ["a tail that never came to the disk", lineOf("one"), "\0".repeat(100_000)],
  ])("lose a torn one, and nothing else: %s", async (_, whole, torn) => {
    const { bytes, said } = await goneOn(whole + torn, {});
    expect(bytes.toString()).toBe(`${whole}${lineOf("new")}`);
    expect(said).toEqual(cutOff);
    expect(said).toContain(`${torn.length} bytes`);
  });

  test.each([
    ["a whole line without its end", lineOf("one").trimEnd(), `${lineOf("one")}${lineOf("new")}`],
    ["what somebody else wrote", "a note", `a note\n${lineOf("new")}`],
  ])("end before a new one begins, and nothing is cut: %s", async (_, before, after) => {
    const { bytes, said } = await goneOn(before, {});
    expect(bytes.toString()).toBe(after);
    expect(said).not.toEqual(cutOff);
  });

  test("that are whole stay as they are, without a word", async () => {
    const { bytes, said } = await goneOn(`${lineOf("one")}${long}`, { rotation: {}, append: false });
    expect(bytes.toString()).toBe(`${lineOf("one")}${long}${lineOf("new")}`);
    expect(said).toBe("");
  });

  test("that another process is just writing are not cut", async () => {
    const line = lineOf("of another");
    const { bytes, said } = await goneOn(line.slice(0, 20), {}, (path) => {
      setTimeout(() => appendFileSync(path, line.slice(20)), 50);
    });
    expect(bytes.toString()).toBe(`${line}${lineOf("new")}`);
    expect(said).not.toEqual(cutOff);
  });
});

describe("records behind their lengths", () => {
  const small = behindLength(requestOf("one"));
  const large = behindLength(requestOf("x".repeat(200_000)));

  test.each([
    ["a record", small.subarray(0, -3)],
    ["a large record", large.subarray(0, 150_000)],
    ["a length", small.subarray(0, 2)],
    ["a tail that never came to the disk", Buffer.alloc(100_000)],
  ])("are all read again after a torn one was cut off: %s", async (_, torn) => {
    const whole = [...Array.from({ length: 3000 }, () => small), large, small];
    const { bytes, said } = await goneOn(Buffer.concat([...whole, torn]), { format: "proto", rotation: {} });
    const frames = framesOf(bytes);
    expect(frames).toHaveLength(whole.length + 1);
    expect(frames.at(-1)?.equals(requestOf("new"))).toBe(true);
    expect(said).toEqual(cutOff);
    expect(said).toContain(`${torn.length} bytes`);
  });

  test("of JSON that is compressed have lengths, too", async () => {
    const whole = behindLength(zstdCompressSync(lineOf("one")));
    const { bytes } = await goneOn(Buffer.concat([whole, whole.subarray(0, 20)]), { compression: "zstd" });
    expect(framesOf(bytes).map((frame) => JSON.parse(zstdDecompressSync(frame).toString()) as unknown)).toEqual(
      ["one", "new"].map((name) => JSON.parse(lineOf(name)) as unknown),
    );
  });

  test.each([
    ["lines of JSON", Buffer.from(lineOf("one"))],
    ["zeros with something behind", Buffer.concat([small, Buffer.alloc(50), small])],
  ])("are never made by cutting what is something else: %s", async (_, before) => {
    const { bytes, said } = await goneOn(before, { format: "proto" });
    expect(bytes.equals(Buffer.concat([before, behindLength(requestOf("new"))]))).toBe(true);
    expect(said).toContain("does not end with a record");
  });
});
