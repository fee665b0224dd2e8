import { hostname } from "node:os";
import { type ContainerRef, parseContainerRef } from "../containers/names/container-ref.ts";
import type { Entry } from "../containers/index/entry.ts";
import type { AttributeValue } from "../otlp/wire/attribute.ts";
import { attributeRules } from "../processors/cri-attributes/extract/attributes.ts";
import { type AttributeFacts, type AttributeRule, factsOf } from "../processors/cri-attributes/extract/facts.ts";
import { noSupplement } from "../processors/cri-attributes/extract/supplement.ts";
import { whyAbsent } from "../processors/cri-attributes/inquiry/absence.ts";
import { toldBy } from "../processors/cri-attributes/inquiry/sources.ts";
import { readArgs } from "./terminal/args.ts";
import { attributeBlocks } from "./attribute-blocks.ts";
import { widthOf, wrap } from "./terminal/fit.ts";
import { type NodeSnapshot, snapshot } from "./node/snapshot.ts";
import { clean, CommandError, exitCode, type Io, structured, UsageError } from "./terminal/output.ts";
import { shapes } from "./terminal/shapes.ts";

/** `podstamp inspect ID...`: each attribute that would be written, its value, where it comes from, and why others are absent. */
export async function inspect(argv: readonly string[], io: Io): Promise<number> {
  const args = readArgs(argv, shapes.inspect);
  const format = args.text("output") ?? "table";
  const refs = args.positionals.map((text) => {
    const ref = parseContainerRef(text);
    if (ref === undefined) throw new UsageError(`Cannot inspect "${clean(text)}": must be a container or sandbox ID`);
    return ref;
  });
  const isAsked = (id: string) => refs.some((ref) => isMeant(id, ref));
  const found = await snapshot(args, io, {
    async list(runtime) {
      const listing = await runtime.list(io.signal);
      const containers = listing.containers.filter(({ id }) => isAsked(id));
      const podIds = new Set(containers.map(({ podId }) => podId));
      const pods = listing.pods.filter(({ id }) => isAsked(id) || podIds.has(id));
      return { containers, pods };
    },
    describe: ({ containers, pods }) => new Set([...containers, ...pods].map(({ id }) => id)),
    images: "never",
  });
  const nodeName = io.env["K8S_NODE_NAME"] || hostname().toLowerCase();
  const inspected = refs.map((ref) => {
    const entry = onlyEntry(found, ref);
    const facts = factsOf(entry, { nodeName, supplement: noSupplement });
    return { entry, facts, rows: writtenRules.map((rule) => ({ rule, value: rule.value(facts) })) };
  });
  if (format === "table") io.out(inspected.map((each) => asText(each, io)).join("\n"));
  else {
    const [first, ...more] = inspected.map(asJson);
    // As crictl: one is told as itself, several as a list.
    io.out(await structured(format, more.length === 0 ? first : [first, ...more]));
  }
  return exitCode.ok;
}

type Inspected = { readonly entry: Entry; readonly facts: AttributeFacts; readonly rows: readonly Row[] };

/** What cri_attributes writes unless the file says otherwise. */
const writtenRules = attributeRules.filter(({ defaults, only }) => defaults.includes("podstamp") && only !== "legacy");

type Row = { readonly rule: AttributeRule; readonly value: AttributeValue | undefined };

/** Whoever types an ID may shorten it as far as crictl and docker let it be: unlike what telemetry says of itself it is meant for somebody. */
function isMeant(id: string, ref: ContainerRef): boolean {
  return id === ref.id || ((ref.mayBePrefix || /^[0-9a-f]{1,11}$/.test(ref.id)) && id.startsWith(ref.id));
}

function onlyEntry({ containers, pods }: NodeSnapshot, ref: ContainerRef): Entry {
  const all = [...containers, ...pods].filter(({ id }) => isMeant(id, ref));
  const exact = all.filter(({ id }) => id === ref.id);
  const meant = exact.length > 0 ? exact : all;
  const [entry] = meant;
  if (entry === undefined)
    throw new CommandError(
      `Cannot find ${ref.id}: no container or sandbox has an ID that is it or begins with it; podstamp ps -a lists the IDs`,
    );
  if (meant.length > 1)
    throw new CommandError(
      `Cannot tell which is meant by ${ref.id}: ${meant.map(({ id }) => id).join(", ")} begin with it`,
    );
  return entry;
}

function asText({ entry, facts, rows }: Inspected, io: Io): string {
  const width = widthOf(io);
  const kind = entry.kind === "pod" ? "sandbox" : "container";
  const { name, version, endpoint } = entry.runtime;
  const head = [
    ...wrap(`${kind} ${clean(entry.id)}`, width),
    ...wrap(clean(`of ${name} ${version} at ${endpoint}`), width),
  ];
  const shown = rows.map(({ rule, value }) =>
    value === undefined
      ? { name: rule.name, absent: whyAbsent(facts, rule) }
      : { name: rule.name, value, source: toldBy(rule, facts) },
  );
  return `${head.join("\n")}\n\n${attributeBlocks(shown, io)}`;
}

function asJson({ entry, facts, rows }: Inspected): unknown {
  const attributes = rows.map(({ rule, value }) =>
    value === undefined
      ? { name: rule.name, value: null, absent: whyAbsent(facts, rule) }
      : { name: rule.name, value, source: toldBy(rule, facts) },
  );
  return {
    id: entry.id,
    kind: entry.kind === "pod" ? "sandbox" : "container",
    runtime: entry.runtime,
    attributes,
  };
}
