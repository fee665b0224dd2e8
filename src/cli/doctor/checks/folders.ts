import { constants, readdirSync, statfsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { nearestExisting, whyNot } from "../../../pipeline/folders.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { Subject } from "../subject.ts";

const { ok, warning, problem } = findingsOf("folder");

/** A folder that podstamp writes into. */
type Folder = {
  readonly name: string;
  readonly path: string;
  /** Whether podstamp makes it when it is not there. */
  readonly isMade: boolean;
  /** In bytes. */
  readonly mayTake: number;
};

/** Whether the folders of stored queues and dead letters can be written, and have room for what they may take. */
export function checkFolders({ config, self }: Pick<Subject, "config" | "self">): readonly Finding[] {
  return foldersOf(config).map((folder) => look(folder, self.uid));
}

function look({ name, path, isMade, mayTake }: Folder, uid: number): Finding {
  const existing = nearestExisting(path);
  const isMissing = existing !== path && !isMade;
  if (!statSync(existing).isDirectory())
    return problem(`${name}: ${existing} is no folder`, "name another one as its directory");
  const make = existing === path ? "" : `mkdir -p ${path} && `;
  const refused = whyNot(existing, isMissing ? constants.X_OK : constants.W_OK | constants.X_OK);
  if (refused === "EROFS")
    return problem(
      `${name}: ${existing} is on a file system that is read-only`,
      "name a directory that can be written; in a pod mount a volume there (hostPath, so that it outlives the pod: config/kubernetes/components/queue)",
    );
  if (refused !== undefined)
    return problem(
      `${name}: user ${uid} may not ${isMissing ? "enter" : "write into"} ${existing} (${refused})`,
      isMissing
        ? "name a directory that the user that podstamp runs as can reach, or run this command as that user"
        : // Never a folder around it, which is of others too.
          `give it to the user that podstamp runs as, or run this command as that user: ${make}chown ${uid} ${path}`,
    );
  if (isMissing)
    return problem(
      `${name}: ${path} is not there`,
      `make it for the user that podstamp runs as (mkdir -p ${path}), or set create_directory: true`,
    );
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  const text = `${name}: ${path} can be ${existing === path ? "written" : "made"}, with ${inMib(free)} free`;
  // What is in it already takes no more.
  const left = mayTake - (existing === path ? sizeOf(path) : 0);
  if (free >= left) return ok(text);
  return warning(
    `${text}, and may take ${inMib(left)} more`,
    "make room, or set its limit lower: a full disk refuses telemetry",
  );
}

/** Bytes in the files of a folder, as far as this user can see. */
function sizeOf(folder: string): number {
  try {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    return files.reduce((sum, { name }) => sum + statSync(join(folder, name)).size, 0);
  } catch {
    return 0; // it may be written to and not be read, or a file has just gone
  }
}

function inMib(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}

function foldersOf(config: Subject["config"]): readonly Folder[] {
  const storages = [...(config?.extensions ?? [])].flatMap(([id, { settings }]) =>
    isStorage(settings)
      ? [
          {
            name: `extensions::${id}`,
            path: resolve(settings.directory),
            isMade: settings.create_directory,
            mayTake: settings.max_size_mib,
          },
        ]
      : [],
  );
  const letters = [...(config?.exporters ?? [])].flatMap(([id, { settings }]) =>
    hasDeadLetter(settings)
      ? [
          {
            name: `exporters::${id}::dead_letter`,
            path: resolve(settings.dead_letter.directory),
            isMade: true,
            mayTake: settings.dead_letter.max_mib,
          },
        ]
      : [],
  );
  return [...storages, ...letters];
}

type Storage = { readonly directory: string; readonly create_directory: boolean; readonly max_size_mib: number };

function isStorage(settings: unknown): settings is Storage {
  return (
    typeof settings === "object" && settings !== null && "create_directory" in settings && "max_size_mib" in settings
  );
}

type DeadLetter = { readonly dead_letter: { readonly directory: string; readonly max_mib: number } };

function hasDeadLetter(settings: unknown): settings is DeadLetter {
  return (
    typeof settings === "object" &&
    settings !== null &&
    "dead_letter" in settings &&
    typeof settings.dead_letter === "object" &&
    settings.dead_letter !== null
  );
}
