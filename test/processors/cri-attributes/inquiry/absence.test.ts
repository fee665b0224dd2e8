import { expect, test } from "vitest";
import { attributeRules } from "../../../../src/processors/cri-attributes/extract/attributes.ts";
import { factsOf } from "../../../../src/processors/cri-attributes/extract/facts.ts";
import { noSupplement } from "../../../../src/processors/cri-attributes/extract/supplement.ts";
import { whyAbsent } from "../../../../src/processors/cri-attributes/inquiry/absence.ts";
import { toldBy } from "../../../../src/processors/cri-attributes/inquiry/sources.ts";
import { containerEntry, identity, podEntry } from "../../../containers/entries.ts";

const pod = podEntry("p");
const podmans = { ...pod, facts: { ...pod.facts, isKubernetes: false } };
const options = { nodeName: "node-a", supplement: noSupplement };

function rule(name: string) {
  const found = attributeRules.find((one) => one.name === name);
  if (found === undefined) throw new Error(`Cannot test ${name}: there is no such attribute`);
  return found;
}

test.each([
  ["none", containerEntry("c", ""), "it is in no pod of Kubernetes'"],
  ["one of Podman's", { ...containerEntry("c", "p"), pod: podmans }, "its pod is one of Podman's, not of Kubernetes'"],
  ["one that is gone", containerEntry("c", "p"), "the runtime does not know the pod's sandbox any more"],
])("why there is no name of a pod tells whose pod it is: %s", (_, container, why) => {
  expect(whyAbsent(factsOf(container, options), rule("k8s.pod.name"))).toBe(why);
});

test.each([
  ["containerd", "ListContainers id"],
  ["docker", "Id"],
  ["podman", "Id"],
] as const)("what %s tells is said in its own words", (type, source) => {
  const container = { ...containerEntry("c"), runtime: { ...identity, type } };
  expect(toldBy(rule("container.id"), factsOf(container, options))).toBe(source);
});
