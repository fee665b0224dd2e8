import { addressKey, uidKey } from "../../../containers/index/aliases.ts";
import {
  byAddress,
  byCgroup,
  byCgroupId,
  byContainerId,
  byPod,
  byPodName,
  type Candidate,
} from "../../../containers/association.ts";
import type { Directory } from "../../../containers/directory.ts";
import { type KeySet, keySet } from "../../../otlp/wire/keys.ts";
import type { Entry, Pod } from "../../../containers/index/entry.ts";
import type { AssociationRule, AssociationSource } from "../settings/association.ts";
import { type Kind, type Said, type Value, valueOf } from "./rule-values.ts";
import { senderApart } from "./sender.ts";
import { createPodTable, type PodTable } from "./pod-table.ts";
import type { Found } from "../../../containers/index/container-index.ts";

/** A rule that has decided: what it looks for. */
export type Taken = {
  /** `from/name` of its sources, `from` of those without a name, joined by `+`. */
  readonly label: string;
  /** Whether records said something of it. */
  readonly isRecordLevel: boolean;
  /** The value of a source `connection`. */
  readonly connection: string | undefined;
  /** What the directory is to be asked for; none where only a table of all pods knows it. */
  readonly candidates: readonly Candidate[];
  readonly isInTable: boolean;
  /** Whether it looks for a process, whose number is the host's or its sender's own. */
  readonly isOfProcess: boolean;
  /** The same for the same values. */
  readonly key: string;
  /** Checks what was found by the candidates, or finds it in the table. */
  readonly find: (found: Found) => Judged;
};

/** conflict: one source leads to a pod of which another one says something else. */
export type Judged = Found | { readonly status: "conflict" };

export type PodRulesOptions = {
  readonly rules: readonly AssociationRule[];
  readonly directory: Directory;
  /** An attribute of the pod as the instance would write it: only what is extracted for a pod tells pods apart. */
  readonly attribute: (pod: Pod, name: string) => string | undefined;
  /** Grows when attributes may have changed without the directory. */
  readonly version: () => number;
  readonly isHidden: (pod: Pod) => boolean;
  /** The uid by which a runtime knows the pod. */
  readonly uidOf: (uid: string) => string;
};

/** The rules of pod_association. */
export type PodRules = {
  /** Attributes that are read, of resources and of records. */
  readonly resourceKeys: readonly string[];
  readonly recordKeys: KeySet;
  /** The first rule whose sources all have a value. */
  take(said: Said): Taken | undefined;
};

const cgroupKeys = ["process.linux.cgroup", "podstamp.cgroup.id"];

/** Compiles the rules. */
export function createPodRules(options: PodRulesOptions): PodRules {
  const compiled = options.rules.map((rule) => compile(rule, options));
  const sources = options.rules.flatMap((rule) => rule.sources);
  return {
    resourceKeys: sources.flatMap(({ from, name }) => {
      if (from === "resource_attribute") return [name];
      return from === "process.pid" ? ["process.pid"] : from === "cgroup" ? cgroupKeys : [];
    }),
    recordKeys: keySet([...new Set(sources.flatMap(({ from, name }) => (from === "record_attribute" ? [name] : [])))]),
    take(said) {
      for (const take of compiled) {
        const taken = take(said);
        if (taken !== undefined) return taken;
      }
      return undefined;
    },
  };
}

/** By which the directory is asked, the most exact one first. */
const asked: readonly Kind[] = ["container", "cgroup", "cgroupId", "process", "uid", "address"];

function compile({ sources }: AssociationRule, options: PodRulesOptions): (said: Said) => Taken | undefined {
  const label = sources.map(labelOf).join("+");
  const isRecordLevel = sources.some(({ from }) => from === "record_attribute");
  let table: PodTable | undefined;
  return (said) => {
    const values: Value[] = [];
    let connection: string | undefined;
    for (const source of sources) {
      const value = valueOf(source, said);
      if (value === undefined) return undefined;
      if (source.from === "connection") connection = value.text;
      // In a namespace of its sender's own a number is of nobody here.
      const isApart = value.kind === "process" && senderApart(said.peer, options.directory) !== undefined;
      values.push(isApart ? { ...value, text: "" } : value);
    }
    const key = JSON.stringify([label, ...values.map(({ text }) => text)]);
    const isOfProcess = values.some(({ kind }) => kind === "process");
    const common = { label, isRecordLevel, connection, isOfProcess, key };
    const first = asked.flatMap((kind) => values.find((value) => value.kind === kind) ?? [])[0];
    if (first !== undefined) {
      const others = values.filter((value) => value !== first);
      const candidates = candidatesOf(first, options);
      return { ...common, candidates, isInTable: false, find: (found) => judge(found, others, options) };
    }
    const names = values.map(({ name }) => name);
    const texts = values.map(({ text }) => text);
    const findInTable = () => (table ??= createPodTable({ ...options, names })).find(texts);
    const candidates = namedPod(values);
    if (candidates === undefined) return { ...common, candidates: [], isInTable: true, find: findInTable };
    const find = (found: Found): Judged => {
      const judged = judge(found, values, options);
      if (judged.status !== "conflict") return judged;
      // What else is said may be of one that had the name before.
      const other = findInTable();
      return other.status === "found" ? other : judged;
    };
    return { ...common, candidates, isInTable: false, find };
  };
}

function labelOf({ from, name }: AssociationSource): string {
  return from.endsWith("_attribute") ? `${from}/${name}` : from;
}

/** None when the text cannot be of that kind: then it is nobody's. */
function candidatesOf({ kind, text }: Value, { directory, uidOf }: PodRulesOptions): readonly Candidate[] {
  const found = () => {
    switch (kind) {
      case "container":
        return byContainerId(text);
      case "uid":
        return byPod(uidOf(text), undefined);
      case "address":
        return byAddress(text, true);
      case "cgroup":
        return byCgroup(text);
      case "cgroupId":
        return byCgroupId(text, undefined);
      case "process": {
        const process = /^\d{1,10}$/.test(text) ? directory.process(Number(text)) : undefined;
        return process && byCgroup(process.cgroup);
      }
      case "name":
      case "namespace":
      case "other":
        return undefined;
    }
  };
  return found() ?? [];
}

/** By name and namespace, where both are there; one alone may be of several pods. */
function namedPod(values: readonly Value[]): readonly Candidate[] | undefined {
  const textOf = (kind: Kind) => values.find((value) => value.kind === kind)?.text;
  const [namespace, name] = [textOf("namespace"), textOf("name")];
  return namespace === undefined || name === undefined ? undefined : byPodName(namespace, name);
}

function judge(found: Found, others: readonly Value[], options: PodRulesOptions): Judged {
  if (found.status !== "found") return found;
  const pod = found.entry.kind === "pod" ? found.entry : found.entry.pod;
  // Its addresses have not been told yet.
  if (pod?.details === undefined && others.some(({ kind }) => kind === "address")) return { status: "missing" };
  return others.every((value) => isOf(found.entry, value, options)) ? found : { status: "conflict" };
}

/** Whether the value is the entry's too. */
function isOf(entry: Entry, { kind, name, text }: Value, options: PodRulesOptions): boolean {
  const { directory, attribute, uidOf } = options;
  const pod = entry.kind === "pod" ? entry : entry.pod;
  if (pod === undefined) return false;
  switch (kind) {
    case "uid":
      return uidKey(uidOf(text)) === uidKey(pod.facts.uid) || attribute(pod, name) === text;
    case "address": {
      const key = addressKey(text);
      return key !== undefined && (pod.details?.addresses ?? []).some((ip) => addressKey(ip) === key);
    }
    case "name":
      return pod.facts.name === text;
    case "namespace":
      return pod.facts.namespace === text;
    case "other":
      return attribute(pod, name) === text;
    case "container":
    case "cgroup":
    case "cgroupId":
    case "process": {
      const found = directory.findAny(candidatesOf({ kind, name, text }, options));
      const other = found.status === "found" ? (found.entry.kind === "pod" ? found.entry : found.entry.pod) : undefined;
      return other?.id === pod.id;
    }
  }
}
