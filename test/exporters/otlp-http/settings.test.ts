import { describe, expect, test } from "vitest";
import { otlpHttpExporter } from "../../../src/exporters/otlp-http/otlp-http.ts";

describe("settings", () => {
  const read = (settings: object) => otlpHttpExporter.schema.safeParse(settings);
  const words = (settings: object) =>
    read(settings)
      .error?.issues.map(({ message }) => message)
      .join() ?? "";

  test("have the Collector's defaults", () => {
    expect(read({ endpoint: "http://tempo:4318" }).data).toMatchObject({
      encoding: "proto",
      compression: "gzip",
      timeout: 30_000,
      sending_queue: { num_consumers: 10, queue_size: 1000 },
      retry_on_failure: { initial_interval: 5000 },
      max_idle_conns: 100,
      max_idle_conns_per_host: 0,
      max_conns_per_host: 0,
      idle_conn_timeout: 90_000,
      disable_keep_alives: false,
    });
  });

  test.each([
    [{}, /must be set, or one of traces_endpoint/],
    [{ endpoint: "tempo:4318" }, /must be an http:\/\/ or https:\/\/ URL/],
    [{ endpoint: "http://tempo:4318/#x" }, /without a fragment/],
    [{ endpoint: "http://x", compression: "lz4" }, /not built yet/],
    [{ endpoint: "http://x", auth: { authenticator: "x" } }, /authenticators/],
    [{ endpoint: "http://x", cookies: { enabled: true } }, /cookies/],
  ])("%o are refused in words", (settings, expected) => {
    expect(words(settings)).toMatch(expected);
  });
});
