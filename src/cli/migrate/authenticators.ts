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
    const headers = headersOf(doc.getIn(["extensions", id]), parseId(id)?.type);
    if (headers === undefined || !addHeaders(doc, map, headers)) continue;
    takeOut(map, pair, { all: true });
    const names = headers.map(([name]) => `headers::${name}`).join(" and ");
    tell(pair.key, "changed", `${path.join("::")}::auth is ${names} here`);
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

/** What the authenticator adds to each request, where that is always the same; undefined where it is not. */
function headersOf(block: unknown, type: string | undefined): Headers | undefined {
  if (!isMap(block)) return undefined;
  if (type === "bearertokenauth") {
    if (!hasOnly(block, ["scheme", "token", "header"])) return undefined;
    const [scheme = "Bearer", token, name = "authorization"] = ["scheme", "token", "header"].map((key) =>
      block.get(key),
    );
    if (![scheme, token, name].every((one) => typeof one === "string")) return undefined;
    return [[String(name).toLowerCase(), scheme === "" ? String(token) : `${String(scheme)} ${String(token)}`]];
  }
  const list = type === "headers_setter" && hasOnly(block, ["headers"]) ? block.get("headers") : undefined;
  if (!isSeq(list) || list.items.length === 0) return undefined;
  const headers = list.items.map((item) => {
    if (!isMap(item) || !hasOnly(item, ["action", "key", "value"])) return undefined;
    const [action = "upsert", name, value] = ["action", "key", "value"].map((key) => item.get(key));
    return (action === "upsert" || action === "insert") && typeof name === "string" && typeof value === "string"
      ? ([name, value] as const)
      : undefined;
  });
  return headers.every((one) => one !== undefined) ? headers : undefined;
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
