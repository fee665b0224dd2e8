import { constants, createWriteStream, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { codeOf } from "../error-code.ts";

/** Writes one line, with its line break. */
type Write = (line: string) => void;

type Streams = { readonly stdout: Write; readonly stderr: Write };

type Paths = {
  /** `stdout`, `stderr` and files. */
  readonly paths: readonly string[];
  /** The same, for what there is to say about files that cannot be written. */
  readonly errorPaths: readonly string[];
};

/** Where the log goes. */
export type LogOutputs = {
  readonly write: Write;
  /** Writes what files still wait for; at the latest after a moment. */
  close(): Promise<void>;
};

/** What may wait for a disk that is slow; what comes above it is left out, counted and told. */
const maxWaitingBytes = 4 * 1024 * 1024;
const closeMs = 1000;
/** When a file that could not be written is tried again, at the earliest. */
const againMs = 1000;

/** Opens all of them; throws with the setting when a file cannot be opened. Files are appended to, also after someone emptied them. */
export function openLogOutputs({ paths, errorPaths }: Paths, streams: Streams): LogOutputs {
  const files: LogFile[] = [];
  const open = (path: string, setting: string, complain: Write): Write => {
    if (path === "stdout" || path === "stderr") return streams[path];
    const file = createLogFile(() => openFile(path, setting), path, complain);
    files.push(file);
    return file.write;
  };
  const errors = errorPaths.map((path) => open(path, "error_output_paths", streams.stderr));
  const complain: Write = (line) => errors.forEach((write) => write(line));
  const outputs = paths.map((path) => open(path, "output_paths", complain));
  const [only] = outputs;
  return {
    write: only !== undefined && outputs.length === 1 ? only : (line) => outputs.forEach((write) => write(line)),
    close: async () => {
      await Promise.all(files.map((file) => file.end()));
    },
  };
}

function openFile(path: string, setting: string): Writable {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFIFO() === true) return openPipe(path);
    return createWriteStream(path, { fd: openSync(path, "a", 0o640), encoding: "utf8" });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot use service::telemetry::logs::${setting}: ${path} cannot be opened, ${why}`, { cause });
  }
}

/** Never waits for a reader: to open a pipe would hold up everything until there is one, and to write to it the end of the process. */
function openPipe(path: string): Writable {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: false, writable: true });
  } catch (cause) {
    if (codeOf(cause) !== "ENXIO") throw cause;
    throw new Error("it is a pipe that nobody reads", { cause });
  }
}

type LogFile = { readonly write: Write; end(): Promise<void> };

/** Writes to a file; one that cannot be written, since its disk is full or its folder gone, is opened again until it can. */
function createLogFile(open: () => Writable, path: string, complain: Write): LogFile {
  let file = open();
  let leftOut = 0;
  let brokenAt: number | undefined;

  const tellLeftOut = (why: string): void => {
    if (leftOut > 0) complain(`${why}: ${leftOut} messages are left out\n`);
    leftOut = 0;
  };
  const broken = (error: Error): void => {
    if (brokenAt === undefined) complain(`Cannot write the log to ${path}: ${error.message}\n`);
    brokenAt = performance.now();
  };
  const watch = (stream: Writable): void => {
    stream.on("error", broken);
    stream.on("drain", () => tellLeftOut(`Cannot write the log to ${path} as fast as it comes`));
  };
  const openAgain = (): void => {
    try {
      file = open();
    } catch (error) {
      return broken(error instanceof Error ? error : new Error(String(error)));
    }
    watch(file);
    // What was written last may have been cut in its line.
    file.write("\n", (error) => {
      if (error !== undefined && error !== null) return;
      brokenAt = undefined;
      tellLeftOut(`The log is written to ${path} again`);
    });
  };

  watch(file);
  return {
    write(line) {
      if (file.destroyed && brokenAt !== undefined && performance.now() - brokenAt >= againMs) openAgain();
      if (file.destroyed || file.writableLength > maxWaitingBytes) leftOut++;
      else file.write(line);
    },
    end: () => ended(file),
  };
}

function ended(file: Writable): Promise<void> {
  if (file.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => file.destroy(), closeMs);
    file.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    file.end();
  });
}
