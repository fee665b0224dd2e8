import { createDirectory, type Directory } from "../../containers/directory.ts";
import { longestTimerMs } from "../../longest-timer.ts";
import type { Host } from "../../pipeline/contract.ts";
import { placesOf } from "../../runtimes/discovery/places.ts";
import type { Settings } from "./settings/settings.ts";

/** While a runtime has no events, its containers are listed this often at least. */
const relistWithoutEventsMs = 10_000;

/** Between two lists at least: a runtime has others to answer too. */
const minRelistMs = 1000;

/** Instances with the same runtimes share one directory, which keeps as much, and looks as often, as any of them asks for. */
export function sharedDirectory(config: Settings, host: Host): Directory {
  // One that a receiver has made has what that asks for.
  const shared = host.share<Directory & Partial<Most>>(directoryKey(config), () => createOne(config, host));
  shared.also?.(config);
  return shared;
}

function createOne({ runtimes, host_root }: Settings, host: Host): Directory & Most {
  const limits = { maxEntries: 0, tombstoneMs: 0, maxTombstones: 0 };
  let listMs = Infinity;
  const directory = createDirectory({
    places: placesOf(runtimes, host_root, host),
    hostRoot: host_root,
    // Looked at from the start on: those who are made until then may ask for more.
    get relistMs() {
      return Math.min(longestTimerMs, Math.max(minRelistMs, listMs));
    },
    get relistWithoutEventsMs() {
      return Math.min(relistWithoutEventsMs, Math.max(minRelistMs, listMs));
    },
    limits,
    log: host.log,
    metrics: host.metrics,
  });
  return {
    ...directory,
    also({ max_containers, pod_delete_grace_period, max_tombstones, watch_sync_period }) {
      limits.maxEntries = Math.max(limits.maxEntries, max_containers);
      limits.tombstoneMs = Math.max(limits.tombstoneMs, pod_delete_grace_period);
      limits.maxTombstones = Math.max(limits.maxTombstones, max_tombstones);
      listMs = Math.min(listMs, watch_sync_period || Infinity);
    },
  };
}

type Most = {
  /** Somebody else asks for this. */
  also(settings: Settings): void;
};

/** What the directory has from whoever asks most. */
const directorySettings = [
  "pod_delete_grace_period",
  "max_tombstones",
  "max_containers",
  "watch_sync_period",
] as const satisfies readonly (keyof Settings)[];

/** A directory goes on through a reload, as it is. */
export function keptSettings(before: Settings, after: Settings): readonly string[] {
  if (directoryKey(before) !== directoryKey(after)) return [];
  return directorySettings.filter((name) => before[name] !== after[name]);
}

function directoryKey({ runtimes, host_root }: Settings): string {
  return `directory ${JSON.stringify([runtimes, host_root])}`;
}
