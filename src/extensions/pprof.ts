import { anyMap } from "../config/schema/kinds.ts";
import type { ExtensionFactory } from "../pipeline/graph/factory.ts";

/** Accepted for files of the Collector: Go's profiles do not exist here. */
export const pprofExtension: ExtensionFactory<unknown> = {
  kind: "extension",
  type: "pprof",
  aliases: [],
  signals: [],
  stability: "development",
  summary: "Accepted for files of the Collector and does nothing; its settings are not looked at.",
  notice:
    "does nothing: podstamp is no Go program. For a profile set NODE_OPTIONS=--cpu-prof (or --heap-prof), stop it with SIGTERM and open the file in a browser's developer tools",
  schema: anyMap(),
  create: () => ({ start: async () => {}, stop: async () => {} }),
};
