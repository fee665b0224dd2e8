import { type Document, isMap, isScalar, type Pair, Scalar, type YAMLMap } from "yaml";
import { type Tell, textOf } from "./notes.ts";

/** The address of our own metrics, which older Collectors had in one setting, as the reader that has taken its place; a variable stays. */
export function migrateMetricsAddress(doc: Document, tell: Tell): void {
  const metrics = doc.getIn(["service", "telemetry", "metrics"]);
  if (!isMap(metrics) || metrics.has("readers")) return;
  const pair = (metrics as YAMLMap<unknown, unknown>).items.find(({ key }) => textOf(key) === "address");
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(textOf(pair?.value)) ?? [];
  if (pair === undefined || host === undefined) return;
  tell(pair.key, "changed", "service::telemetry::metrics::address is the host and port of a reader here");
  // Go listens everywhere where there is no host.
  const reader = { pull: { exporter: { prometheus: { host: host || "0.0.0.0", port: Number(port) } } } };
  replace(pair, doc.createNode([reader], { flow: metrics.flow === true }));
}

/** What stood around the key and the value stands around the new ones. */
function replace(pair: Pair<unknown, unknown>, readers: { commentBefore?: string | null | undefined }): void {
  if (isScalar(pair.value)) readers.commentBefore = pair.value.comment;
  if (isScalar(pair.key)) pair.key.value = "readers";
  else pair.key = new Scalar("readers");
  pair.value = readers;
}
