import { resolve } from "node:path";
import type { Schema, Output } from "../../config/schema/schema.ts";
import { choice, duration, flag, integer, notYet, optionalSection, section, text } from "../../config/fields/fields.ts";
import { parsed } from "../../config/fields/parsed-field.ts";
import { compress } from "../../net/compress.ts";
import { requestNames } from "../../otlp/json/schema.ts";
import { protobufToJson } from "../../otlp/json/write.ts";
import { signals } from "../../otlp/signals.ts";
import type { Batch, Delivery, Exporter, Host } from "../../pipeline/contract.ts";
import { accepted } from "../../pipeline/contract.ts";
import type { ExporterFactory } from "../../pipeline/graph/factory.ts";
import { createQuietLog } from "../../pipeline/quiet-log.ts";
import { createSenders } from "../../pipeline/sending/senders.ts";
import type { Rotation } from "./backups.ts";
import { claim, wasWritten } from "./claims.ts";
import type { Claim } from "./claims.ts";
import { createGroupWriter } from "./group-writer.ts";
import { LogFile } from "./log-file.ts";
import { whole } from "../../otlp/rope/rope.ts";

const rotationSection = section({
  max_megabytes: integer({ default: 100, min: 0, max: 1_000_000 }).describe(
    "A file that would grow beyond this many MiB is put aside; 0 is 100.",
  ),
  max_days: integer({ default: 0, min: 0, max: 100_000 }).describe(
    "Files put aside are removed after so many days; 0 is never.",
  ),
  max_backups: integer({ default: 100, min: 0, max: 100_000 }).describe(
    "So many files put aside are kept, the newest; 0 is all.",
  ),
  localtime: flag(false).describe("Whether the names of files put aside have the local time instead of UTC."),
});

const schema = section({
  path: text({ minLength: 1 }).describe("The file; it is created with permissions 0600."),
  format: choice(["json", "proto"], "json").describe(
    "json: a line of OTLP's JSON for each request. proto: each request in protobuf behind its length in four bytes, big-endian.",
  ),
  compression: choice(["", "none", "zstd"], "").describe(
    "zstd: each request is compressed by itself and stands behind its length in four bytes, in both formats.",
  ),
  append: flag(false).describe("Whether what the file holds at the start is kept; with rotation it always is."),
  rotation: optionalSection(rotationSection, { absent: "off", empty: "on" }).describe(
    "When the file is put aside and how long it stays.",
  ),
  flush_interval: duration({ default: "1s" }).describe(
    "What was written is forced to the disk after this time; 0 leaves it to the system. A request is taken as soon as it is written.",
  ),
  create_directory: flag(false).describe("Whether a missing folder is made."),
  directory_permissions: permissions("0755").describe("Permissions of a folder that is made, in octal."),
  encoding: notYet("encoding extensions; format knows json and proto", "error"),
  group_by: notYet("a file for each value of an attribute", "error"),
});

type FileConfig = Output<typeof schema>;

/** Writes requests to a file. */
export const fileExporter: ExporterFactory<FileConfig> = {
  kind: "exporter",
  type: "file",
  aliases: [],
  signals,
  stability: "beta",
  summary: "Writes OTLP to a file, as lines of JSON or as protobuf, with rotation.",
  schema,
  create: createFileExporter,
};

function permissions(standard: string): Schema<number> {
  return parsed({
    default: standard,
    facts: { form: "octal permissions" },
    read: (raw, fail) =>
      typeof raw === "string" && /^0?[0-7]{3}$/.test(raw)
        ? Number.parseInt(raw, 8)
        : fail('must be permissions in octal, in quotes, such as "0755"'),
  });
}

/** Requests that may wait for the file at the same time. */
const maxWaitingBytes = 64 * 1024 * 1024;

function createFileExporter(config: FileConfig, host: Host): Exporter {
  const path = resolve(config.path);
  const quiet = createQuietLog(host.log);
  const file = new LogFile({
    path,
    isTruncated: !config.append && config.rotation === undefined && !wasWritten(path),
    framing: config.format === "json" && config.compression !== "zstd" ? "lines" : "lengths",
    rotation: rotationOf(config.rotation),
    directoryMode: config.create_directory ? config.directory_permissions : undefined,
    syncMs: config.flush_interval,
    now: Date.now,
    onTrouble: (error, message) => quiet.error({ error }, message),
  });
  const writer = createGroupWriter(file, maxWaitingBytes);
  let isRunning = false;
  let own: Claim | undefined;

  const push = async (batch: Batch): Promise<Delivery> => {
    if (!isRunning) return notRunning;
    try {
      const record = await recordOf(batch, config);
      if ("problem" in record) return { status: "rejected", cause: new Error(record.problem) };
      await writer.write(record);
      return accepted;
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      quiet.error({ error: cause }, "Could not write, the sender is told to come back");
      return { status: "retry", cause };
    }
  };
  const senders = createSenders({
    host,
    push,
    sending_queue: undefined,
    retry_on_failure: undefined,
    dead_letter: undefined,
    isWorthSplitting: () => true,
  });

  return {
    async start() {
      own = await claim(path, host.id);
      try {
        await file.open();
      } catch (cause) {
        own.release();
        throw cause;
      }
      isRunning = true;
    },
    async stop(signal) {
      isRunning = false;
      own?.leave();
      await senders.stop(signal);
      // What is just being compressed or written is still taken.
      await senders.whenIdle();
      await file.close();
      own?.release();
    },
    consume: senders.consume,
    whenIdle: senders.whenIdle,
  };
}

const notRunning: Delivery = { status: "retry", cause: new Error("The exporter is not running") };

function rotationOf(config: FileConfig["rotation"]): Rotation | undefined {
  if (config === undefined) return undefined;
  return {
    maxBytes: (config.max_megabytes === 0 ? 100 : config.max_megabytes) * 2 ** 20,
    maxDays: config.max_days,
    maxBackups: config.max_backups,
    isLocal: config.localtime,
  };
}

/** A request as it stands in the file. */
async function recordOf(
  { signal, bytes }: Batch,
  { format, compression }: FileConfig,
): Promise<Uint8Array | { readonly problem: string }> {
  let content = whole(bytes);
  if (format === "json") {
    const transcoded = protobufToJson(requestNames[signal], content);
    if (transcoded.status === "malformed") return transcoded;
    content = transcoded.bytes;
  }
  if (compression === "zstd") return withLength(await compress("zstd", content));
  return format === "json" ? Buffer.concat([content, lineBreak]) : withLength(content);
}

const lineBreak = Buffer.from("\n");

function withLength(content: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
