import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Output } from "../../config/schema/schema.ts";
import { duration, flag, integer, mebibytes, notYet, section, subsection, text } from "../../config/fields/fields.ts";
import { parsed } from "../../config/fields/parsed-field.ts";
import { formatDuration, parseDuration } from "../../config/fields/duration.ts";
import type { Extension, ExtensionHost } from "../../pipeline/contract.ts";
import type { ExtensionFactory } from "../../pipeline/graph/factory.ts";
import { makeFolder, whyNotWritable } from "../../pipeline/folders.ts";
import { createQuietLog } from "../../pipeline/quiet-log.ts";
import type { QuietLog } from "../../pipeline/quiet-log.ts";
import { createDiskClient } from "./disk-client.ts";
import type { DiskOptions, Notice } from "./messages.ts";
import { createUnclaimed } from "./unclaimed.ts";

const leastSyncMs = 10;

const fsync = parsed<DiskOptions["fsync"]>({
  default: true,
  facts: { form: "true, false or a duration" },
  read: (raw, fail) => {
    if (raw === true) return "always";
    if (raw === false) return "never";
    const ms = typeof raw === "string" ? parseDuration(raw) : undefined;
    return ms !== undefined && ms >= leastSyncMs
      ? ms
      : fail(`must be true, false or a duration >= ${formatDuration(leastSyncMs)} such as 1s`);
  },
});

const permissions = parsed<number>({
  default: "0750",
  facts: { form: "octal number in quotes" },
  read: (raw, fail) =>
    typeof raw === "string" && /^0?[0-7]{3}$/.test(raw)
      ? Number.parseInt(raw, 8)
      : fail('must be three octal digits in quotes such as "0750"'),
});

const compactionFields = subsection({
  on_start: flag(false).describe("Whether a file's free space is given back to the disk when it is opened."),
  on_rebound: flag(true).describe(
    "Whether it is given back while running, when a queue that was large is nearly empty; the Collector's default is false.",
  ),
  rebound_needed_threshold_mib: mebibytes({ default: 100 }).describe("A file is compacted only if it is this large."),
  rebound_trigger_threshold_mib: mebibytes({ default: 10 }).describe("And only if no more than this of it is in use."),
  check_interval: duration({ default: "5s", min: "10ms" }).describe("How often that is looked at."),
  max_transaction_size: integer({ default: 65_536, min: 0 }).describe(
    "Pages of 8 KiB that one step of compaction gives back; 0 is all.",
  ),
  directory: notYet("a directory for compaction: it happens in place and needs none", "warn"),
  cleanup_on_start: notYet("remains of compaction: it happens in place and leaves none", "warn"),
});

const schema = section({
  directory: text({ default: "/var/lib/podstamp/file_storage", minLength: 1 }).describe(
    "Where the queues lie; of one process only.",
  ),
  create_directory: flag(false).describe("Whether the directory is made when it is not there."),
  directory_permissions: permissions.describe("Permissions of a directory that is made."),
  timeout: duration({ default: "1s", max: "1m" }).describe(
    "How long to wait for the directory while another process still has it.",
  ),
  fsync: fsync.describe(
    "When data is safe from a power cut: true, before it is acknowledged; a duration such as 1s, that long after; false, when the system writes it. A crash of podstamp alone loses nothing in either case. The Collector's default is false.",
  ),
  max_size_mib: mebibytes({ default: 1024, min: 1 }).describe(
    "What the files of all queues may take in MiB; above it senders are told to come back. Their logs come on top, about 20 MiB each.",
  ),
  max_set_aside_mib: mebibytes({ default: 1024 }).describe(
    "What files that were set aside as damaged may take in MiB, and no more than 100 of them: the oldest are removed, the newest stays however large it is.",
  ),
  compaction: compactionFields.describe("When free space goes back to the disk."),
  recreate: notYet(
    "starting anew when a file is damaged: it is set aside by itself, and what is whole in it is kept",
    "warn",
  ),
});

type Settings = Output<typeof schema>;

/** Keeps what exporters have acknowledged and not sent yet on disk. */
export const fileStorageExtension: ExtensionFactory<Settings> = {
  kind: "extension",
  type: "file_storage",
  aliases: [],
  signals: [],
  stability: "beta",
  summary: "Keeps the queues of exporters on disk, for sending_queue.storage.",
  isStorage: true,
  schema,
  create: createFileStorage,
};

const pageBytes = 8192;

function createFileStorage(config: Settings, host: ExtensionHost): Extension {
  const directory = resolve(config.directory);
  const sizes = { file: 0, free: 0, aside: 0 };
  const quiet = createQuietLog(host.log);
  const disk = createDiskClient(diskOptions(config, directory), (notice) => {
    hear(notice, { host, quiet, sizes });
    // That comes with each check_interval.
    if (notice.kind === "sizes") void lookForUnclaimed();
  });
  const lookForUnclaimed = createUnclaimed(directory, disk, host);
  host.metrics.gauge("podstamp_storage_file_bytes", { extension: host.id }, () => sizes.file);
  host.metrics.gauge("podstamp_storage_free_bytes", { extension: host.id }, () => sizes.free);
  host.metrics.gauge("podstamp_storage_set_aside_bytes", { extension: host.id }, () => sizes.aside);
  let isRunning = false;
  return {
    async start() {
      if (config.create_directory) await makeFolder(directory, config.directory_permissions);
      await mustBeDirectory(directory);
      await disk.start();
      isRunning = true;
    },
    async stop() {
      if (isRunning) await disk.stop();
      isRunning = false;
    },
    storage: { store: (name) => disk.store(fileName(name)) },
  };
}

async function mustBeDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() === true) {
    const why = whyNotWritable(directory);
    if (why === undefined) return;
    throw new Error(`Cannot use directory ${directory}: ${why}`);
  }
  const is = found === undefined ? "does not exist (create_directory: true makes it)" : "is none";
  throw new Error(`Cannot use directory ${directory}: must be a directory, ${is}`);
}

function diskOptions(config: Settings, directory: string): DiskOptions {
  const { compaction } = config;
  return {
    directory,
    makes: config.create_directory ? config.directory_permissions : undefined,
    fsync: config.fsync,
    maxBytes: config.max_size_mib,
    maxAsideBytes: config.max_set_aside_mib,
    lockTimeoutMs: config.timeout,
    compaction: {
      onStart: compaction.on_start,
      onRebound: compaction.on_rebound,
      neededBytes: compaction.rebound_needed_threshold_mib,
      triggerBytes: compaction.rebound_trigger_threshold_mib,
      stepBytes: compaction.max_transaction_size === 0 ? Infinity : compaction.max_transaction_size * pageBytes,
      checkIntervalMs: compaction.check_interval,
    },
  };
}

/** As the Collector names its files: what is no letter, digit, dot, dash or underscore stands as ~ and its code. */
function fileName(name: string): string {
  return name
    .replaceAll(
      /[^A-Za-z0-9._ -]/gu,
      (char) => `~${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
    )
    .replaceAll(" ", "_");
}

type Hearer = {
  readonly host: ExtensionHost;
  /** For what may come with every commit. */
  readonly quiet: QuietLog;
  readonly sizes: { file: number; free: number; aside: number };
};

function hear(notice: Notice, { host, quiet, sizes }: Hearer): void {
  switch (notice.kind) {
    case "damage": {
      const { problem, aside, rescued } = notice.damage;
      host.metrics.counter("podstamp_storage_damages", { extension: host.id }).add(1);
      host.log.error(
        { store: notice.store, problem, set_aside: aside, rescued_requests: rescued },
        "A stored queue is damaged: it is set aside, what is whole in it goes on",
      );
      return;
    }
    case "aside": {
      sizes.aside = notice.bytes;
      const { files, bytes } = notice.removed;
      if (files === 0) return;
      host.metrics.counter("podstamp_storage_set_aside_removed", { extension: host.id }).add(files);
      host.log.warn({ files, bytes }, "The oldest of the files that were set aside are removed: see max_set_aside_mib");
      return;
    }
    case "trouble":
      quiet.error({ store: notice.store, error: notice.message }, "The storage cannot write");
      return;
    case "sizes":
      sizes.file = notice.file;
      sizes.free = notice.free;
      return;
    case "ready":
    case "failed":
      return;
  }
}
