/*
 * Writes test/fixtures/kubernetes/schema.json: of Kubernetes' own OpenAPI, and of OpenShift's, what config/kubernetes needs. The
 * Go command fetches both modules. One definition a line, without descriptions.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const kubernetes = "k8s.io/kubernetes@v1.34.4";
const openshift = "github.com/openshift/api@v0.0.0-20251015095338-264e80a2b6e7";

const wanted = [
  "io.k8s.api.apps.v1.DaemonSet",
  "io.k8s.api.core.v1.ConfigMap",
  "io.k8s.api.core.v1.Namespace",
  "io.k8s.api.core.v1.Pod",
  "io.k8s.api.core.v1.Service",
  "io.k8s.api.core.v1.ServiceAccount",
  "io.k8s.api.networking.v1.NetworkPolicy",
  "io.k8s.api.rbac.v1.ClusterRole",
  "io.k8s.api.rbac.v1.ClusterRoleBinding",
  "io.k8s.api.scheduling.v1.PriorityClass",
];

/** What a check or a merge needs of a schema; `properties` holds names, not keywords. */
const keywords = new Set([
  "$ref",
  "additionalProperties",
  "enum",
  "format",
  "items",
  "nullable",
  "properties",
  "required",
  "type",
  "x-kubernetes-group-version-kind",
  "x-kubernetes-patch-merge-key",
  "x-kubernetes-patch-strategy",
]);

type Json = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function folderOf(module: string): string {
  const told: unknown = JSON.parse(execFileSync("go", ["mod", "download", "-json", module], { encoding: "utf8" }));
  if (!isObject(told) || typeof told["Dir"] !== "string")
    throw new Error(`Cannot use ${module}: the Go command must tell its folder, it told ${JSON.stringify(told)}`);
  return told["Dir"];
}

function slim(schema: unknown): Json {
  if (!isObject(schema)) throw new Error(`Cannot use a schema: must be an object, is ${JSON.stringify(schema)}`);
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (!keywords.has(key)) continue;
    if (key === "properties" && isObject(value))
      kept[key] = Object.fromEntries(Object.entries(value).map(([name, of]) => [name, slim(of)]));
    else kept[key] = (key === "items" || key === "additionalProperties") && isObject(value) ? slim(value) : value;
  }
  return kept;
}

function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, of]) =>
    key === "$ref" && typeof of === "string" ? [of.replace("#/definitions/", "")] : referencesOf(of),
  );
}

function read(module: string, path: string): Json {
  const text = readFileSync(join(folderOf(module), path), "utf8");
  return (path.endsWith(".json") ? JSON.parse(text) : parse(text)) as Json;
}

const all = read(kubernetes, "api/openapi-spec/swagger.json")["definitions"] as Json;
const found = new Map<string, Json>();
const open = [...wanted];
for (let name = open.pop(); name !== undefined; name = open.pop()) {
  if (found.has(name)) continue;
  const schema = slim(all[name]);
  found.set(name, schema);
  open.push(...referencesOf(schema));
}

const crd = read(
  openshift,
  "security/v1/zz_generated.crd-manifests/0000_03_config-operator_01_securitycontextconstraints.crd.yaml",
);
const { group, versions, names } = crd["spec"] as {
  readonly group: string;
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: unknown } }[];
};
for (const { name, schema } of versions) {
  const slimmed = slim(schema.openAPIV3Schema);
  found.set(`com.github.openshift.api.security.${name}.${names.kind}`, {
    ...slimmed,
    properties: {
      ...(slimmed["properties"] as Json),
      metadata: { $ref: "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" },
    },
    "x-kubernetes-group-version-kind": [{ group, version: name, kind: names.kind }],
  });
}

const lines = [...found]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, of]) => `"${name}": ${JSON.stringify(of)}`);
const file = fileURLToPath(new URL("../test/fixtures/kubernetes/schema.json", import.meta.url));
writeFileSync(file, `{"of": ${JSON.stringify([kubernetes, openshift])}, "definitions": {\n${lines.join(",\n")}\n}}\n`);
console.log(`Wrote ${file}: ${lines.length} definitions`);
