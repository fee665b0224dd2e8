import type { LookupAnswer } from "../../processors/cri-attributes/inquiry/lookup.ts";
import { attributeBlocks } from "../attribute-blocks.ts";
import { widthOf, wrap } from "../terminal/fit.ts";
import { clean, type Io } from "../terminal/output.ts";

/** An answer for people: what was asked, by what it was decided, what was found, and each attribute with its source. */
export function asText(answer: LookupAnswer, source: string, io: Io): string {
  const width = widthOf(io);
  const rows: (readonly [string, string])[] = [
    ["asked", askedText(answer)],
    ["answer", `of ${answer.processor} of ${source}`],
    ["rule", ruleText(answer)],
    ...foundRows(answer),
  ];
  const labels = Math.max(...rows.map(([label]) => label.length)) + 2;
  const head = rows.flatMap(([label, text]) =>
    wrap(clean(text), width - labels).map((line, at) => `${(at === 0 ? label : "").padEnd(labels)}${line}\n`),
  );
  return [head.join(""), attributeBlocks(answer.attributes, io)].filter((part) => part !== "").join("\n");
}

function askedText({ asked: { resource, record, connection, isFromSdk } }: LookupAnswer): string {
  const pairs = (attributes: object) => Object.entries(attributes).map(([key, value]) => `${key}=${String(value)}`);
  const ofRecord = pairs(record);
  return [
    ...pairs(resource),
    ...(ofRecord.length === 0 ? [] : [`on the record ${ofRecord.join(", ")}`]),
    ...(connection === undefined || Object.hasOwn(resource, "k8s.pod.ip") ? [] : [`from ${connection}`]),
    ...(isFromSdk ? ["by an SDK"] : []),
  ].join(", ");
}

function ruleText({ rule: { of, by, note } }: LookupAnswer): string {
  const words = {
    own: by === null ? "podstamp's own order: none of it led to somebody" : `podstamp's own order: by ${by}`,
    file: `pod_association: ${by ?? ""}`,
    none: "none",
  };
  return note === null ? words[of] : `${words[of]}; ${note}`;
}

function seeText(lookedFor: LookupAnswer["lookedFor"]): string {
  const isShort = lookedFor.some(({ name }) => /^[0-9a-f]{1,11}$/.test(name));
  return `podstamp ps -a, which lists IDs and names${isShort ? "; the beginning of an ID counts from 12 digits on" : ""}`;
}

/** What would have said it, where no rules of the user's say what counts. */
const identities =
  "docs/association.md: container.id, k8s.pod.uid, process.linux.cgroup, k8s.pod.ip and others tell it, k8s.pod.name by pod_association alone";

function foundRows({ entry, reason, why, rule, lookedFor }: LookupAnswer): readonly (readonly [string, string])[] {
  if (entry === null) {
    const looked = lookedFor.map(({ name, found }) => `${name}${found === "missing" ? "" : ` (${found})`}`).join(", ");
    return [
      ["found", `no: ${reason ?? "unknown"}: ${why ?? ""}`],
      ...(looked === "" ? [] : [["looked for", looked] as const]),
      ...(reason === "not_found" ? [["see", seeText(lookedFor)] as const] : []),
      ...(reason === "no_identity" && rule.note === null ? [["see", identities] as const] : []),
    ];
  }
  const { kind, id, state, isGone, runtime, pod, name } = entry;
  return [
    ["found", `${kind} ${id}${name === null ? "" : ` (${name})`}, ${isGone ? "gone, still answerable" : state}`],
    ["pod", pod === null ? "none" : `${pod.namespace === "" ? "" : `${pod.namespace}/`}${pod.name}`],
    ["runtime", `${runtime.name} ${runtime.version} at ${runtime.endpoint}`],
  ];
}
