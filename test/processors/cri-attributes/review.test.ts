import { describe, expect, test } from "vitest";
import { k8sAttributesProcessor } from "../../../src/processors/cri-attributes/cri-attributes.ts";

/** What is said of a rule of pod_association with one attribute, where this is extracted. */
function saidOf(name: string, extract: object, from = "resource_attribute"): readonly string[] {
  const settings = k8sAttributesProcessor.schema.parse({ extract, pod_association: [{ sources: [{ from, name }] }] });
  const findings = k8sAttributesProcessor.review?.(settings, {}) ?? [];
  return findings.filter(({ path }) => path[0] === "pod_association").map(({ text }) => text);
}

const metadata = ["k8s.pod.name", "k8s.node.name", "k8s.container.name", "service.version"];
const labels = [
  { key: "app" },
  { key: "tier", tag_name: "tier" },
  { key_regex: "team.*" },
  { key: "zone", tag_name: "zone", from: "node" },
];

describe("a rule of pod_association by an attribute that leads to no pod is told", () => {
  test.each([
    ["k8s.deployment.name", { metadata }],
    ["k8s.pod.label.other", { metadata, labels }],
    ["k8s.pod.label.tier", { metadata, labels }],
    ["k8s.pod.labels.app", { metadata, labels }],
    ["zone", { metadata, labels }],
    ["my.own", { metadata, labels, annotations: [{ key: "my.own" }] }],
  ])("%s is not extracted", (name, extract) => {
    const words = `leads to no pod, so that its rule finds nothing: ${name} is not extracted from pods: extract::metadata, or a rule for labels or annotations, can do that`;
    expect(saidOf(name, extract)).toEqual([words]);
    expect(saidOf(name, extract, "record_attribute")).toEqual([words]);
  });

  test.each(["k8s.container.name", "container.image.name", "service.instance.id"])("%s is of a container", (name) => {
    const words = `${name} is of a container, and pods are not told apart by it`;
    expect(saidOf(name, { metadata, labels })).toEqual([`leads to no pod, so that its rule finds nothing: ${words}`]);
  });

  test.each([
    ["container.id", { metadata: [] }],
    ["k8s.pod.uid", { metadata: [] }],
    ["k8s.namespace.name", { metadata: [] }],
    ["k8s.node.name", { metadata }],
    ["service.version", { metadata }],
    ["k8s.pod.label.app", { metadata, labels }],
    ["tier", { metadata, labels }],
    ["k8s.pod.label.team-a", { metadata, labels }],
    ["any", { metadata, annotations: [{ key_regex: "(.*)", tag_name: "$1" }] }],
    ["any", { metadata, otel_annotations: true }],
  ])("%s may lead to one", (name, extract) => {
    expect(saidOf(name, extract)).toEqual([]);
  });
});
