import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { migrated } from "../given-migrated.ts";

const components = `
receivers: {otlp: {protocols: {grpc: }}, otlp/b: {protocols: {http: }}}
processors:
  memory_limiter: {check_interval: 1s, limit_mib: 400}
  batch:
  resource/env: {attributes: [{key: env, value: a, action: upsert}]}
  k8s_attributes: {extract: {metadata: [k8s.pod.name]}}
exporters: {otlp: {endpoint: "tempo:4317"}, debug: }
`;

async function pipelinesOf(connectors: string, pipelines: string) {
  const { code, yaml, notes } = await migrated(
    `${components}connectors: {${connectors}}\nservice:\n  pipelines:\n${pipelines}`,
  );
  const file = parse(yaml);
  return { code, yaml, notes, file, pipelines: file.service?.pipelines };
}

describe("pipelines that forward connectors join", () => {
  test("are one where one leads to the other, with the processors of both in their order", async () => {
    const { code, yaml, notes, file, pipelines } = await pipelinesOf(
      "forward: ",
      `    # of apps
    traces/in: {receivers: [otlp], processors: [memory_limiter, k8s_attributes, batch], exporters: [forward]}
    traces/out: {receivers: [forward], processors: [memory_limiter, resource/env, batch], exporters: [otlp]}
    logs/in: {receivers: [otlp], exporters: forward}
    logs/out: {receivers: "forward", exporters: [otlp]}
`,
    );
    expect(pipelines).toEqual({
      "traces/out": {
        receivers: ["otlp"],
        processors: ["memory_limiter", "cri_attributes", "resource/env", "batch"],
        exporters: ["otlp_grpc"],
      },
      "logs/out": { receivers: ["otlp"], exporters: ["otlp_grpc"] },
    });
    expect(file).not.toHaveProperty("connectors");
    expect(yaml).toContain("# of apps");
    for (const note of [
      "13: changed: service::pipelines::traces/in only led to others and is part of them",
      "14: changed: service::pipelines::traces/out has the receivers and processors of traces/in: podstamp has no connectors",
    ])
      expect(notes).toContain(`collector.yaml:${note}`);
    expect(notes).not.toContain("missing");
    expect(code).toBe(0);
    expect((await migrated(yaml)).yaml).toBe(yaml);
  });

  test("keep what the first one sends elsewhere, over several stages", async () => {
    const { pipelines } = await pipelinesOf(
      "forward/1: , forward/2: ",
      `    traces/1: {receivers: [otlp], processors: [memory_limiter], exporters: [forward/1]}
    traces/2: {receivers: [forward/1], processors: [k8s_attributes], exporters: [debug, forward/2]}
    traces/3: {receivers: [forward/2, otlp/b], processors: [batch], exporters: [otlp]}
`,
    );
    expect(pipelines).toEqual({
      "traces/2": { receivers: ["otlp"], processors: ["memory_limiter", "cri_attributes"], exporters: ["debug"] },
      "traces/3": { receivers: ["otlp/b"], processors: ["batch"], exporters: ["otlp_grpc"] },
      "traces/3-from-traces-1-traces-2": {
        receivers: ["otlp"],
        processors: ["memory_limiter", "cri_attributes", "batch"],
        exporters: ["otlp_grpc"],
      },
    });
  });

  test("have one end for all that come through the same processors, but not twice the same receiver", async () => {
    const { pipelines } = await pipelinesOf(
      "forward: ",
      `    traces/a: {receivers: [otlp], processors: [memory_limiter], exporters: [forward]}
    traces/b: {receivers: [otlp/b], processors: [memory_limiter], exporters: [forward]}
    traces/again: {receivers: [otlp], processors: [memory_limiter], exporters: [forward]}
    traces: {receivers: [forward], exporters: [otlp]}
`,
    );
    expect(pipelines).toEqual({
      traces: { receivers: ["otlp", "otlp/b"], processors: ["memory_limiter"], exporters: ["otlp_grpc"] },
      "traces/from-traces-again": { receivers: ["otlp"], processors: ["memory_limiter"], exporters: ["otlp_grpc"] },
    });
  });

  test("that name the same processor have it under two names, since it works twice", async () => {
    const { file, pipelines, notes } = await pipelinesOf(
      "forward: ",
      `    traces/in: {receivers: [otlp], processors: [resource/env], exporters: [forward]}
    traces/out: {receivers: [forward], processors: [k8s_attributes, resource/env], exporters: [otlp]}
`,
    );
    expect(pipelines["traces/out"].processors).toEqual(["resource/env", "cri_attributes", "resource/env-again"]);
    expect(file.processors["resource/env-again"]).toEqual(file.processors["resource/env"]);
    expect(notes).toContain("processors::resource/env is twice on a way through joined pipelines");
  });

  test.each([
    [
      "a list that a variable writes",
      `    traces/in: {receivers: [otlp], processors: "\${env:PROCESSORS}", exporters: [forward]}
    traces/out: {receivers: [forward], exporters: [otlp]}
`,
    ],
    [
      "a circle",
      `    traces/in: {receivers: [otlp, forward], exporters: [forward]}
    traces/out: {receivers: [forward], exporters: [otlp]}
`,
    ],
    [
      "a signal that nobody sends",
      `    traces/in: {receivers: [otlp], exporters: [forward]}
    logs/out: {receivers: [forward], exporters: [otlp]}
`,
    ],
  ])("are told and taken out where there is %s", async (_, text) => {
    const { notes } = await pipelinesOf("forward: ", text);
    expect(notes).toContain(
      'missing: connectors::forward: podstamp has no connector "forward"; give the pipeline that receives from it the receivers and processors of those that send to it',
    );
  });

  test("are told at once where layers of them lead to each other and nobody receives", async () => {
    const layers = 30;
    const connectors = Array.from({ length: layers }, (_, layer) => `forward/${layer}: `).join(", ");
    const pipelines = Array.from({ length: layers * 3 }, (_, index) => {
      const layer = Math.floor(index / 3);
      const from = layer === 0 ? "" : `forward/${layer - 1}`;
      const to = layer === layers - 1 ? "otlp" : `forward/${layer}`;
      return `    traces/${index}: {receivers: [${from}], exporters: [${to}]}\n`;
    }).join("");
    const { notes } = await pipelinesOf(connectors, pipelines);
    expect(notes).toContain("missing: connectors::forward/0: podstamp has no connector");
  });
});
