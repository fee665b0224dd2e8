import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import { components } from "../../src/components.ts";
import { problemLine } from "../../src/config/document/problem.ts";

const folder = new URL("../../config/", import.meta.url);

async function text(name: string): Promise<string> {
  return readFile(new URL(name, folder), "utf8");
}

test("the two halves of config/prometheus meet: podstamp sends to where the Collector listens, and only the Collector knows Prometheus", async () => {
  const [ours, theirs] = [await text("prometheus/podstamp.yaml"), await text("prometheus/collector.yaml")];
  expect(/COLLECTOR_ENDPOINT:-([^}]+)/.exec(ours)?.[1]).toBe(/COLLECTOR_LISTEN:-([^}]+)/.exec(theirs)?.[1]);
  const { exporters, service } = parse(theirs) as {
    readonly exporters: object;
    readonly service: { readonly pipelines: object };
  };
  expect(Object.keys(exporters)).toEqual(["prometheusremotewrite"]);
  expect(Object.keys(service.pipelines)).toEqual(["metrics"]);
});

test("the Collector's half says, given to podstamp, where it belongs", async () => {
  const file = new URL("prometheus/collector.yaml", folder).pathname;
  const { config, problems } = await loadConfig([file], { types: components, env: {} });
  expect(config).toBeUndefined();
  expect(problems.map(problemLine)).toEqual([
    expect.stringContaining(
      'podstamp has no exporter "prometheusremotewrite"; send to a Collector with otlp_grpc and put it there',
    ),
  ]);
});

test("an API key that is not set is a warning, not an empty header in silence", async () => {
  const file = new URL("vendor.yaml", folder).pathname;
  const { problems } = await loadConfig([file], {
    types: components,
    env: { OTLP_ENDPOINT: "https://otlp.example.com" },
  });
  expect(problems.map(problemLine)).toEqual([expect.stringContaining("OTLP_API_KEY")]);
});
