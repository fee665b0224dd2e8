import { chmodSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ProbeName, ProbeReport } from "../../../src/ebpf/loader/reports.ts";

/** What a stand-in for the loader does; as JSON its argument. */
export type StandIn = {
  /** A recorded ring that it passes on when it is told to start. */
  readonly ring?: string;
  /** Of the layout that its records have; the current one unless said. */
  readonly layoutHash?: number;
  /** Probes that cannot be attached as long as no file is at `until`. */
  readonly fails?: {
    readonly probes: readonly ProbeName[];
    readonly reason: ProbeReport["reason"];
    readonly until: string;
  };
};

const script = fileURLToPath(new URL("stand-in-process.ts", import.meta.url));

/** Writes a program to `path` that speaks as the loader does and needs neither Linux nor a privilege. */
export function writeStandIn(path: string, what: StandIn): void {
  const words = [process.execPath, script, JSON.stringify(what)].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  writeFileSync(path, `#!/bin/sh\nexec ${words.join(" ")}\n`);
  chmodSync(path, 0o755);
}
