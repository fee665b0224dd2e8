import { type Document, isMap, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";
import { parseId } from "../../config/component-id.ts";
import { takeOut } from "./comments.ts";
import { type Note, type Tell, textOf } from "./notes.ts";

/** What is said of an extension that podstamp has not. */
export type Said = ReadonlyMap<string, Pick<Note, "kind" | "text">>;

/**
 * Makes headers of the authenticators of exporters where they say the same, and says of those of receivers what there is to decide.
 * Gives what to say of the extensions that they were.
 */
export function migrateAuthenticators(doc: Document, tell: Tell): Said {
  const said = new Map<string, Pick<Note, "kind" | "text">>();
  for (const { path, pair, id } of authenticatorsIn(doc.get("receivers"), ["receivers"])) {
    tell(
      pair.key,
      "missing",
      `${path.join("::")}::auth: podstamp asks nobody who he is. It stays, so that podstamp does not start: take it out once only those reach the endpoint who may send (localhost, a unix socket, a network policy, tls::client_ca_file)`,
    );
    said.set(id, { kind: "missing", text: `podstamp has no authenticators; see ${path.join("::")}::auth` });
  }
  for (const { path, map, pair, id } of authenticatorsIn(doc.get("exporters"), ["exporters"])) {
    const made = headersOf(doc.getIn(["extensions", id]), id);
    if (made === undefined || !addHeaders(doc, map, made.headers)) continue;
    takeOut(map, pair, { all: true });
    const names = made.headers.map(([name]) => `headers::${name}`).join(" and ");
    tell(pair.key, "changed", `${path.join("::")}::auth is ${names} here${made.hint ?? ""}`);
    if (said.get(id)?.kind !== "missing")
      said.set(id, { kind: "changed", text: `it is in headers of ${path.join("::")}` });
  }
  return said;
}

type Found = {
  readonly path: readonly string[];
  readonly map: YAMLMap;
  readonly pair: Pair;
  readonly id: string;
};

/** Every `auth: {authenticator: …}` below. */
function authenticatorsIn(node: unknown, path: readonly string[]): readonly Found[] {
  if (!isMap(node)) return [];
  return node.items.flatMap((pair) => {
    const key = textOf(pair.key);
    const id = key === "auth" && isMap(pair.value) ? pair.value.get("authenticator") : undefined;
    return typeof id === "string" ? [{ path, map: node, pair, id }] : authenticatorsIn(pair.value, [...path, key]);
  });
}

type Headers = readonly (readonly [name: string, value: string])[];

/** With what there is to know, or to do, about them. */
type Made = { readonly headers: Headers; readonly hint?: string };

/** What the authenticator adds to each request, where that is always the same; undefined where it is not. */
function headersOf(block: unknown, id: string): Made | undefined {
  const type = parseId(id)?.type ?? "";
  const make = Object.hasOwn(makers, type) ? makers[type] : undefined;
  return isMap(block) ? make?.(block, id) : undefined;
}

const makers: Readonly<Record<string, (block: YAMLMap, id: string) => Made | undefined>> = {
  basicauth: basicOf,
  bearertokenauth: bearerOf,
  headers_setter: settersOf,
};

/** A file goes before a token, as in the Collector. */
function bearerOf(block: YAMLMap): Made | undefined {
  if (!hasOnly(block, ["scheme", "token", "header", "filename"])) return undefined;
  const [scheme = "Bearer", name = "authorization", token, file = ""] = ["scheme", "header", "token", "filename"].map(
    (key): unknown => block.get(key),
  );
  if (typeof scheme !== "string" || typeof name !== "string" || typeof file !== "string") return undefined;
  const said = file === "" ? token : `\${file:${file}}`;
  if (typeof said !== "string" || /[$}]/.test(file)) return undefined;
  const value = scheme === "" ? said : `${scheme} ${said}`;
  const hint = ": the file is read at the start and with each reload, so reload podstamp when its token is renewed";
  return { headers: [[name.toLowerCase(), value]], ...(file === "" ? {} : { hint }) };
}

/** What comes from a variable or a file is not written out: its name and password together are put into a variable of their own. */
function basicOf(block: YAMLMap, id: string): Made | undefined {
  const client = hasOnly(block, ["client_auth"]) ? block.get("client_auth") : undefined;
  if (!isMap(client)) return undefined;
  const said = ["username", "password"].map((key) => client.get(key));
  const isPlain = hasOnly(client, ["username", "password"]) && said.every((one) => typeof one === "string");
  if (isPlain && !said.some((one) => String(one).includes("$")))
    return { headers: [["authorization", `Basic ${Buffer.from(said.join(":")).toString("base64")}`]] };
  const variable = id
    .replace(/^basicauth/, "BASIC_AUTH")
    .replaceAll(/\W/g, "_")
    .toUpperCase();
  return {
    headers: [["authorization", `Basic \${env:${variable}}`]],
    hint: `: set ${variable} to what \`printf %s "NAME:PASSWORD" | base64 -w0\` writes`,
  };
}

function settersOf(block: YAMLMap): Made | undefined {
  const list = hasOnly(block, ["headers"]) ? block.get("headers") : undefined;
  if (!isSeq(list) || list.items.length === 0) return undefined;
  const headers = list.items.map((item) => {
    if (!isMap(item) || !hasOnly(item, ["action", "key", "value"])) return undefined;
    const [action = "upsert", name, value] = ["action", "key", "value"].map((key) => item.get(key));
    return (action === "upsert" || action === "insert") && typeof name === "string" && typeof value === "string"
      ? ([name, value] as const)
      : undefined;
  });
  return headers.every((one) => one !== undefined) ? { headers } : undefined;
}

function hasOnly(map: YAMLMap, keys: readonly string[]): boolean {
  return map.items.every(({ key }) => keys.includes(textOf(key)));
}

/** False where the exporter has headers of these names, or has them in another form. */
function addHeaders(doc: Document, map: YAMLMap, headers: Headers): boolean {
  const before = map.get("headers", true);
  const isEmpty = before === undefined || (isScalar(before) && before.value === null);
  if (!isEmpty && !isMap(before)) return false;
  const names = isMap(before) ? before.items.map(({ key }) => textOf(key).toLowerCase()) : [];
  if (headers.some(([name]) => names.includes(name.toLowerCase()))) return false;
  if (isEmpty) map.set("headers", doc.createNode({}, { flow: map.flow === true }));
  for (const [name, value] of headers) map.setIn(["headers", name], value);
  return true;
}
