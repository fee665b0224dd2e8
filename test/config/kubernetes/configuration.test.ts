import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { components } from "../../../src/components.ts";
import type { Config } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { problemLine } from "../../../src/config/document/problem.ts";
import { only, podOf } from "../../support/kubernetes/daemon-set.ts";
import { isTree, type Resource } from "../../support/kubernetes/schema.ts";
import { example, rendered, renderVariant } from "../../support/kubernetes/variants.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** What the pod's arguments say, as files with the ConfigMap's text, loaded as podstamp does. */
async function configOf(
  all: readonly Resource[],
): Promise<{ readonly config: Config | undefined; readonly lines: readonly string[] }> {
  const { container } = podOf(all);
  const data = only(all, "ConfigMap", "podstamp-config")["data"] as Readonly<Record<string, string>>;
  const variables = only(all, "ConfigMap", "podstamp-env")["data"] as Readonly<Record<string, string>>;
  const folder = mkdtempSync(join(tmpdir(), "podstamp-config-map-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), text);
  const files = container.args.filter((arg) => arg !== "--config").map((arg) => arg.replace("/etc/podstamp", folder));
  const env = {
    ...variables,
    ...Object.fromEntries(container.env.map(({ name, value }) => [name, value ?? "10.0.0.7"])),
  };
  const { config, problems } = await loadConfig(files, { types: components, env });
  return { config, lines: problems.map(problemLine) };
}

describe("podstamp's own configuration", () => {
  test.each(rendered.filter(({ variant }) => variant.overlay === "containerd" || variant.overlay === "k3s"))(
    "in $name loads without a word",
    async ({ all }) => {
      const { config, lines } = await configOf(all);
      expect(lines).toEqual([]);
      expect(config?.pipelines.map(({ signal }) => signal)).toEqual(["traces", "metrics", "logs"]);
    },
  );

  test("with the probes has them beside OTLP where spans and events leave", async () => {
    const { config } = await configOf(renderVariant({ overlay: "k3s", components: ["ebpf"] }));
    expect(config?.pipelines.map(({ receivers }) => receivers)).toEqual([["otlp", "ebpf"], ["otlp"], ["otlp", "ebpf"]]);
  });

  test.each(["containerd", "k3s"])(
    "with a queue on the disk of %s has it below the volume of the queue",
    async (overlay) => {
      const all = renderVariant({ overlay, components: ["queue", "ebpf"] });
      const { config } = await configOf(all);
      const mount = podOf(all).container.volumeMounts.find(({ name }) => name === "state");
      expect(config?.extensions.get("file_storage")?.settings).toMatchObject({
        directory: `${mount?.mountPath}/queues`,
      });
      expect(config?.exporters.get("otlp_grpc")?.settings).toMatchObject({
        sending_queue: { storage: "file_storage" },
      });
      expect(config?.pipelines[0]?.receivers).toEqual(["otlp", "ebpf"]);
    },
  );

  test("asks the kubelet of its node where that is wanted, beside the probes too", async () => {
    const { config, lines } = await configOf(renderVariant({ overlay: "containerd", components: ["ebpf", "kubelet"] }));
    expect(lines).toEqual([]);
    expect(config?.processors.get("cri_attributes")?.settings).toMatchObject({
      kubelet: { enabled: true, endpoint: "10.0.0.7", insecure_skip_verify: false },
    });
    expect(config?.pipelines[0]?.receivers).toEqual(["otlp", "ebpf"]);
  });

  test("listens where the ports and probes of the pod say", () => {
    const { container } = podOf(example);
    const text = parse(read("config/kubernetes/base/podstamp.yaml")) as unknown;
    const at = (...path: readonly string[]) =>
      path.reduce<unknown>((tree, key) => (isTree(tree) ? tree[key] : undefined), text);
    const [reader] = at("service", "telemetry", "metrics", "readers") as readonly [
      { readonly pull: { readonly exporter: { readonly prometheus: { readonly port: number } } } },
    ];
    expect(Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, `:${containerPort}`]))).toEqual({
      "otlp-grpc": at("receivers", "otlp", "protocols", "grpc", "endpoint"),
      "otlp-http": at("receivers", "otlp", "protocols", "http", "endpoint"),
      metrics: `:${reader.pull.exporter.prometheus.port}`,
      health: at("extensions", "health_check", "endpoint"),
    });
    const { startupProbe, livenessProbe, readinessProbe } = container;
    expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet)).toEqual([
      { path: "/livez", port: "health" },
      { path: "/livez", port: "health" },
      { path: "/", port: "health" },
    ]);
  });
});

describe("the documents", () => {
  test("explain each volume and each capability in docs/security.md", () => {
    const page = read("docs/security.md");
    const pods = rendered.map(({ all }) => podOf(all));
    const volumes = new Set(pods.flatMap(({ pod }) => pod.volumes.map(({ name }) => `\`${name}\``)));
    const added = new Set(pods.flatMap(({ container }) => container.securityContext.capabilities?.add ?? []));
    const wanted = [...volumes, ...[...added].map((name) => `\`CAP_${name}\``)];
    expect(wanted.length).toBe(6);
    expect(wanted.filter((word) => !page.includes(word))).toEqual([]);
  });

  test("name each overlay with the folder of its socket, and each component, in docs/kubernetes.md", () => {
    const page = read("docs/kubernetes.md");
    for (const { variant, all } of rendered) {
      const folder = podOf(all).pod.volumes.find(({ name }) => name === "runtime")?.hostPath?.path ?? "";
      expect(page).toMatch(new RegExp(`^\\| \`${variant.overlay}\` \\|.*\`${folder}\``, "m"));
      for (const name of variant.components) expect(page).toContain(`\`${name}\``);
    }
  });
});
