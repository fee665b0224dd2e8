import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { components } from "../../src/components.ts";
import { loadConfig } from "../../src/config/load.ts";
import { problemLine } from "../../src/config/document/problem.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The Collector's half of an example, with what podstamp has not. */
const ofCollector = ["prometheus/collector.yaml"];
/** Files of Docker's and of those who run beside podstamp there: test/config/hosts.test.ts reads them. */
const ofOthers = /^docker\/\w+\/(?:compose|tempo|datasources)\.yaml$/;
// Those of Kubernetes need what their pod has: test/config/kubernetes loads them.
const examples = (await readdir(join(root, "config"), { recursive: true })).filter(
  (name) =>
    name.endsWith(".yaml") && !ofCollector.includes(name) && !ofOthers.test(name) && !name.startsWith("kubernetes/"),
);
const bad = (await readdir(join(root, "test/config/bad"))).filter((name) => name.endsWith(".yaml"));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "podstamp-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(files: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { config, problems } = await loadConfig(files, { types: components, env });
  return { config, lines: problems.map(problemLine) };
}

async function loadText(texts: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const files = await Promise.all(
    texts.map(async (text, index) => {
      const file = join(folder, `${index}.yaml`);
      await writeFile(file, text);
      return file;
    }),
  );
  const { config, lines } = await load(files, env);
  return { config, lines: lines.map((line) => line.replace(`${folder}/`, "")) };
}

const classic = `receivers: {otlp: {protocols: {grpc: {}, http: {}}}}
processors: {cri_attributes: {}, batch: {}}
exporters: {otlp_grpc: {endpoint: "localhost:14317", tls: {insecure: true}}}
service: {pipelines: {traces: {receivers: [otlp], processors: [cri_attributes, batch], exporters: [otlp_grpc]}}}
`;

describe("configurations that are right", () => {
  test.each(examples)("config/%s loads without a word", async (name) => {
    const { config, lines } = await load([join(root, "config", name)], {
      K8S_NODE_NAME: "node-7",
      OTLP_ENDPOINT: "https://otlp.example.com",
      OTLP_API_KEY: "k-1",
    });
    expect(lines).toEqual([]);
    expect(config?.pipelines.length).toBeGreaterThan(0);
  });

  test.each(examples)("config/%s loads in a pod that has only IPv6", async (name) => {
    const { lines } = await load([join(root, "config", name)], {
      POD_IP: "fd00::5",
      PODSTAMP_LISTEN: "[::]",
      OTLP_ENDPOINT: "https://otlp.example.com",
      OTLP_API_KEY: "k-1",
    });
    expect(lines).toEqual([]);
  });

  test("podstamp and the Collector beside it use different ports", async () => {
    const ports = await Promise.all(
      ["podstamp", "collector"].map(async (name) => {
        const text = await readFile(join(root, "config/beside-collector", `${name}.yaml`), "utf8");
        const listening = text.slice(0, text.indexOf("exporters:")) + text.slice(text.indexOf("telemetry:"));
        return [...listening.matchAll(/^ +(?:endpoint: localhost:|port: )(\d+)$/gm)].map(([, port]) => port);
      }),
    );
    expect(ports).toEqual([
      ["4317", "4318", "8889"],
      ["14317", "14318", "8888"],
    ]);
  });

  test("the classic example loads as it is", async () => {
    const { config, lines } = await loadText([classic]);
    expect(lines).toEqual([]);
    expect(config?.pipelines).toEqual([
      {
        id: "traces",
        signal: "traces",
        receivers: ["otlp"],
        processors: ["cri_attributes", "batch"],
        exporters: ["otlp_grpc"],
      },
    ]);
    expect(config?.service.shutdown_timeout).toBe(15_000);
  });

  test("the old name of the exporter works, with one warning however often it is used", async () => {
    const text = classic
      .replaceAll("otlp_grpc", "otlp")
      .replace("exporters: {otlp:", 'exporters: {otlp/2: {endpoint: "x:1"}, otlp:');
    const { config, lines } = await loadText([text.replace("exporters: [otlp]", "exporters: [otlp, otlp/2]")]);
    expect(lines).toEqual([
      '0.yaml:3:13: warning: exporters::otlp/2: "otlp" alias is deprecated; use "otlp_grpc" instead',
    ]);
    expect([...(config?.exporters.values() ?? [])].map(({ id, type }) => [id, type.type])).toEqual([
      ["otlp/2", "otlp_grpc"],
      ["otlp", "otlp_grpc"],
    ]);
  });

  test.each(["k8s_attributes", "k8sattributes", "k8sattributes/mine"])(
    "%s is the same under the Collector's name",
    async (id) => {
      const { config } = await loadText([classic.replaceAll("cri_attributes", id)]);
      expect(config?.processors.get(id)?.type.type).toBe("k8s_attributes");
    },
  );

  test("components with nothing behind them have their defaults", async () => {
    const { config, lines } = await loadText([
      classic
        .replace("{cri_attributes: {}, batch: {}}", "{cri_attributes: , batch: }")
        .replace("{grpc: {}, http: {}}", "{grpc: , http: }"),
    ]);
    expect(lines).toEqual([]);
    expect(config).toBeDefined();
  });

  test("a later file is merged over an earlier one", async () => {
    const { config, lines } = await loadText([
      classic,
      "service: {pipelines: {traces: {processors: [batch]}}, telemetry: {logs: {level: debug}}}\nprocessors: {cri_attributes: null, batch: {timeout: 1s}}",
    ]);
    expect(lines).toEqual(["1.yaml:2:14: warning: processors::cri_attributes is in no pipeline: it is not started"]);
    expect(config?.pipelines[0]).toMatchObject({ receivers: ["otlp"], processors: ["batch"] });
    expect(config?.service.telemetry.logs.level).toBe("debug");
    expect([...(config?.processors.keys() ?? [])]).toEqual(["batch"]);
  });

  test("the log's paths may be one text, as in the Collector", async () => {
    const withPaths = (paths: string) =>
      loadText([classic, `service: {telemetry: {logs: {output_paths: ${paths}, error_output_paths: stdout}}}`]);
    const { config, lines } = await withPaths("stdout");
    expect(lines).toEqual([]);
    expect(config?.service.telemetry.logs).toMatchObject({ output_paths: ["stdout"], error_output_paths: ["stdout"] });
    const several = await withPaths('"stderr,/var/log/podstamp.log"');
    expect(several.config?.service.telemetry.logs.output_paths).toEqual(["stderr", "/var/log/podstamp.log"]);
    expect((await withPaths('""')).lines).toEqual([
      '1.yaml:1:44: Cannot use service::telemetry::logs::output_paths: must be a list of length >= 1, is ""',
    ]);
  });

  test("an error in a merged file is told with the file it stands in", async () => {
    const { config, lines } = await loadText([classic, "processors: {batch: {timeout: soon}}"]);
    expect(config).toBeUndefined();
    expect(lines).toEqual([
      '1.yaml:1:31: Cannot use processors::batch::timeout: must be a duration such as 2s, is "soon"',
    ]);
  });

  test("variables of the environment stand in for values", async () => {
    const { config, lines } = await loadText([classic.replace('"localhost:14317"', '"${env:TARGET}:${PORT:-4317}"')], {
      TARGET: "tempo",
    });
    expect(lines).toEqual([]);
    expect(config?.exporters.get("otlp_grpc")?.settings).toMatchObject({ endpoint: "tempo:4317" });
  });

  test("secrets are not in what a configuration prints", async () => {
    const { config } = await loadText([
      classic.replace("tls: {insecure: true}", "tls: {insecure: true}, headers: {authorization: hunter2}"),
    ]);
    expect(config).toBeDefined();
    expect(JSON.stringify([...(config?.exporters.values() ?? [])].map(({ settings }) => settings))).not.toContain(
      "hunter2",
    );
  });
});

describe("configurations that are wrong", () => {
  test.each(bad)("bad/%s is refused with these messages", async (name) => {
    const file = join(root, "test/config/bad", name);
    const { config, lines } = await load([file]);
    expect(config).toBeUndefined();
    const expected = await readFile(file.replace(/\.yaml$/, ".txt"), "utf8");
    expect(lines.map((line) => `${line.replace(`${join(root, "test/config/bad")}/`, "")}\n`).join("")).toBe(expected);
  });

  test("a file that is not there, a folder and one that is too large are told", async () => {
    const { lines: missing } = await load([join(folder, "nope.yaml")]);
    expect(missing.join("\n")).toContain("nope.yaml: there is no such file");
    const { lines: directory } = await load([folder]);
    expect(directory.join("\n")).toContain(": it is a folder");
    const { lines: large } = await loadText(["#".repeat(2 ** 20 + 1)]);
    expect(large.join("\n")).toContain("must be at most 1048576 bytes");
  });
});
