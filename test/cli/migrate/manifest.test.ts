import { expect, test } from "vitest";
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
