import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { isTree, type Resource, schemaOf, type Tree } from "./schema.ts";
import { merged } from "./strategic-merge.ts";

/** A kustomization with the keys that config/kubernetes uses, and no other. */
type Kustomization = {
  readonly apiVersion: string;
  readonly kind: "Kustomization" | "Component";
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator?: readonly Generator[];
  readonly patches?: readonly Patch[];
  readonly images?: readonly ImageChange[];
};

/** Of one object's form, or with a target a list of steps. */
type Patch = { readonly path: string; readonly target?: { readonly kind: string; readonly name: string } };

type Generator = {
  readonly name: string;
  readonly behavior?: "merge";
  readonly files?: readonly string[];
  readonly literals?: readonly string[];
};

type ImageChange = { readonly name: string; readonly newName?: string; readonly newTag?: string };

const keys = new Set("apiVersion kind namespace resources components configMapGenerator patches images".split(" "));
const ofNoNamespace = new Set([
  "Namespace",
  "PriorityClass",
  "SecurityContextConstraints",
  "ClusterRole",
  "ClusterRoleBinding",
]);

/** Reads the documents of a YAML file as YAML 1.1 does, which is what Kubernetes reads; throws on any fault, doubled keys too. */
export function readDocuments(file: string): readonly unknown[] {
  return parseAllDocuments(readFileSync(file, "utf8"), { version: "1.1" }).map((document): unknown => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) throw new Error(`Cannot read ${file}: ${fault.message}`);
    return document.toJS();
  });
}

/** The same of a file that holds objects alone. */
function readTrees(file: string): readonly Tree[] {
  return readDocuments(file).map((value) => {
    if (!isTree(value)) throw new Error(`Cannot read ${file}: must hold objects, holds ${JSON.stringify(value)}`);
    return value;
  });
}

/**
 * What `kubectl kustomize` makes of a folder, except that generated names have no hash behind them. Knows only what
 * config/kubernetes uses, and refuses the rest.
 */
export function render(folder: string): readonly Resource[] {
  return accumulated(folder, []);
}

function accumulated(folder: string, below: readonly Resource[]): readonly Resource[] {
  const kustomization = readKustomization(folder);
  const {
    namespace,
    resources = [],
    components = [],
    configMapGenerator = [],
    patches = [],
    images = [],
  } = kustomization;
  let all = [...below];
  for (const entry of resources) {
    const path = join(folder, entry);
    all.push(...(statSync(path).isDirectory() ? accumulated(path, []) : readTrees(path).map(asResource)));
  }
  for (const entry of components) all = [...accumulated(join(folder, entry), all)];
  for (const generator of configMapGenerator) all = generate(generator, { folder, all });
  for (const { path, target } of patches) {
    if (target === undefined) for (const patch of readTrees(join(folder, path))) all = patched(all, asResource(patch));
    else all = all.map((each) => (isOf(each, target) ? stepped(each, readSteps(join(folder, path))) : each));
  }
  if (namespace !== undefined) all = all.map((each) => inNamespace(each, namespace));
  return all.map((each) => withImages(each, images) as Resource);
}

function readKustomization(folder: string): Kustomization {
  const [found, ...more] = readTrees(join(folder, "kustomization.yaml"));
  const unknown = Object.keys(found ?? {}).filter((key) => !keys.has(key));
  if (found === undefined || more.length > 0 || unknown.length > 0)
    throw new Error(`Cannot render ${folder}: must be one kustomization of known keys, has ${unknown.join(", ")}`);
  return found as Kustomization;
}

function asResource(tree: Tree): Resource {
  const { apiVersion, kind, metadata } = tree;
  if (
    typeof apiVersion !== "string" ||
    typeof kind !== "string" ||
    !isTree(metadata) ||
    typeof metadata["name"] !== "string"
  )
    throw new Error(`Cannot render: must have apiVersion, kind and a name, is ${JSON.stringify(tree)}`);
  return tree as Resource;
}

function generate(
  { name, behavior, files = [], literals = [] }: Generator,
  { folder, all }: { readonly folder: string; readonly all: readonly Resource[] },
): Resource[] {
  const data = Object.fromEntries([
    ...files.map((file) => [basename(file), readFileSync(join(folder, file), "utf8")]),
    ...literals.map((literal) => [literal.slice(0, literal.indexOf("=")), literal.slice(literal.indexOf("=") + 1)]),
  ]) as Tree;
  const fresh: Resource = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
  return behavior === "merge" ? patched(all, fresh) : [...all, fresh];
}

function patched(all: readonly Resource[], patch: Resource): Resource[] {
  const at = all.findIndex(({ kind, metadata }) => kind === patch.kind && metadata.name === patch.metadata.name);
  const target = all[at];
  if (target === undefined) throw new Error(`Cannot patch ${patch.kind} ${patch.metadata.name}: must be there`);
  return all.with(at, merged(target, patch, schemaOf(target)) as Resource);
}

function isOf({ kind, metadata }: Resource, target: NonNullable<Patch["target"]>): boolean {
  return kind === target.kind && metadata.name === target.name;
}

/** What goes to the end of the list at a path; no other step of RFC 6902 is used. */
type Step = { readonly op: "add"; readonly path: string; readonly value: string };

function readSteps(file: string): readonly Step[] {
  const steps = readDocuments(file).flat() as readonly Step[];
  for (const { op, path } of steps)
    if (op !== "add" || !path.endsWith("/-"))
      throw new Error(`Cannot read ${file}: must add to lists, has ${op} ${path}`);
  return steps;
}

function stepped(resource: Resource, steps: readonly Step[]): Resource {
  const copy = structuredClone(resource);
  for (const { path, value } of steps) {
    const keys = path.split("/").slice(1, -1);
    const list = keys.reduce<unknown>((tree, key) => Object(tree)[key], copy);
    if (!Array.isArray(list)) throw new Error(`Cannot patch ${resource.kind}: must have a list at ${path}`);
    list.push(value);
  }
  return copy;
}

function inNamespace(resource: Resource, namespace: string): Resource {
  if (ofNoNamespace.has(resource.kind)) return resource;
  return { ...resource, metadata: { ...resource.metadata, namespace } };
}

function withImages(value: unknown, images: readonly ImageChange[]): unknown {
  if (Array.isArray(value)) return value.map((each) => withImages(each, images));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === "image" && typeof each === "string" ? newImage(each, images) : withImages(each, images),
    ]),
  );
}

function newImage(image: string, images: readonly ImageChange[]): string {
  const [name = "", tag = ""] = image.split(":");
  const change = images.find((each) => each.name === name);
  return change === undefined ? image : `${change.newName ?? name}:${change.newTag ?? tag}`;
}
