import { anyMap } from "../config/schema/kinds.ts";
import type { ExtensionFactory } from "../pipeline/graph/factory.ts";

/** Accepted for files of the Collector: there are no pages here. */
export const zpagesExtension: ExtensionFactory<unknown> = {
  kind: "extension",
  type: "zpages",
  aliases: [],
  signals: [],
  stability: "development",
  summary: "Accepted for files of the Collector and does nothing; its settings are not looked at.",
  notice:
    "does nothing: podstamp has no pages. What it counts is at /metrics (service::telemetry::metrics), `podstamp components` and `podstamp ps` show what it has and sees",
  schema: anyMap(),
  create: () => ({ start: async () => {}, stop: async () => {} }),
};
