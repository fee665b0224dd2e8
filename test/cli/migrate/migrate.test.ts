import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { migrate } from "../../../src/cli/migrate/migrate.ts";
import { components } from "../../../src/components.ts";
import { givenIo } from "../given-cli.ts";
import { migrated } from "./given-migrated.ts";

const collector = `# Our agents
receivers:
  otlp: {protocols: {grpc: }}
  filelog: {include: [/var/log/*.log]}
processors:
  # who is it
  k8sattributes:
    auth_type: serviceAccount
    extract:
      labels:
        - {key: app, from: pod} # the app
        - {key: team, from: namespace}
  k8sattributes/2: # the second one
    passthrough: true
    extract: {metadata: [k8s.pod.name]}
    pod_delete_grace_period: 10s
    exclude: {pods: [{name: noisy}]}
  tail_sampling: {}
  groupbyattrs: {keys: [container.id]}
exporters:
  otlp: {endpoint: "tempo:4317", tls: {insecure: true}} # Tempo
connectors:
  spanmetrics: {}
extensions:
  basicauth: {}
service:
  extensions: [basicauth]
  pipelines:
    traces: {receivers: [otlp], processors: [k8sattributes, groupbyattrs, tail_sampling], exporters: [otlp, spanmetrics]}
    traces/2: {receivers: [otlp], processors: [k8sattributes/2], exporters: [otlp]}
    metrics: {receivers: [spanmetrics], exporters: [otlp]}
    logs: {receivers: [filelog], exporters: [otlp]}
`;

describe("podstamp migrate", () => {
  test("writes a configuration that podstamp takes, with the Collector's defaults in it", async () => {
    const { code, yaml } = await migrated(collector);
    expect(code).toBe(0);
    expect(parse(yaml)).toEqual({
      receivers: { otlp: { protocols: { grpc: null } } },
      processors: {
        cri_attributes: {
          extract: {
            labels: [
              { key: "app", from: "pod" },
              { key: "team", from: "namespace" },
            ],
            metadata: [
              "k8s.namespace.name",
              "k8s.pod.name",
              "k8s.pod.uid",
              "k8s.pod.start_time",
              "k8s.node.name",
              "k8s.deployment.name",
              "container.image.name",
              "container.image.tags",
            ],
          },
          pod_delete_grace_period: "120s",
          exclude: { pods: [{ name: "jaeger-agent" }, { name: "jaeger-collector" }] },
        },
        "cri_attributes/2": {
          passthrough: true,
          extract: { metadata: ["k8s.pod.name"] },
          pod_delete_grace_period: "10s",
          exclude: { pods: [{ name: "noisy" }] },
        },
      },
      exporters: { otlp_grpc: { endpoint: "tempo:4317", tls: { insecure: true } } },
      extensions: {},
      service: {
        extensions: [],
        pipelines: {
          traces: { receivers: ["otlp"], processors: ["cri_attributes"], exporters: ["otlp_grpc"] },
          "traces/2": { receivers: ["otlp"], processors: ["cri_attributes/2"], exporters: ["otlp_grpc"] },
        },
      },
    });
  });

  test("keeps the comments", async () => {
    const { yaml } = await migrated(collector);
    for (const comment of ["# Our agents", "# who is it", "# the app", "# the second one", "# Tempo"])
      expect(yaml).toContain(comment);
  });

  test("tells each change, each key that does nothing, and what podstamp has not, by its line", async () => {
    const { notes } = await migrated(collector);
    for (const note of [
      'collector.yaml:4: missing: receivers::filelog: podstamp has no receiver "filelog"; keep it in a Collector beside podstamp',
      "collector.yaml:7: changed: processors::k8sattributes is cri_attributes here",
      "collector.yaml:7: changed: extract::metadata is written out",
      "collector.yaml:8: removed: auth_type does nothing here",
      "collector.yaml:12: missing: extract::labels from: namespace needs overlay",
      "collector.yaml:18: missing: processors::tail_sampling",
      "collector.yaml:19: missing: processors::groupbyattrs: cri_attributes moves the records",
      "collector.yaml:21: changed: exporters::otlp is otlp_grpc here",
      "collector.yaml:23: missing: connectors::spanmetrics",
      "collector.yaml:25: missing: extensions::basicauth",
      "collector.yaml:31: missing: service::pipelines::metrics: it has no receivers left",
      "collector.yaml:32: missing: service::pipelines::logs: it has no receivers left",
      "The configuration is valid\n",
    ])
      expect(notes).toContain(note);
    // What stands in the second block already is left alone.
    expect(notes).not.toContain("collector.yaml:13: changed: extract");
  });

  test("writes the node's uid out where the Collector writes it unasked, and tells what podstamp's processor does otherwise", async () => {
    const { yaml, notes } = await migrated(`
receivers: {otlp: {protocols: {grpc: }}}
processors:
  k8sattributes:
    extract: {labels: [{key: zone, from: node}], metadata: [k8s.pod.name]}
    pod_association: [{sources: [{from: connection}]}]
  k8sattributes/read: {extract: {annotations: [{key: a, from: node}]}}
exporters: {debug: }
service: {pipelines: {traces: {receivers: [otlp], processors: [k8sattributes, k8sattributes/read], exporters: [debug]}}}
`);
    const { processors } = parse(yaml);
    expect(processors.cri_attributes.extract.metadata).toEqual(["k8s.pod.name", "k8s.node.uid"]);
    expect(processors["cri_attributes/read"].extract.metadata).toContain("k8s.node.uid");
    expect(notes).toContain("collector.yaml:5: changed: extract::metadata has k8s.node.uid");
    expect(notes).toContain(
      "collector.yaml:4: changed: pods with the annotation opentelemetry.io/k8s-processor/ignore are ignored",
    );
    expect(notes).not.toContain("collector.yaml:7: changed: pods with the annotation");
    expect(notes).toContain("collector.yaml:7: changed: without pod_association podstamp's own order");
    expect(notes).not.toContain("collector.yaml:4: changed: without pod_association");
  });

  test("tells where others go by names that the processor wrote before 1.0, but for what it is to write itself", async () => {
    const { notes } = await migrated(`
receivers: {otlp: {protocols: {grpc: }}}
processors:
  k8sattributes:
    extract: {metadata: [container.image.tag], labels: [{key: a, tag_name: k8s.pod.labels.a}]}
  resource:
    attributes:
      - {key: tier, from_attribute: k8s.pod.labels.tier, action: insert}
      - {key: container.image.tag, action: delete}
      - {key: k8s.namespace.annotations.owner, action: delete}
      - {key: k8s.pod.label.new, action: delete}
exporters: {debug: }
service: {pipelines: {traces: {receivers: [otlp], processors: [k8sattributes, resource], exporters: [debug]}}}
`);
    const told = [...notes.matchAll(/yaml:(\d+): changed: (\S+ is \S+) today: write that/g)].map(([, ...found]) =>
      found.join(" "),
    );
    expect(told).toEqual([
      "8 k8s.pod.labels.tier is k8s.pod.label.tier",
      "9 container.image.tag is container.image.tags",
      "10 k8s.namespace.annotations.owner is k8s.namespace.annotation.owner",
    ]);
  });

  test("says what is left to do, and ends with 1", async () => {
    const { code, notes } = await migrated("processors: {k8sattributes: {Passthrough: true}}\nservice: {}\n");
    expect(code).toBe(1);
    expect(notes).toContain("cri_attributes::Passthrough: unknown key; did you mean passthrough?");
    expect(notes).toContain("The configuration is not valid yet");
  });

  test("says where an alias stands that has no anchor", async () => {
    await expect(migrated("receivers:\n  otlp: *nobody\n")).rejects.toThrow(
      "collector.yaml:2:9: Cannot read YAML: must not refer to an anchor that does not stand before it",
    );
  });

  test("says where a file is no YAML, or that there is none", async () => {
    await expect(migrated("a: [")).rejects.toThrow(/collector\.yaml:\d+:\d+: Cannot read YAML: /);
    await expect(migrate(["/no/such.yaml"], givenIo().io, components)).rejects.toThrow("Cannot read /no/such.yaml");
  });
});
