/* Follows the runtime at the endpoint that it is given, stops, and must then end by itself: see directory.test.ts. */
import { createDirectory } from "../../src/containers/directory.ts";
import { criSource } from "../../src/runtimes/discovery/discovery.ts";
import { testHost } from "../support/agent/host.ts";

const host = testHost("directory");
const source = criSource(process.argv[2] ?? "", { timeoutMs: 600_000, metrics: host.metrics });
const directory = createDirectory({
  places: { label: "list", find: () => [source] },
  hostRoot: "/",
  relistMs: 600_000,
  relistWithoutEventsMs: 600_000,
  limits: { maxEntries: 100, tombstoneMs: 600_000, maxTombstones: 100 },
  log: host.log,
  metrics: host.metrics,
});
await directory.start();
const known = directory.entries().length;
for (const { id } of directory.entries())
  await directory.resolve({ id, mayBePrefix: false }, 600_000, new AbortController().signal);
const waiting = directory.resolve({ id: "unknown", mayBePrefix: false }, 600_000, new AbortController().signal);
await directory.stop();
await directory.stop();
const { outcome } = await waiting;
process.stdout.write(`${known} entries, ${outcome}\n`);
