import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileExporter } from "../../src/exporters/file/file.ts";
import { LogFile } from "../../src/exporters/file/log-file.ts";
import type { LogFileOptions } from "../../src/exporters/file/log-file.ts";
import type { Batch, Exporter } from "../../src/pipeline/contract.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { testHost } from "../support/agent/host.ts";
import { eventually } from "../support/eventually.ts";
import type { TestHost } from "../support/agent/host.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

let folder: string;
beforeEach(() => {
  folder = createWorkspace();
});
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await wipe(folder);
});

const signal = new AbortController().signal;

/** A request of one span with this name. */
function batchOf(name: string): Batch {
  const bytes = ExportTraceServiceRequest.encode(
    ExportTraceServiceRequest.fromPartial({ resourceSpans: [{ scopeSpans: [{ spans: [{ name }] }] }] }),
  ).finish();
  return { signal: "traces", bytes, items: 1 };
}

type Exporting = { readonly exporter: Exporter; readonly host: TestHost; readonly path: string };

async function exporting(settings: object = {}, file = "out.json"): Promise<Exporting> {
  const host = testHost("file");
  const path = join(folder, file);
  const exporter = fileExporter.create(fileExporter.schema.parse({ path, ...settings }), host);
  closing.push(() => exporter.stop(AbortSignal.abort()));
  await exporter.start();
  return { exporter, host, path };
}

const namesIn = (path: string): string[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] })
    .map(({ resourceSpans }) => resourceSpans[0]?.scopeSpans[0]?.spans[0]?.name ?? "");

/** The records behind their lengths. */
function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
    frames.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
  return frames;
}

const linkOf = (fd: string): string | undefined => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // It was the one through which the folder was read.
    return undefined;
  }
};

describe("what is written", () => {
  test("is one line of JSON for each request, there when it is accepted", async () => {
    const { exporter, host, path } = await exporting();
    expect(await exporter.consume(batchOf("one"), signal)).toBe(accepted);
    expect(readFileSync(path, "utf8")).toBe('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"one"}]}]}]}\n');
    expect(await exporter.consume(batchOf("two"), signal)).toBe(accepted);
    expect(namesIn(path)).toEqual(["one", "two"]);
    expect(host.metric("otelcol_exporter_sent_spans", { exporter: "file" })).toBe(2);
  });

  test("comes from many at once and stays whole and in order", async () => {
    const { exporter, path } = await exporting();
    const names = Array.from({ length: 200 }, (_, i) => `span-${i}`);
    const deliveries = await Promise.all(names.map((name) => exporter.consume(batchOf(name), signal)));
    expect(deliveries.every((delivery) => delivery === accepted)).toBe(true);
    expect(namesIn(path)).toEqual(names);
  });

  test.each(["json", "proto"])("as %s with zstd stands compressed behind its length", async (format) => {
    const { exporter, path } = await exporting({ format, compression: "zstd" });
    for (const name of ["one", "two"]) await exporter.consume(batchOf(name), signal);
    const contents = framesOf(readFileSync(path)).map((frame) => zstdDecompressSync(frame));
    expect(contents).toHaveLength(2);
    expect(contents.map((content) => content.includes("one"))).toEqual([true, false]);
    expect(contents[0]?.[0]).toBe(format === "json" ? "{".charCodeAt(0) : 0x0a);
  });

  test("as proto is the request behind its length", async () => {
    const { exporter, path } = await exporting({ format: "proto" });
    const batches = [batchOf("one"), batchOf("two")];
    for (const batch of batches) await exporter.consume(batch, signal);
    expect(framesOf(readFileSync(path))).toEqual(batches.map(({ bytes }) => Buffer.from(whole(bytes))));
  });

  test("cannot be read by others", async () => {
    const { path } = await exporting();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("that is no telemetry is refused for good", async () => {
    const { exporter, path } = await exporting();
    const broken = { ...batchOf("x"), bytes: Buffer.from([0x0a, 0x7f, 0x00]) };
    expect(await exporter.consume(broken, signal)).toMatchObject({ status: "rejected" });
    expect(readFileSync(path, "utf8")).toBe("");
  });
});

describe("what the file held before", () => {
  test.each([
    [{}, ""],
    [{ append: true }, "before\n"],
    [{ rotation: {} }, "before\n"],
  ])("with %o becomes %o", async (settings, kept) => {
    writeFileSync(join(folder, "out.json"), "before\n");
    const { path } = await exporting(settings);
    expect(readFileSync(path, "utf8")).toBe(kept);
  });
});

describe("folders", () => {
  test("are made when told so, with their permissions", async () => {
    const { exporter, path } = await exporting(
      { create_directory: true, directory_permissions: "0700" },
      "a/b/out.json",
    );
    expect(await exporter.consume(batchOf("one"), signal)).toBe(accepted);
    expect(statSync(join(folder, "a/b")).mode & 0o777).toBe(0o700);
    expect(namesIn(path)).toEqual(["one"]);
  });

  test("that are missing end the start with the path", async () => {
    await expect(exporting({}, "a/b/out.json")).rejects.toThrow(`Cannot write ${folder}/a/b/out.json: ENOENT`);
  });
});

describe("a file in trouble", () => {
  test("a full disk is retry in words", async () => {
    const host = testHost("file");
    const exporter = fileExporter.create(fileExporter.schema.parse({ path: "/dev/full" }), host);
    closing.push(() => exporter.stop(signal));
    await exporter.start();
    for (let i = 0; i < 3; i++)
      expect(await exporter.consume(batchOf("one"), signal)).toMatchObject({
        status: "retry",
        cause: { message: expect.stringMatching(/^Cannot write \/dev\/full: ENOSPC/) },
      });
    expect(host.logged).toHaveLength(1);
    expect(host.metric("otelcol_exporter_send_failed_spans", { exporter: "file" })).toBe(3);
  });

  test("a folder that is gone is retry in words, and when it is back all goes on without losing what was written", async () => {
    const { exporter, path } = await exporting({}, "out.json");
    mkdirSync(join(folder, "sub"));
    const inside = await exporting({}, "sub/out.json");
    expect(await inside.exporter.consume(batchOf("one"), signal)).toBe(accepted);
    renameSync(join(folder, "sub"), join(folder, "away"));
    expect(await inside.exporter.consume(batchOf("two"), signal)).toMatchObject({
      status: "retry",
      cause: { message: expect.stringMatching(/^Cannot write .*: ENOENT/) },
    });
    renameSync(join(folder, "away"), join(folder, "sub"));
    expect(await inside.exporter.consume(batchOf("two"), signal)).toBe(accepted);
    expect(namesIn(inside.path)).toEqual(["one", "two"]);
    expect(await exporter.consume(batchOf("other"), signal)).toBe(accepted);
    expect(namesIn(path)).toEqual(["other"]);
  });

  test("a file that was removed or moved away by somebody is made anew", async () => {
    const { exporter, path } = await exporting();
    await exporter.consume(batchOf("one"), signal);
    renameSync(path, `${path}.1`);
    expect(await exporter.consume(batchOf("two"), signal)).toBe(accepted);
    rmSync(path);
    expect(await exporter.consume(batchOf("three"), signal)).toBe(accepted);
    expect(namesIn(`${path}.1`)).toEqual(["one"]);
    expect(namesIn(path)).toEqual(["three"]);
  });

  const canMount = process.getuid?.() === 0 && spawnSync("mount", ["--version"]).status === 0;

  test.skipIf(!canMount)("a disk that is full for a while tears no record (skipped without root)", async () => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status).toBe(0);
    closing.push(() => spawnSync("umount", [disk]));
    const { exporter, path } = await exporting({}, "disk/out.json");
    const long = "x".repeat(30_000);
    expect(await exporter.consume(batchOf(`1${long}`), signal)).toBe(accepted);
    const ballast = join(disk, "ballast");
    writeFileSync(ballast, Buffer.alloc(20_000));
    expect(await exporter.consume(batchOf(`2${long}`), signal)).toMatchObject({
      status: "retry",
      cause: { message: expect.stringContaining("ENOSPC") },
    });
    rmSync(ballast);
    expect(await exporter.consume(batchOf("3"), signal)).toBe(accepted);
    expect(namesIn(path)).toEqual([`1${long}`, "3"]);
  });

  test("a path that leads to a place without regular files is written all the same", async () => {
    symlinkSync("/dev/null", join(folder, "out.json"));
    const { exporter } = await exporting();
    expect(await exporter.consume(batchOf("one"), signal)).toBe(accepted);
  });
});

describe("life", () => {
  test("a pipe is written as its reader reads; one that nobody reads is told, and tried again", async () => {
    const pipe = join(folder, "pipe");
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    const open = () => exporting({}, "pipe");
    await expect(open()).rejects.toThrow(`Cannot write ${pipe}: it is a pipe that nobody reads, or a socket`);
    // It takes no more than 64 KiB before somebody reads.
    const reader = spawn("sh", ["-c", `exec < ${pipe}; sleep 0.5; exec cat`]);
    closing.push(() => reader.kill("SIGKILL"));
    let read = "";
    reader.stdout.on("data", (chunk: Buffer) => (read += chunk.toString()));
    let exporter: Exporter | undefined;
    await eventually(async () => (exporter = (await open().catch(() => undefined))?.exporter) !== undefined, {
      what: "a reader",
    });
    const names = [1, 2].map((digit) => String(digit).repeat(140_000));
    for (const name of names) expect(await exporter?.consume(batchOf(name), signal)).toEqual(accepted);
    const spans = () =>
      read
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans[0].name);
    await eventually(() => spans().length === names.length, { what: "all lines" });
    reader.kill("SIGKILL");
    await once(reader, "close");
    expect(spans()).toEqual(names);
    expect(await exporter?.consume(batchOf("lost"), signal)).toMatchObject({ status: "retry" });
    const other = spawn("cat", [pipe]);
    closing.push(() => other.kill("SIGKILL"));
    read = "";
    other.stdout.on("data", (chunk: Buffer) => (read += chunk.toString()));
    await eventually(async () => (await exporter?.consume(batchOf("again"), signal))?.status === "accepted", {
      what: "another reader",
    });
    await eventually(() => read !== "", { what: "a line" });
    expect(spans()).toEqual(["again"]);
  });

  test("stop is safe before start and twice, and nothing is taken after it", async () => {
    const path = join(folder, "out.json");
    const exporter = fileExporter.create(fileExporter.schema.parse({ path }), testHost("file"));
    await exporter.stop(signal);
    await exporter.stop(signal);
    expect(existsSync(path)).toBe(false);
    expect(await exporter.consume(batchOf("one"), signal)).toMatchObject({ status: "retry" });
  });

  test("stop lets what is just being compressed and written be written, and leaves the file closed", async () => {
    const { exporter, path } = await exporting({ compression: "zstd" });
    const names = ["one", "two"].map((name) => `${name}${"x".repeat(200_000)}`);
    const deliveries = names.map((name) => exporter.consume(batchOf(name), signal));
    await exporter.stop(signal);
    expect(await Promise.all(deliveries)).toEqual([accepted, accepted]);
    expect(framesOf(readFileSync(path))).toHaveLength(2);
    expect(readdirSync("/proc/self/fd").filter((fd) => linkOf(fd) === path)).toEqual([]);
  });

  const madeAt = (path: string, id: string, settings: object = {}): Exporter => {
    const exporter = fileExporter.create(fileExporter.schema.parse({ path, ...settings }), testHost(id));
    closing.push(() => exporter.stop(AbortSignal.abort()));
    return exporter;
  };

  test("two exporters never share a file", async () => {
    const path = join(folder, "out.json");
    const [one, other] = ["file/a", "file/b"].map((id) => madeAt(path, id));
    await one?.start();
    await expect(other?.start()).rejects.toThrow("must be a file of its own, is also that of exporters::file/a");
    await one?.stop(signal);
    await other?.start();
  });

  test("one that a reload makes anew or gives another name waits for the file and throws away nothing of it", async () => {
    const path = join(folder, "out.json");
    writeFileSync(path, "of an earlier process\n");
    const before = madeAt(path, "file/a");
    await before.start();
    await before.consume(batchOf("one"), signal);
    const anew = madeAt(path, "file/a", { flush_interval: "2s" });
    const [delivery] = await Promise.all([before.consume(batchOf("two"), signal), before.stop(signal), anew.start()]);
    expect(delivery).toBe(accepted);
    await anew.consume(batchOf("three"), signal);
    expect(namesIn(path)).toEqual(["one", "two", "three"]);
    const renamed = madeAt(path, "file/b");
    await Promise.all([anew.stop(signal), renamed.start()]);
    await renamed.consume(batchOf("four"), signal);
    expect(namesIn(path)).toEqual(["one", "two", "three", "four"]);
  });
});

describe("rotation", () => {
  let time = Date.UTC(2026, 10, 24, 15, 4, 5, 7);
  const day = 24 * 60 * 60 * 1000;

  async function fileOf(rotation: Partial<LogFileOptions["rotation"]> = {}): Promise<LogFile> {
    const file = new LogFile({
      path: join(folder, "out.json"),
      isTruncated: false,
      framing: "lines",
      rotation: { maxBytes: 10, maxDays: 0, maxBackups: 0, isLocal: false, ...rotation },
      directoryMode: undefined,
      syncMs: 10,
      now: () => time,
      onTrouble: (cause) => {
        throw cause;
      },
    });
    await file.open();
    closing.push(() => file.close());
    return file;
  }
  const add = async (file: LogFile, ...records: string[]) => file.add(records.map((record) => Buffer.from(record)));
  const contents = () =>
    Object.fromEntries(
      readdirSync(folder)
        .filter((name) => name.startsWith("out"))
        .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
    );

  beforeEach(() => {
    time = Date.UTC(2026, 10, 24, 15, 4, 5, 7);
  });

  test("puts a file aside before it grows beyond its limit, with the time in its name", async () => {
    const file = await fileOf();
    expect(await add(file, "1234", "5678")).toEqual({ count: 2 });
    expect(await add(file, "abcd")).toEqual({ count: 1 });
    expect(contents()).toEqual({ "out-2026-11-24T15-04-05.007.json": "12345678", "out.json": "abcd" });
  });

  test("keeps records that come together whole, gives a large one a file of its own, and never the same name twice", async () => {
    const file = await fileOf();
    expect(await add(file, "123456", "abcdef", "a record of more than ten bytes", "end")).toEqual({ count: 4 });
    expect(contents()).toEqual({
      "out-2026-11-24T15-04-05.007.json": "123456",
      "out-2026-11-24T15-04-05.008.json": "abcdef",
      "out-2026-11-24T15-04-05.009.json": "a record of more than ten bytes",
      "out.json": "end",
    });
  });

  test("goes on with a file that an earlier process left", async () => {
    writeFileSync(join(folder, "out.json"), "1234567\n");
    const file = await fileOf();
    await add(file, "abcd");
    expect(Object.values(contents())).toEqual(["1234567\n", "abcd"]);
  });

  test("keeps the newest backups only", async () => {
    const file = await fileOf({ maxBackups: 2 });
    for (const record of ["file-1....", "file-2....", "file-3....", "file-4....", "file-5...."]) {
      time += 1000;
      await add(file, record);
    }
    expect(Object.values(contents())).toEqual(["file-3....", "file-4....", "file-5...."]);
  });

  test("removes backups when they are too old, and nothing that is not one", async () => {
    for (const name of ["out-notes.json", "out-2020-01-01T00-00-00.000.txt", "outer-2020-01-01T00-00-00.000.json"])
      writeFileSync(join(folder, name), name);
    const file = await fileOf({ maxDays: 3 });
    await add(file, "file-1....");
    time += day;
    await add(file, "file-2....");
    for (const record of ["file-3....", "file-4...."]) {
      time += 2.5 * day;
      await add(file, record);
    }
    expect(Object.keys(contents()).filter((name) => name.startsWith("out-2026"))).toEqual([
      "out-2026-11-28T03-04-05.007.json",
      "out-2026-11-30T15-04-05.007.json",
    ]);
    expect(Object.keys(contents())).toEqual(
      expect.arrayContaining([
        "out-notes.json",
        "out-2020-01-01T00-00-00.000.txt",
        "outer-2020-01-01T00-00-00.000.json",
      ]),
    );
  });

  test("that cannot rename is answered in words and loses nothing", async () => {
    const file = await fileOf();
    await add(file, "12345678");
    mkdirSync(join(folder, "elsewhere"));
    renameSync(join(folder, "out.json"), join(folder, "elsewhere/kept"));
    mkdirSync(join(folder, "out.json"));
    expect(await add(file, "abcd")).toMatchObject({ count: 0, cause: { message: expect.stringMatching(/EISDIR/) } });
    rmSync(join(folder, "out.json"), { recursive: true });
    expect(await add(file, "abcd")).toEqual({ count: 1 });
    expect(readFileSync(join(folder, "elsewhere/kept"), "utf8")).toBe("12345678");
  });
});

describe("settings", () => {
  const read = (settings: object) => fileExporter.schema.safeParse({ path: "/x", ...settings });

  test("have the Collector's defaults", () => {
    expect(read({}).data).toEqual({
      path: "/x",
      format: "json",
      compression: "",
      append: false,
      flush_interval: 1000,
      create_directory: false,
      directory_permissions: 0o755,
    });
    expect(read({ rotation: null }).data?.rotation).toEqual({
      max_megabytes: 100,
      max_days: 0,
      max_backups: 100,
      localtime: false,
    });
  });

  test.each([
    [{ directory_permissions: "0999" }, /octal/],
    [{ directory_permissions: 755 }, /octal/],
    [{ group_by: { enabled: true } }, /a file for each value/],
    [{ encoding: "otlp_json" }, /encoding extensions/],
    [{ format: "avro" }, /must be one of json, proto/],
    [{ path: "" }, /must not be empty/],
  ])("%o are refused in words", (settings, words) => {
    expect(
      read(settings)
        .error?.issues.map(({ message }) => message)
        .join(),
    ).toMatch(words);
  });
});
