import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { migrated } from "./given-migrated.ts";

const collector = (metrics: string) => `receivers: {otlp: {protocols: {grpc: }}}
exporters: {debug: }
service:
  telemetry:
    metrics:
      ${metrics}
  pipelines:
    traces: {receivers: [otlp], exporters: [debug]}
`;

describe("podstamp migrate, of the address of the Collector's own metrics", () => {
  test.each([
    ["${env:MY_POD_IP}:8888", "${env:MY_POD_IP}"],
    ["0.0.0.0:8888", "0.0.0.0"],
    ['":8888"', "0.0.0.0"],
    ['"[::]:8888"', "::"],
  ])("makes a reader of address: %s", async (address, host) => {
    const { code, yaml, notes } = await migrated(collector(`address: ${address}`));
    expect(code).toBe(0);
    expect(parse(yaml).service.telemetry.metrics).toEqual({
      readers: [{ pull: { exporter: { prometheus: { host, port: 8888 } } } }],
    });
    expect(notes).toContain(
      "collector.yaml:6: changed: service::telemetry::metrics::address is the host and port of a",
    );
  });

  test("keeps what stands around it", async () => {
    const { yaml } = await migrated(
      collector("# for us\n      address: 0.0.0.0:8888 # for Prometheus\n      level: normal"),
    );
    expect(yaml).toMatch(
      /# for us\n {6}readers:\n {8}# for Prometheus\n {8}- pull:\n[^#]*port: 8888\n {6}level: normal\n/,
    );
  });

  test.each(["address: ${env:METRICS}", "{address: ':1', readers: []}"])("leaves alone %s", async (metrics) => {
    const { yaml } = await migrated(collector(metrics));
    expect(parse(yaml)).toEqual(parse(collector(metrics)));
  });
});
