import type { Finding } from "../../config/component-type.ts";
import type { Env } from "../../config/document/reference.ts";
import { attributeRules } from "./extract/attributes.ts";
import type { Dialect } from "./extract/facts.ts";
import type { KeyRule } from "./extract/key-rules.ts";
import { whyDead } from "./association/dead-source.ts";
import { knownFields } from "./association/pod-filter.ts";
import type { Settings } from "./settings/settings.ts";
import { defaultFields } from "./settings/extract.ts";

type Path = Finding["path"];

/** What the settings have that does nothing here, and what the environment must have for them. */
export function reviewSettings(settings: Settings, env: Env, dialect: Dialect): readonly Finding[] {
  return [
    ...apiServerSettings(settings),
    ...fieldsNobodyTells(settings, dialect),
    ...keysNobodyTells(settings),
    ...deadSources(settings),
    ...filters(settings, env),
    ...settings.exclude.pods.flatMap(({ name }, index) =>
      name === undefined ? [warning(["exclude", "pods", index], "has no name: every pod is excluded")] : [],
    ),
    ...kubelet(settings),
  ];
}

function warning(path: Path, text: string): Finding {
  return { severity: "warning", path, text };
}

function apiServerSettings(settings: Settings): readonly Finding[] {
  const keys = ["auth_type", "context", "kube_api_qps", "kube_api_burst"] as const;
  const found = keys
    .filter((key) => settings[key] !== undefined)
    .map((key) => warning([key], "does nothing: podstamp asks no API server"));
  if (settings.extract.deployment_name_from_replicaset === undefined) return found;
  const path = ["extract", "deployment_name_from_replicaset"];
  return [...found, warning(path, "does nothing: the Collector has removed it, and podstamp has only that way")];
}

function fieldsNobodyTells({ extract, overlay, kubelet, semconv }: Settings, dialect: Dialect): readonly Finding[] {
  const isDefault = JSON.stringify(extract.metadata) === JSON.stringify(defaultFields(dialect));
  return extract.metadata.flatMap((name, index) => {
    const rule = attributeRules.find((one) => one.name === name);
    const path = ["extract", "metadata", index];
    const ways = rule?.otherwise?.split(" or ") ?? [];
    const hasWay = (ways.includes("overlay") && overlay.file !== "") || (ways.includes("kubelet") && kubelet.enabled);
    if (ways.length > 0 && !hasWay)
      return [
        warning(path, `does nothing: ${name} is known to the API server alone; ${ways.join(" or ")} can tell it`),
      ];
    if (!isDefault && rule?.only !== undefined && semconv !== "both" && semconv !== rule.only)
      return [warning(path, `does nothing: ${name} is written with semconv ${rule.only} or both, not ${semconv}`)];
    return [];
  });
}

function keysNobodyTells({ extract, overlay }: Settings): readonly Finding[] {
  if (overlay.file !== "") return [];
  const of = (kind: "labels" | "annotations") => (rule: KeyRule, index: number) =>
    rule.from === "pod"
      ? []
      : [
          warning(
            ["extract", kind, index],
            `does nothing: ${kind} of a ${rule.from} are known to the API server alone; overlay can tell them`,
          ),
        ];
  return [...extract.labels.flatMap(of("labels")), ...extract.annotations.flatMap(of("annotations"))];
}

function deadSources(settings: Settings): readonly Finding[] {
  return settings.pod_association.flatMap(({ sources }, rule) =>
    sources.flatMap(({ from, name }, index) => {
      const why = from.endsWith("_attribute") ? whyDead(name, settings) : undefined;
      const path = ["pod_association", rule, "sources", index, "name"];
      return why === undefined ? [] : [warning(path, `leads to no pod, so that its rule finds nothing: ${why}`)];
    }),
  );
}

function filters({ filter }: Settings, env: Env): readonly Finding[] {
  const unknown = filter.fields.flatMap(({ key }, index) =>
    knownFields.includes(key)
      ? []
      : [
          warning(
            ["filter", "fields", index],
            `does nothing: a runtime knows no ${key === "" ? "field without a name" : key}; known fields: ${knownFields.join(", ")}`,
          ),
        ],
  );
  const name = filter.node_from_env_var;
  if (name === "" || env[name] !== undefined) return unknown;
  const text = `must be an environment variable that exists, is ${JSON.stringify(name)}`;
  const path = ["filter", "node_from_env_var"];
  return [...unknown, { severity: "error", path, text, because: "environment" }];
}

function kubelet({ kubelet: { enabled, endpoint }, filter, node_name: node }: Settings): readonly Finding[] {
  if (!enabled || endpoint !== "" || node !== "" || filter.node !== "" || filter.node_from_env_var !== "") return [];
  const text = "must be set, or filter::node, filter::node_from_env_var or node_name, to know where the kubelet is";
  return [{ severity: "error", path: ["kubelet", "endpoint"], text }];
}
