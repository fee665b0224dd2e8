import { hostname } from "node:os";
import { type Finding, findingsOf } from "../finding.ts";
import type { Subject } from "../subject.ts";

const { ok, warning } = findingsOf("node name");

const downward =
  "env: [{name: K8S_NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}] in the pod, or node_name in cri_attributes";

const byHand =
  "nothing, where there is no kubelet; else give the container the node's name: -e K8S_NODE_NAME=NAME, or node_name in cri_attributes";

/** What k8s.node.name would be, and where it comes from. */
export function checkNodeName({
  io: { env },
  config,
  self,
}: Pick<Subject, "io" | "config" | "self">): readonly Finding[] {
  const set = [...(config?.processors.values() ?? [])].flatMap(({ settings }) => nameIn(settings, env))[0];
  if (set !== undefined) return [ok(`k8s.node.name is ${set}, as the configuration says`)];
  const named = env["K8S_NODE_NAME"] ?? "";
  if (named !== "") return [ok(`k8s.node.name is ${named}, as K8S_NODE_NAME says`)];
  const name = hostname().toLowerCase();
  if (env["NODE_NAME"])
    return [
      warning(
        `k8s.node.name is ${name}, the host's name: NODE_NAME is ${env["NODE_NAME"]}, and nothing reads it`,
        "name the variable K8S_NODE_NAME, or write node_name: ${env:NODE_NAME} into cri_attributes",
      ),
    ];
  const text = `k8s.node.name is ${name}, the host's name in this container`;
  if (self.isInKubernetes) return [warning(`${text}, which may be the pod's`, downward)];
  if (self.isInContainer) return [warning(`${text}, which may be the container's ID`, byHand)];
  return [ok(`k8s.node.name is ${name}, the host's name; K8S_NODE_NAME would say another`)];
}

function nameIn(settings: unknown, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (typeof settings !== "object" || settings === null) return [];
  if ("node_name" in settings && typeof settings.node_name === "string" && settings.node_name !== "")
    return [settings.node_name];
  const filter = "filter" in settings ? settings.filter : undefined;
  if (typeof filter !== "object" || filter === null || env["K8S_NODE_NAME"]) return [];
  const variable = "node_from_env_var" in filter ? env[String(filter.node_from_env_var)] : undefined;
  const node = variable ?? ("node" in filter ? filter.node : undefined);
  return typeof node === "string" && node !== "" ? [node] : [];
}
