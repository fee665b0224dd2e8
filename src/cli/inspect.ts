import { hostname } from "node:os";
import { type ContainerRef, parseContainerRef } from "../containers/container-ref.ts";
import type { Entry } from "../containers/entry.ts";
import type { AttributeValue } from "../otlp/attribute.ts";
import { attributeRules } from "../processors/cri-attributes/extract/attributes.ts";
import { type AttributeFacts, type AttributeRule, factsOf } from "../processors/cri-attributes/extract/facts.ts";
import { noSupplement } from "../processors/cri-attributes/extract/supplement.ts";
import { readArgs } from "./args.ts";
import { type NodeSnapshot, snapshot } from "./node-snapshot.ts";
import { clean, CommandError, exitCode, type Io, structured, UsageError } from "./output.ts";
import { shapes } from "./shapes.ts";

/** `podstamp inspect ID`: each attribute that would be written, its value, where it comes from, and why others are absent. */
export async function inspect(argv: readonly string[], io: Io): Promise<number> {
  const args = readArgs(argv, shapes.inspect);
  const format = args.text("output") ?? "table";
  const [text = ""] = args.positionals;
  const ref = parseContainerRef(text);
  if (ref === undefined) throw new UsageError(`Cannot inspect "${clean(text)}": must be a container or sandbox ID`);
  const found = await snapshot(args, io, {
    async list(runtime) {
      const listing = await runtime.list(io.signal);
      const containers = listing.containers.filter(({ id }) => isMeant(id, ref));
      const podIds = new Set(containers.map(({ podId }) => podId));
      const pods = listing.pods.filter(({ id }) => isMeant(id, ref) || podIds.has(id));
      return { containers, pods };
    },
    describe: ({ containers, pods }) => new Set([...containers, ...pods].map(({ id }) => id)),
    images: "never",
  });
  const entry = onlyEntry(found, ref);
  const nodeName = io.env["K8S_NODE_NAME"] || hostname().toLowerCase();
  const facts = factsOf(entry, { nodeName, supplement: noSupplement });
  const rows = writtenRules.map((rule) => ({ rule, value: rule.value(facts) }));
  if (format === "table") io.out(asText(entry, facts, { rows, io }));
  else io.out(await structured(format, asJson(entry, facts, rows)));
  return exitCode.ok;
}

/** What cri_attributes writes unless the file says otherwise. */
const writtenRules = attributeRules.filter(({ defaults, only }) => defaults.includes("podstamp") && only !== "legacy");

/** Some terminals say that they have no columns. */
const usualColumns = 80;
const minColumns = 40;

type Row = { readonly rule: AttributeRule; readonly value: AttributeValue | undefined };

function isMeant(id: string, ref: ContainerRef): boolean {
  return id === ref.id || (ref.mayBePrefix && id.startsWith(ref.id));
}

function onlyEntry({ containers, pods }: NodeSnapshot, ref: ContainerRef): Entry {
  const meant = [...containers, ...pods].filter(({ id }) => isMeant(id, ref));
  const [entry] = meant;
  if (entry === undefined)
    throw new CommandError(
      `Cannot find ${ref.id}: no container or sandbox of this runtime has an ID that is it or begins with it`,
    );
  if (meant.length > 1)
    throw new CommandError(
      `Cannot tell which is meant by ${ref.id}: ${meant.map(({ id }) => id).join(", ")} begin with it`,
    );
  return entry;
}

/** Why an attribute is not written. */
function whyAbsent({ container, pod }: AttributeFacts, { name, of }: AttributeRule): string {
  if (container === undefined && of === "container") return "this is a pod's sandbox, not one of its containers";
  if (pod === undefined && name.startsWith("k8s.")) return "the runtime does not know the pod's sandbox any more";
  if (name === "container.name" && pod !== undefined) return "a container of a pod has the name k8s.container.name";
  if (of === "pod" && /^k8s\.\w+set\.|^k8s\.(?:deployment|job|cronjob)\./.test(name))
    return "the pod's labels do not tell it";
  if (/^container\.image\.(?:name|tags|repo_digests)$|^oci\./.test(name)) {
    if (container?.image.isAmbiguous === true)
      return "the image has several names and the runtime does not tell which one was asked for";
    if (name === "container.image.tags" && container?.image.name !== undefined)
      return "the image was asked for by digest";
    if (container?.image.name !== undefined) return "the image was not pulled from a registry";
  }
  return "the runtime does not tell it";
}

function asText(entry: Entry, facts: AttributeFacts, { rows, io }: { rows: readonly Row[]; io: Io }): string {
  // Nothing is broken for a program that reads it.
  const columns = io.columns === undefined ? Infinity : Math.max(io.columns || usualColumns, minColumns);
  const bold = (text: string) => (io.color ? `\u001b[1m${text}\u001b[22m` : text);
  const dim = (text: string) => (io.color ? `\u001b[2m${text}\u001b[22m` : text);
  const block = ({ rule, value }: Row) => {
    const said =
      value === undefined
        ? `- ${whyAbsent(facts, rule)}`
        : clean(typeof value === "object" ? value.join(", ") : String(value));
    const source =
      value === undefined
        ? ""
        : `${wrap(`from ${rule.source}`, columns - 4)
            .map((line) => `    ${dim(line)}\n`)
            .join("")}`;
    return `${wrap(rule.name, columns)
      .map((line) => `${bold(line)}\n`)
      .join("")}${wrap(said, columns - 2)
      .map((line) => `  ${line}\n`)
      .join("")}${source}`;
  };
  const kind = entry.kind === "pod" ? "sandbox" : "container";
  const { name, version, endpoint } = entry.runtime;
  const head = [
    ...wrap(`${kind} ${clean(entry.id)}`, columns),
    ...wrap(clean(`of ${name} ${version} at ${endpoint}`), columns),
  ];
  return `${head.join("\n")}\n\n${rows.map(block).join("")}`;
}

/** Lines of at most `width` characters, broken at spaces where there are some. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const cut = space > width / 2 ? space : width;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

function asJson(entry: Entry, facts: AttributeFacts, rows: readonly Row[]): unknown {
  const attributes = rows.map(({ rule, value }) =>
    value === undefined
      ? { name: rule.name, value: null, absent: whyAbsent(facts, rule) }
      : { name: rule.name, value, source: rule.source },
  );
  return {
    id: entry.id,
    kind: entry.kind === "pod" ? "sandbox" : "container",
    runtime: entry.runtime,
    attributes,
  };
}
