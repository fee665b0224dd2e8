import { onTestFinished } from "vitest";
import { parseContainerRef } from "../../src/containers/names/container-ref.ts";
import { createDirectory } from "../../src/containers/directory.ts";
import type { Directory } from "../../src/containers/directory.ts";
import type { Resolved } from "../../src/containers/finder.ts";
import { criSource } from "../../src/runtimes/discovery/discovery.ts";
import type { RuntimeSource } from "../../src/runtimes/facts.ts";
import type { CriServer, CriServerOptions } from "../support/cri/server.ts";
import { testHost } from "../support/agent/host.ts";
import type { TestHost } from "../support/agent/host.ts";
import { lendRuntime } from "../support/lend.ts";

export type GivenOptions = {
  readonly server?: CriServerOptions;
  /** Of one call to the runtime. */
  readonly timeoutMs?: number;
  readonly relistMs?: number;
  readonly relistWithoutEventsMs?: number;
  readonly maxEntries?: number;
  readonly tombstoneMs?: number;
};

/** A directory over a runtime of ours, with what a test asks of it. */
export type Given = {
  readonly server: CriServer;
  readonly directory: Directory;
  readonly host: TestHost;
  /** Resolves an ID as telemetry has it, for no longer than `limitMs`. */
  resolve(id: string, waitMs?: number, limitMs?: number): Promise<Resolved>;
  /** The state of an entry: "live", "gone" or "unknown". */
  stateOf(id: string): "live" | "gone" | "unknown";
};

/** Starts a directory that lists again only after ten minutes, so that what a test sees comes from elsewhere. */
export async function givenDirectory(options: GivenOptions = {}): Promise<Given> {
  const server = await lendRuntime(options.server);
  const host = testHost("directory");
  const source = criSource(server.endpoint, { timeoutMs: options.timeoutMs ?? 5000, metrics: host.metrics });
  const given = await directoryOf([source], host, options);
  return { server, ...given };
}

/** Starts a directory over any sources. */
export async function directoryOf(
  sources: readonly RuntimeSource[],
  host: TestHost,
  options: GivenOptions,
): Promise<Omit<Given, "server">> {
  const { relistMs = 600_000, relistWithoutEventsMs = 600_000, maxEntries = 50_000, tombstoneMs = 300_000 } = options;
  const limits = { maxEntries, tombstoneMs, maxTombstones: 100 };
  const directory = createDirectory({
    places: { label: "list", find: () => sources },
    hostRoot: "/",
    relistMs,
    relistWithoutEventsMs,
    limits,
    log: host.log,
    metrics: host.metrics,
  });
  onTestFinished(() => directory.stop());
  await directory.start();
  const refOf = (id: string) => parseContainerRef(id) ?? { id, mayBePrefix: false };
  return {
    directory,
    host,
    resolve: (id, waitMs = 10_000, limitMs = 15_000) =>
      directory.resolve(refOf(id), waitMs, AbortSignal.timeout(limitMs)),
    stateOf(id) {
      if (directory.find(refOf(id)).status !== "found") return "unknown";
      return directory.entries().some((entry) => entry.id === id) ? "live" : "gone";
    },
  };
}

/** IDs that no runtime knows. */
export function bogusIds(count: number, salt = "f"): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${salt}${i.toString(16).padStart(63, "0")}`);
}
