import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { migrated } from "./given-migrated.ts";

const written = {
  pod_delete_grace_period: "120s",
  exclude: { pods: [{ name: "jaeger-agent" }, { name: "jaeger-collector" }] },
};

describe("what aliases and merge keys stand for", () => {
  test("is written out, so that nothing of it is lost where it is changed or taken out", async () => {
    const { code, yaml, notes } = await migrated(`
receivers:
  jaeger: {protocols: {grpc: &grpc {endpoint: "127.0.0.1:4317"}}}
  otlp: {protocols: {grpc: *grpc}}
processors:
  k8sattributes: &all
    extract: &extract
      metadata: [k8s.pod.name]
    pod_association: &rules
      - sources: [{from: connection}]
  k8sattributes/merged:
    # of the first
    <<: *all # and its kin
    extract:
      <<: [{otel_annotations: true, metadata: [k8s.pod.ip]}, *extract]
      labels: [{key: app}]
  k8sattributes/whole: *all # as it stands
  k8sattributes/parts: {extract: *extract, pod_association: *rules}
exporters:
  loki: {sending_queue: &queue {queue_size: 10}}
  otlp: {endpoint: "tempo:4317", tls: {insecure: true}, sending_queue: *queue}
service:
  pipelines:
    traces/gone: {receivers: [jaeger], processors: &some [k8sattributes, k8sattributes/merged], exporters: [otlp]}
    traces: {receivers: [otlp], processors: *some, exporters: [otlp]}
    logs: {receivers: [otlp], processors: [k8sattributes/whole, k8sattributes/parts], exporters: [otlp]}
`);
    const pod_association = [{ sources: [{ from: "connection" }] }];
    const first = { extract: { metadata: ["k8s.pod.name"] }, pod_association, ...written };
    expect(parse(yaml)).toMatchObject({
      receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:4317" } } } },
      processors: {
        cri_attributes: first,
        "cri_attributes/merged": {
          ...first,
          extract: { labels: [{ key: "app" }], metadata: ["k8s.pod.ip"], otel_annotations: true },
        },
        "cri_attributes/whole": first,
        "cri_attributes/parts": first,
      },
      exporters: { otlp_grpc: { sending_queue: { queue_size: 10 } } },
      service: { pipelines: { traces: { processors: ["cri_attributes", "cri_attributes/merged"] } } },
    });
    expect(yaml).not.toMatch(/[&*]\w|<</);
    for (const comment of ["# of the first\n    # and its kin\n", "# as it stands"]) expect(yaml).toContain(comment);
    for (const note of ["4: changed: *grpc", "13: changed: *all", "17: changed: *all", "18: changed: *rules"])
      expect(notes).toContain(`collector.yaml:${note} is written out`);
    expect(code).toBe(0);
  });

  test.each([
    [
      "itself",
      "receivers: &a {otlp: *a}",
      "collector.yaml:1:22: Cannot read YAML: must not have *a in what it stands for",
    ],
    ["too much", laughs(), /collector\.yaml:5:22: Cannot read YAML: must hold at most 50000 values/],
    ["a second document", "a: 1\n---\nb: 2\n", "collector.yaml:2:1: Cannot read YAML: must be one document"],
  ])("is refused when it is %s", async (_, text, message) => {
    await expect(migrated(text)).rejects.toThrow(message);
  });
});

function laughs(): string {
  const line = (level: number) =>
    `a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(",")}]`;
  return ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]", ...[1, 2, 3, 4, 5, 6, 7, 8].map(line)].join("\n");
}

test("a block that comes from the environment or a file keeps the Collector's name and defaults, and what it says", async () => {
  const { yaml, notes } = await migrated(`
receivers: {otlp: {protocols: {grpc: }}}
processors:
  k8sattributes: {extract: "\${env:EXTRACT}"}
  k8sattributes/whole: \${env:BLOCK}
  k8sattributes/pods: {exclude: {pods: "\${env:PODS}"}}
  k8sattributes/metadata: {extract: {metadata: "\${env:METADATA}"}}
exporters: {debug: }
service:
  pipelines:
    traces: {receivers: otlp, processors: "k8sattributes,k8sattributes/pods", exporters: debug}
`);
  expect(parse(yaml)).toEqual({
    receivers: { otlp: { protocols: { grpc: null } } },
    processors: {
      k8s_attributes: { extract: "${env:EXTRACT}" },
      "k8s_attributes/whole": "${env:BLOCK}",
      "k8s_attributes/pods": { exclude: { pods: "${env:PODS}" } },
      "cri_attributes/metadata": { extract: { metadata: "${env:METADATA}" }, ...written },
    },
    exporters: { debug: null },
    // A lone string is a list in the Collector.
    service: {
      pipelines: {
        traces: { receivers: ["otlp"], processors: ["k8s_attributes", "k8s_attributes/pods"], exporters: ["debug"] },
      },
    },
  });
  expect(notes).toContain("collector.yaml:4: changed: k8s_attributes has the Collector's defaults");
});

test("a list that is one string is a list with its comment, one that comes from a variable stays as it is", async () => {
  const { yaml } = await migrated(`
receivers: {otlp: {protocols: {grpc: }}}
processors: {k8sattributes: {passthrough: true}}
exporters: {debug: }
service:
  extensions: \${env:EXTENSIONS} # some
  pipelines:
    traces:
      receivers: otlp # ours
      # in this order
      processors: k8sattributes # first
      exporters: "\${env:EXPORTERS}"
`);
  expect(yaml.slice(yaml.indexOf("service:"))).toBe(`service:
  extensions: \${env:EXTENSIONS} # some
  pipelines:
    traces:
      receivers: [otlp] # ours
      # in this order
      processors: [cri_attributes] # first
      exporters: "\${env:EXPORTERS}"
`);
});

test("two blocks whose names would be one keep two", async () => {
  const { code, yaml } = await migrated(`
receivers: {otlp: {protocols: {grpc: }}}
processors: {k8s_attributes: {passthrough: true}, k8sattributes: {passthrough: false}}
exporters: {debug: }
service: {pipelines: {traces: {receivers: [otlp], processors: [k8sattributes, k8s_attributes], exporters: [debug]}}}
`);
  const { processors, service } = parse(yaml);
  expect(processors["cri_attributes"].passthrough).toBe(true);
  expect(processors["k8s_attributes"]).toEqual({ passthrough: false });
  expect(service.pipelines.traces.processors).toEqual(["k8s_attributes", "cri_attributes"]);
  expect(code).toBe(0);
});

test("what has the Collector's old and its new debug exporter keeps both", async () => {
  const { code, yaml } = await migrated(`
receivers: {otlp: {protocols: {grpc: }}}
exporters: {logging: {loglevel: debug}, debug: {verbosity: basic}, logging/a: , debug/a: }
service: {pipelines: {traces: {receivers: [otlp], exporters: [logging, debug, logging/a, debug/a]}}}
`);
  const { exporters, service } = parse(yaml);
  expect(exporters).toEqual({
    "debug/logging": { verbosity: "detailed" },
    debug: { verbosity: "basic" },
    "debug/logging-a": null,
    "debug/a": null,
  });
  expect(service.pipelines.traces.exporters).toEqual(["debug/logging", "debug", "debug/logging-a", "debug/a"]);
  expect(code).toBe(0);
});

test("what the Collector has given up has the form of today", async () => {
  const { code, yaml, notes } = await migrated(`
receivers: {otlp: {protocols: {grpc: }}}
processors:
  k8sattributes:
    pod_association:
      # by address
      - from: resource_attribute # of the pod
        name: k8s.pod.ip
      - from: connection
exporters: {logging: {loglevel: debug}}
service: {pipelines: {traces: {receivers: [otlp], processors: [k8sattributes], exporters: [logging]}}}
`);
  expect(parse(yaml)).toMatchObject({
    processors: {
      cri_attributes: {
        pod_association: [
          { sources: [{ from: "resource_attribute", name: "k8s.pod.ip" }] },
          { sources: [{ from: "connection" }] },
        ],
      },
    },
    exporters: { debug: { verbosity: "detailed" } },
    service: { pipelines: { traces: { exporters: ["debug"] } } },
  });
  for (const comment of ["# by address", "# of the pod"]) expect(yaml).toContain(comment);
  expect(notes).toContain("collector.yaml:7: changed: a rule of pod_association has its source under sources");
  expect(notes).toContain("collector.yaml:10: changed: exporters::logging is debug here");
  expect(notes).toContain("collector.yaml:10: changed: loglevel debug is verbosity detailed");
  expect(code).toBe(0);
});

const commented = `# top
receivers:
  # ours
  otlp: {protocols: {grpc: }} # in
  # of files
  filelog: # tail
    include: [/x]
processors:
  # who is it
  k8sattributes:
    # needs a role
    auth_type: serviceAccount # by token
    passthrough: false # no
    extract:
      metadata:
      - k8s.pod.name
      deployment_name_from_replicaset: true # gone
  # sampled
  tail_sampling: {} # later
  # batched
  batch: # all
exporters:
  debug:
  # scraped
  prometheus: {endpoint: "127.0.0.1:1"} # there
service:
  pipelines:
    traces:
      receivers: [otlp]
      processors:
      - k8sattributes # first
      # then sampled
      - tail_sampling # second
      - batch # third
      exporters: [debug]
    # metrics of ours
    metrics: {receivers: [otlp], exporters: [prometheus]} # for later
    # at the end
`;

test("comments stay where something is taken out, and the file's manner of writing does", async () => {
  const { code, yaml } = await migrated(commented);
  expect(code).toBe(0);
  expect(yaml.match(/#.*/g)?.toSorted()).toEqual(commented.match(/#.*/g)?.toSorted());
  expect(yaml).toContain("      metadata:\n      - k8s.pod.name\n");
  expect(yaml).toContain("receivers: [otlp]\n");
  const windows = await migrated(commented.replaceAll("\n", "\r\n"));
  expect(windows.yaml).toBe(yaml.replaceAll("\n", "\r\n"));
  expect(windows.code).toBe(0);
});

test("what only the Collector reads so is written out: keys with ::, octal numbers, and comments behind the last document", async () => {
  const { code, yaml, notes } = await migrated(`
receivers::otlp::protocols::grpc::endpoint: 0.0.0.0:4317 # here
processors:
  k8sattributes::extract::metadata: [k8s.pod.name]
  # more of it
  k8sattributes::passthrough: false
  batch: {send_batch_size: 010, send_batch_max_size: 1_000}
exporters: {otlp::endpoint: "a:1", otlp: {timeout: 5s}}
service:
  pipelines::traces: {receivers: [otlp], processors: [k8sattributes, batch], exporters: [otlp]}
---
# the end
`);
  const read = parse(yaml);
  expect(read.receivers).toEqual({ otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" } } } });
  expect(read.processors.cri_attributes).toMatchObject({ extract: { metadata: ["k8s.pod.name"] }, passthrough: false });
  expect(read.processors.batch).toEqual({ send_batch_size: 8, send_batch_max_size: "1_000" });
  expect(read.exporters).toEqual({ otlp_grpc: { endpoint: "a:1", timeout: "5s" } });
  expect(Object.keys(read.service.pipelines)).toEqual(["traces"]);
  for (const comment of ["# here", "# more of it\n    passthrough", "# the end"]) expect(yaml).toContain(comment);
  expect(notes).toContain("collector.yaml:7: changed: 010 is 8: a number with a 0 before it is octal to the Collector");
  expect(notes).toContain("collector.yaml:4: changed: k8sattributes::extract::metadata is written as maps");
  expect(code).toBe(0);
  await expect(migrated("a::b: 1\na: {b: 2}\n")).rejects.toThrow(
    "collector.yaml:1:1: Cannot read YAML: the same key is written twice, once with ::",
  );
});
