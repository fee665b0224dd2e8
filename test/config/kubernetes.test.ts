import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, globSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { components } from "../../src/components.ts";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { problemLine } from "../../src/config/problem.ts";
import { daemonSetOf, only, podOf } from "../support/kubernetes/daemon-set.ts";
import { readDocuments, render } from "../support/kubernetes/kustomization.ts";
import { isTree, problemsOf, type Resource } from "../support/kubernetes/schema.ts";
import {
  ebpfOf,
  manifests,
  nameOf,
  overlays,
  renderVariant,
  variants,
  withFolderOf,
} from "../support/kubernetes/variants.ts";
import { whereIs } from "../support/machine.ts";
import { findTool } from "../support/tools.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const rendered = variants.map((variant) => ({ name: nameOf(variant), variant, all: renderVariant(variant) }));
const example = render(join(manifests, "example"));

describe("every object", () => {
  test.each([...rendered, { name: "the example", all: example }])(
    "of $name has only what Kubernetes knows",
    ({ all }) => {
      expect(all.flatMap(problemsOf)).toEqual([]);
    },
  );

  test("that is wrong is said to be: a check that finds nothing anywhere would prove nothing", () => {
    const service = only(example, "Service");
    const wrong: Resource = { ...service, spec: { ports: [{ port: "4317" }], internalTraficPolicy: "Local" } };
    expect(problemsOf(wrong)).toEqual([
      "Service.spec.ports[0].port must be of type integer",
      "Service.spec has no field internalTraficPolicy",
    ]);
    expect(problemsOf({ ...service, apiVersion: "v2" })).toEqual(["has the kind v2 Service, which is not known"]);
  });

  test("means the same to readers of YAML 1.1, such as kubectl, and of 1.2", () => {
    for (const file of globSync("**/*.yaml", { cwd: manifests })) {
      const text = readFileSync(join(manifests, file), "utf8");
      const inNewer = parseAllDocuments(text).map((document): unknown => document.toJS());
      expect(inNewer, file).toEqual(readDocuments(join(manifests, file)));
    }
  });

  test("of a variant is there for nobody but podstamp, and no role is", () => {
    const kinds = new Set(rendered.flatMap(({ all }) => all.map(({ kind }) => kind)));
    expect([...kinds].toSorted()).toEqual(
      "ConfigMap DaemonSet Namespace NetworkPolicy PriorityClass SecurityContextConstraints Service ServiceAccount".split(
        " ",
      ),
    );
  });
});

/** kustomize itself; kubectl has it within, since 1.27 in version 5. */
function findKustomize(): readonly string[] | undefined {
  const built = findTool("kustomize");
  if (built !== undefined) return [built, "build"];
  const kubectl = whereIs("kubectl");
  if (kubectl === undefined) return undefined;
  const { stdout } = spawnSync(kubectl, ["version", "--client"], { encoding: "utf8" });
  return /^Kustomize Version: v5/m.test(stdout) ? [kubectl, "kustomize"] : undefined;
}

/** Objects in one order, and generated names without the hash that kustomize puts behind them. */
function comparable(all: readonly Resource[]): unknown {
  const text = JSON.stringify(all).replaceAll(/"(podstamp-(?:config|env))-[a-z0-9]{10}"/g, '"$1"');
  return (JSON.parse(text) as Resource[]).toSorted((a, b) => key(a).localeCompare(key(b)));
}

const key = ({ kind, metadata }: Resource) => `${kind} ${metadata.name}`;

test("kustomize makes of each variant what these tests look at", { timeout: 60_000 }, ({ skip }) => {
  const [program, command] = findKustomize() ?? [];
  if (program === undefined || command === undefined)
    return skip("neither kustomize 5 nor kubectl 1.27 is here: test/tools/build.sh kustomize builds the one");
  const build = (folder: string) => {
    const { stdout, stderr } = spawnSync(program, [command, folder], { encoding: "utf8" });
    expect(stderr).toBe("");
    return comparable(parseAllDocuments(stdout).map((document) => document.toJS() as Resource));
  };
  for (const { name, variant, all } of rendered) expect(withFolderOf(variant, build), name).toEqual(comparable(all));
  expect(build(join(manifests, "example"))).toEqual(comparable(example));
});

describe("the pods of", () => {
  test.each(rendered)("$name mount only volumes that there are, and all of them", ({ all }) => {
    const { pod, container } = podOf(all);
    expect(container.volumeMounts.map(({ name }) => name).toSorted()).toEqual(
      pod.volumes.map(({ name }) => name).toSorted(),
    );
    expect(pod.volumes.map(({ name }) => name).toSorted()).toEqual(["config", "run", "runtime"]);
    const maps = [
      ...pod.volumes.flatMap(({ configMap }) => (configMap === undefined ? [] : [configMap.name])),
      ...(container.envFrom ?? []).map(({ configMapRef }) => configMapRef.name),
    ];
    for (const name of maps) expect(only(all, "ConfigMap", name)).toBeDefined();
    expect(only(all, "ServiceAccount", pod.serviceAccountName)).toMatchObject({ automountServiceAccountToken: false });
    expect(only(all, "PriorityClass", pod.priorityClassName)).toBeDefined();
  });

  test.each(rendered)(
    "$name see the folder of the socket where the host has it, read-only, with what is unmounted there",
    ({ all }) => {
      const { pod, container } = podOf(all);
      const volume = pod.volumes.find(({ name }) => name === "runtime");
      const mount = container.volumeMounts.find(({ name }) => name === "runtime");
      expect(volume?.hostPath).toEqual({ path: mount?.mountPath, type: "Directory" });
      expect(mount).toMatchObject({ readOnly: true, mountPropagation: "HostToContainer" });
    },
  );

  test.each(rendered)(
    "$name are those that selectors mean, and get what is sent to the Service by ports' names",
    ({ all }) => {
      const { selector, template } = daemonSetOf(all);
      const { container } = podOf(all);
      const names = container.ports.map(({ name }) => name);
      const service = only(all, "Service")["spec"] as {
        readonly selector: object;
        readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
      };
      expect(selector.matchLabels).toEqual(template.metadata.labels);
      expect(service).toMatchObject({ selector: template.metadata.labels, internalTrafficPolicy: "Local" });
      for (const { port, targetPort } of service.ports)
        expect(container.ports.find(({ name }) => name === targetPort)?.containerPort).toBe(port);
      const policy = only(all, "NetworkPolicy")["spec"] as {
        readonly podSelector: object;
        readonly ingress: readonly { readonly ports: readonly { readonly port: string }[] }[];
      };
      expect(policy.podSelector).toEqual({ matchLabels: template.metadata.labels });
      for (const port of policy.ingress.flatMap(({ ports }) => ports.map((each) => each.port)))
        expect(names).toContain(port);
    },
  );

  test.each(rendered)("$name run the image of this version", ({ all }) => {
    const { version } = JSON.parse(read("package.json")) as { readonly version: string };
    expect(podOf(all).container.image).toMatch(new RegExp(`^podstamp(-ebpf)?:${version.replaceAll(".", "\\.")}$`));
  });

  test.each(rendered)("$name have nothing of the host's but the folder of the socket", ({ all }) => {
    const { pod, container } = podOf(all);
    expect([pod.hostNetwork, pod.hostPID, pod.hostIPC, container.securityContext.privileged]).toEqual(
      Array(4).fill(undefined),
    );
    expect(pod.volumes.filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name)).toEqual(["runtime"]);
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext.seccompProfile).toEqual({ type: "RuntimeDefault" });
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
  });

  test.each(overlays)("%s are, but for the folder, what the Pod Security Standard restricted allows", (overlay) => {
    const { pod, container } = podOf(renderVariant({ overlay, components: [] }));
    const isRootUser = overlay === "microk8s";
    expect(pod.securityContext).toMatchObject(
      isRootUser
        ? { runAsNonRoot: false, runAsUser: 0 }
        : { runAsNonRoot: true, runAsUser: 65532, supplementalGroups: [0] },
    );
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.ports.filter(({ hostPort }) => hostPort !== undefined)).toEqual([]);
  });

  test.each(overlays)("%s with the probes have two capabilities more, for a program whose file has them", (overlay) => {
    const all = renderVariant({ overlay, components: [ebpfOf(overlay)] });
    expect(podOf(all).container.securityContext).toEqual({
      allowPrivilegeEscalation: true,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: ["BPF", "PERFMON"] },
    });
    expect(podOf(all).container.image).toMatch(/^podstamp-ebpf:/);
    // Two at once would tell of everything twice.
    expect(daemonSetOf(all).updateStrategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: "10%" });
  });

  test("a node with host ports are never two", () => {
    const all = renderVariant({ overlay: "k3s", components: ["host-port"] });
    expect(podOf(all).container.ports).toMatchObject([
      { name: "otlp-grpc", containerPort: 4317, hostPort: 4317 },
      { name: "otlp-http", containerPort: 4318, hostPort: 4318 },
      { name: "metrics" },
      { name: "health" },
    ]);
    expect(daemonSetOf(all).updateStrategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: "10%" });
  });

  test("OpenShift are allowed by its constraints, which allow no more", () => {
    const all = renderVariant({ overlay: "openshift", components: [] });
    const withProbes = renderVariant({ overlay: "openshift", components: ["ebpf-openshift"] });
    const { pod } = podOf(all);
    expect(only(all, "SecurityContextConstraints")).toMatchObject({
      users: [`system:serviceaccount:${only(all, "DaemonSet").metadata.namespace}:${pod.serviceAccountName}`],
      allowedCapabilities: [],
      allowPrivilegeEscalation: false,
      seLinuxContext: { type: "MustRunAs", seLinuxOptions: pod.securityContext.seLinuxOptions },
      volumes: ["configMap", "emptyDir", "hostPath"],
    });
    expect(only(withProbes, "SecurityContextConstraints")).toMatchObject({
      allowedCapabilities: podOf(withProbes).container.securityContext.capabilities?.add,
      allowPrivilegeEscalation: true,
    });
  });
});

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
    expect(wanted.length).toBe(5);
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
