import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { only } from "../../support/kubernetes/daemon-set.ts";
import { readDocuments } from "../../support/kubernetes/kustomization.ts";
import { problemsOf, type Resource } from "../../support/kubernetes/schema.ts";
import { example, manifests, rendered, renderVariant, withFolderOf } from "../../support/kubernetes/variants.ts";
import { whereIs } from "../../support/machine/machine.ts";
import { findTool } from "../../support/machine/tools.ts";

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

  const isKubelet = ({ variant }: (typeof rendered)[number]) => variant.components.includes("kubelet");

  test("of a variant is there for nobody but podstamp, and no role is, but to ask the kubelet", () => {
    const roles = rendered.filter(isKubelet).flatMap(({ all }) => all.filter(({ kind }) => kind === "ClusterRole"));
    expect(roles).not.toEqual([]);
    for (const role of roles)
      expect(role["rules"]).toEqual([{ apiGroups: [""], resources: ["nodes/pods"], verbs: ["get"] }]);
    const kinds = new Set(rendered.filter((one) => !isKubelet(one)).flatMap(({ all }) => all.map(({ kind }) => kind)));
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

describe("an API server", () => {
  const program = findTool("kubernetes-check");
  beforeEach(({ skip }) => skip(program === undefined, "not built here: test/tools/build.sh kubernetes-check"));
  /** What its validation and the Pod Security Standard `restricted` have against these, a line each. */
  const said = (all: readonly Resource[]) => {
    const input = all.map((each) => JSON.stringify(each)).join("\n---\n");
    const { stdout, error } = spawnSync(program ?? "", { input, encoding: "utf8" });
    expect(error).toBeUndefined();
    return stdout.split("\n").filter(Boolean);
  };
  const isOfStandard = (line: string) => line.startsWith("DaemonSet: restricted forbids: ");

  test("has nothing against any of them", () => {
    for (const { name, all } of rendered)
      expect(
        said(all).filter((line) => !isOfStandard(line)),
        name,
      ).toEqual([]);
  });

  test.each(["containerd", "k3s", "k0s"])(
    "that enforces `restricted` has nothing against %s but the folder of the socket",
    (overlay) => {
      expect(said(renderVariant({ overlay, components: [] }))).toEqual([
        'DaemonSet: restricted forbids: restricted volume types (volume "runtime" uses restricted volume type "hostPath")',
      ]);
    },
  );

  test("says what is wrong, and of a field that it does not know that there is none", () => {
    const service = only(example, "Service");
    expect(said([{ ...service, spec: { ports: [{ port: 0 }] } }])).toContainEqual(
      expect.stringContaining("spec.ports[0].port"),
    );
    expect(said([{ ...service, spec: { nothing: 1 } }])).toEqual([
      'strict decoding error: unknown field "spec.nothing"',
    ]);
  });
});
