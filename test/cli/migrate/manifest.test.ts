import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { migrated } from "./given-migrated.ts";

const configuration = `# of the team
receivers:
  otlp: {protocols: {grpc: }}
exporters:
  otlp: {endpoint: "tempo:4317", tls: {insecure: true}} # by mesh
service:
  pipelines:
    traces: {receivers: [otlp], exporters: [otlp]}
`;
const indented = (by: number) => configuration.replaceAll(/^(?=.)/gm, " ".repeat(by));
const expected = {
  receivers: { otlp: { protocols: { grpc: null } } },
  exporters: { otlp_grpc: { endpoint: "tempo:4317", tls: { insecure: true } } },
  service: { pipelines: { traces: { receivers: ["otlp"], exporters: ["otlp_grpc"] } } },
};
const object = "the image, the mounts and the rest of the object are as config/kubernetes has them for podstamp";
const chart =
  "what the chart adds by its defaults and presets is not here, but in its ConfigMap: kubectl get configmap NAME -o jsonpath='{.data.relay}' prints it";

test.each([
  [
    "the operator's object",
    `apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
spec:
  mode: daemonset
  config:
${indented(4)}  image: x
`,
    { place: "spec::config", hint: object, line: 5, exporter: 10 },
  ],
  [
    "the operator's object of old",
    `apiVersion: opentelemetry.io/v1alpha1
kind: OpenTelemetryCollector
spec:
  config: |
${indented(4)}`,
    { place: "spec::config", hint: object, line: 4, exporter: 9 },
  ],
  [
    "a ConfigMap among others",
    `kind: ServiceAccount
---
kind: ConfigMap
data:
  alertmanager.yaml: |
    receivers: [{name: a}]
  relay: |-
${indented(4)}---
kind: DaemonSet
`,
    { place: "data::relay", hint: object, line: 7, exporter: 12 },
  ],
  [
    "a chart's values",
    `mode: daemonset\nconfig:\n${indented(2)}`,
    { place: "config", hint: chart, line: 2, exporter: 7 },
  ],
  [
    "the values of a chart of charts",
    `# all\nx: 1\nopentelemetry-collector:\n  mode: daemonset\n  config:\n${indented(4)}`,
    { place: "opentelemetry-collector::config", hint: chart, line: 5, exporter: 10 },
  ],
  [
    "values of collectors by their names",
    `collectors:\n  daemon:\n    config:\n${indented(6)}`,
    { place: "collectors::daemon::config", hint: chart, line: 3, exporter: 8 },
  ],
  [
    "a release that has a chart's values in it",
    `kind: HelmRelease\nspec:\n  values:\n    config:\n${indented(6)}`,
    { place: "spec::values::config", hint: chart, line: 4, exporter: 9 },
  ],
  [
    "an application that has them as an object",
    `kind: Application\nspec:\n  source:\n    helm:\n      valuesObject:\n        config:\n${indented(10)}`,
    { place: "spec::source::helm::valuesObject::config", hint: chart, line: 6, exporter: 11 },
  ],
  [
    "kubectl's list",
    `kind: List\nitems:\n- kind: Service\n- kind: ConfigMap\n  data:\n    relay: |\n${indented(6)}`,
    { place: "items::1::data::relay", hint: object, line: 6, exporter: 11 },
  ],
  [
    "a ConfigMap as kubectl prints it",
    `kind: ConfigMap\ndata:\n  config.yaml: ${JSON.stringify(configuration)}\n`,
    { place: "data::config.yaml", hint: object, line: 3, exporter: 7 },
  ],
])(
  "the configuration in %s is found, with its comments and places",
  async (_, text, { place, hint, line, exporter }) => {
    const { code, yaml, notes } = await migrated(text);
    expect(parse(yaml)).toEqual(expected);
    expect(yaml).toMatch(/^# of the team\nreceivers:\n {2}otlp:[^]*# by mesh\n/);
    expect(notes).toContain(`collector.yaml:${line}: changed: ${place} is what is written: ${hint}\n`);
    expect(notes).toContain(`collector.yaml:${exporter}: changed: exporters::otlp is otlp_grpc here\n`);
    expect(code).toBe(0);
  },
);

describe("of several configurations", () => {
  const objects = ["agent", "gateway"].map(
    (name) => `kind: OpenTelemetryCollector\nmetadata: {name: ${name}}\nspec:\n  config:\n${indented(4)}`,
  );
  const other = indented(6).replace("tempo:4317", "other:4317");
  const values = `collectors:\n  cluster:\n    config:\n${other}  daemon:\n    config:\n${indented(6)}`;

  test.each([
    ["its object's name", objects.join("---\n"), "gateway"],
    ["its place", values, "collectors::daemon::config"],
    ["the last name in that", values, "daemon"],
    ["its key", `kind: ConfigMap\ndata:\n  agent: |\n${indented(4)}  gateway: |\n${indented(4)}`, "agent"],
  ])("one is taken by %s", async (_, text, which) => {
    const { code, yaml } = await migrated(text, "--which", which);
    expect({ code, yaml: parse(yaml) }).toEqual({ code: 0, yaml: expected });
  });

  test.each([
    [
      objects.join("---\n"),
      [],
      "collector.yaml:17:1: Cannot tell which configuration is meant: must have one, has 2 (spec::config of agent, spec::config of gateway); --which NAME says which",
    ],
    [
      values,
      ["--which", "gateway"],
      'collector.yaml:1:1: Cannot find the configuration "gateway": it has collectors::cluster::config, collectors::daemon::config',
    ],
    [
      configuration,
      ["--which", "relay"],
      'collector.yaml:1:1: Cannot find the configuration "relay": it is no manifest with one in it',
    ],
  ])("none is taken where it is not said which: %#", async (text, args, message) => {
    await expect(migrated(text, ...args)).rejects.toThrow(message);
  });
});

test("what stands for something in the manifest around it is written out, with the place of who refers to it", async () => {
  const { yaml, notes } = await migrated(`x-tls: &tls
  insecure: true
x-names: &names [k8s.pod.name, &tag container.image.tags]
config:
  receivers: {otlp: {protocols: {grpc: }}}
  processors:
    k8s_attributes: {extract: {metadata: *names}}
  exporters:
    otlp:
      endpoint: tempo:4317
      tls: {<<: *tls}
  service:
    pipelines:
      traces: {receivers: [otlp], processors: [k8s_attributes], exporters: [otlp]}
`);
  expect(parse(yaml)).toMatchObject({
    processors: { cri_attributes: { extract: { metadata: ["k8s.pod.name", "container.image.tags"] } } },
    exporters: { otlp_grpc: { tls: { insecure: true } } },
  });
  expect(notes).toContain("collector.yaml:7: changed: *names is written out\n");
  expect(notes).toContain("collector.yaml:11: changed: *tls is written out\n");
  expect(notes).toContain("The configuration is valid\n");
});

test("what a chart's values set to null is taken out of the chart's own, and is nothing here", async () => {
  const { yaml, notes } = await migrated(`config:
  receivers: {otlp: {protocols: {grpc: }}, jaeger: null, zipkin: }
  processors: {batch: }
  exporters: {debug: null}
  extensions: {health_check: , zpages: }
  service:
    extensions: [health_check]
    pipelines:
      logs: null
      traces: {receivers: [otlp], processors: [batch], exporters: [debug]}
`);
  expect(parse(yaml)).toEqual({
    receivers: { otlp: { protocols: { grpc: null } } },
    processors: { batch: null },
    exporters: { debug: null },
    extensions: { health_check: null },
    service: {
      extensions: ["health_check"],
      pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["debug"] } },
    },
  });
  expect(notes).toContain("collector.yaml:2: removed: receivers::jaeger: null only takes out the chart's own\n");
  expect(notes).toContain("collector.yaml:9: removed: service::pipelines::logs: null only takes out the chart's own\n");
  expect(notes).not.toContain("missing");
});

test("a pipeline of which a chart's values have a part only stays, and what it lacks is said of it", async () => {
  const { code, yaml, notes } = await migrated(`config:
  exporters: {otlp: {endpoint: "tempo:4317"}, opensearch: {}}
  service:
    pipelines:
      traces: {exporters: [otlp]}
      logs: {exporters: [opensearch]}
`);
  expect(parse(yaml).service).toEqual({ pipelines: { traces: { exporters: ["otlp_grpc"] } } });
  expect(notes).toContain(
    "collector.yaml:6: missing: service::pipelines::logs: it has no exporters left, and is taken out\n",
  );
  expect(notes).toContain("Cannot use service::pipelines::traces::receivers: must have at least one receiver\n");
  expect(code).toBe(1);
});

test.each([
  [
    "two of them",
    `kind: ConfigMap\ndata:\n  agent: |\n${indented(4)}  gateway: |\n${indented(4)}`,
    "collector.yaml:12:1: Cannot tell which configuration is meant: must have one, has 2 (data::agent, data::gateway)",
  ],
  [
    "one that is wrong in itself",
    `spec:\n  config:\n    receivers:\n      otlp: {a: &a [*a]}\n`,
    "collector.yaml:4:21: Cannot read YAML: must not have *a in what it stands for",
  ],
  [
    "none where there would be one",
    "kind: OpenTelemetryCollector\nspec:\n  config: nothing\n",
    "collector.yaml:3:11: Cannot read YAML: must be the Collector's configuration itself, which here is under spec::config",
  ],
  [
    "Alertmanager's",
    "kind: ConfigMap\ndata: {alertmanager.yaml: 'receivers: [{name: a}]'}\n",
    "collector.yaml:2:7: Cannot read YAML: must be the Collector's configuration itself, which here is under data",
  ],
])("what has %s is refused with the place", async (_, text, message) => {
  await expect(migrated(text)).rejects.toThrow(message);
});
