import { readFileSync } from "node:fs";

/** A part of Kubernetes' OpenAPI, as far as checks and merges need it. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly "x-kubernetes-group-version-kind"?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-patch-strategy"?: string;
};

/** A tree as YAML and JSON have it. */
export type Tree = { readonly [key: string]: unknown };

/** An object of the API. */
export type Resource = Tree & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

const file = new URL("../../fixtures/kubernetes/schema.json", import.meta.url);

const { definitions } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly definitions: Readonly<Record<string, Schema>>;
};

/** Whether a value is an object with keys. */
export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema of an object of the API by its apiVersion and kind; undefined where Kubernetes has none. */
export function schemaOf({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string;
  readonly kind: string;
}): Schema | undefined {
  const [version = "", group = ""] = apiVersion.split("/").toReversed();
  return Object.values(definitions).find((schema) =>
    schema["x-kubernetes-group-version-kind"]?.some(
      (each) => each.group === group && each.version === version && each.kind === kind,
    ),
  );
}

/** The schema that a reference stands for, with what stands beside the reference. */
export function resolved(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...beside } = schema;
  const name = $ref.replace("#/definitions/", "");
  const found = definitions[name];
  if (found === undefined) throw new Error(`Cannot use ${$ref}: the fixture must define it; build it anew`);
  return { ...resolved(found), ...beside };
}

/** What is wrong with an object of the API, with paths: also fields that Kubernetes does not know, which it would drop in silence. */
export function problemsOf(resource: Resource): readonly string[] {
  const schema = schemaOf(resource);
  if (schema === undefined) return [`has the kind ${resource.apiVersion} ${resource.kind}, which is not known`];
  return check(resource, schema, resource.kind);
}

function check(value: unknown, written: Schema, path: string): readonly string[] {
  const schema = resolved(written);
  if (value === null && schema.nullable === true) return [];
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [`${path} must be one of ${schema.enum.join(", ")}`];
  if (schema.format === "int-or-string" && Number.isInteger(value)) return [];
  if (schema.type !== undefined && !isOfType(value, schema.type)) return [`${path} must be of type ${schema.type}`];
  if (Array.isArray(value)) return value.flatMap((item, at) => check(item, schema.items ?? {}, `${path}[${at}]`));
  return isTree(value) ? checkTree(value, schema, path) : [];
}

function checkTree(
  tree: Tree,
  { properties, required = [], additionalProperties }: Schema,
  path: string,
): readonly string[] {
  const missing = required.filter((key) => !(key in tree)).map((key) => `${path} must have ${key}`);
  const wrong = Object.entries(tree).flatMap(([key, value]) => {
    const own = properties?.[key] ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
    if (own !== undefined) return check(value, own, `${path}.${key}`);
    // A schema that names no properties takes all of them.
    return properties === undefined ? [] : [`${path} has no field ${key}`];
  });
  return [...missing, ...wrong];
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "object") return isTree(value);
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}
