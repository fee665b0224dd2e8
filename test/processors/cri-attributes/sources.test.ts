import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { givenProcessor } from "./given-processor.ts";
import { folder, pods, web } from "./given-sources.ts";

describe("an overlay", () => {
  const extract = {
    metadata: ["k8s.pod.name", "k8s.deployment.uid", "k8s.node.uid", "k8s.cluster.uid"],
    labels: [
      { key: "team", from: "namespace" },
      { key_regex: "topology/(.*)", tag_name: "node.$1", from: "node" },
      { key: "tier", from: "deployment" },
    ],
    annotations: [{ key: "owner", from: "namespace" }],
  };
  const content = (team: string) => `
cluster: {uid: c-1}
namespaces:
  shop: {labels: {<<: {team: ${team}}}, annotations: {owner: 007}}
nodes:
  node-a: {uid: n-1, labels: {topology/zone: a}}
workloads:
  deployment:
    shop/web: {uid: d-1, labels: {tier: front}}
`;

  test("tells labels, annotations and uids of what is around a pod, and is read again when it changes", async () => {
    const file = join(folder(), "overlay.yaml");
    writeFileSync(file, content("pay"));
    const { stamped } = await givenProcessor({ pods, settings: { extract, overlay: { file } } });
    expect(await stamped({ "container.id": web })).toEqual({
      "container.id": web,
      "k8s.pod.name": "web-5f6d8b9c4-hk7wq",
      "k8s.deployment.uid": "d-1",
      "k8s.node.uid": "n-1",
      "k8s.cluster.uid": "c-1",
      "k8s.namespace.label.team": "pay",
      "node.zone": "a",
      "k8s.deployment.label.tier": "front",
      "k8s.namespace.annotation.owner": "007",
    });
    expect(await stamped({ "k8s.namespace.name": "shop", "k8s.node.name": "node-a" })).toMatchObject({
      "k8s.namespace.label.team": "pay",
      "node.zone": "a",
    });
    // As Kubernetes does with a ConfigMap: another file in its place.
    writeFileSync(`${file}.new`, content("checkout"));
    renameSync(`${file}.new`, file);
    await expect
      .poll(() => stamped({ "container.id": web }), { timeout: 10_000 })
      .toMatchObject({ "k8s.namespace.label.team": "checkout" });
  });

  test("is taken from the nearest that has it, with the node's uid where a rule is about nodes", async () => {
    const file = join(folder(), "overlay.yaml");
    writeFileSync(
      file,
      `
namespaces: {shop: {labels: {team: pay, area: ""}}, empty: {}}
nodes: {node-a: {uid: n-1, labels: {team: infra, area: eu}, annotations: {team: racks}}}
workloads: {deployment: {shop/web: {uid: d-1, labels: {team: front, tier: "1"}}}}
`,
    );
    const rule = (key: string, from: string) => ({ key, tag_name: key, from });
    const labels = [
      ...["team", "area"].flatMap((key) => [rule(key, "namespace"), rule(key, "node")]),
      ...["team", "tier"].map((key) => rule(key, "deployment")),
    ];
    const settings = { extract: { metadata: [], labels, annotations: [rule("team", "node")] }, overlay: { file } };
    const { stamped } = await givenProcessor({ pods, settings });
    const rest = { area: "eu", "k8s.node.uid": "n-1" };
    expect(await stamped({ "container.id": web })).toEqual({ "container.id": web, team: "pay", ...rest, tier: "1" });
    const named = { "k8s.node.name": "node-a", "k8s.namespace.name": "empty" };
    expect(await stamped(named)).toEqual({ ...named, team: "racks", ...rest });
    const byUid = { "k8s.deployment.uid": "d-1" };
    expect(await stamped(byUid)).toEqual({ ...byUid, team: "front", tier: "1" });
    expect(await stamped({ "k8s.statefulset.uid": "d-1" })).toEqual({ "k8s.statefulset.uid": "d-1" });
    // A name is no uid, however it is written.
    expect(await stamped({ "k8s.deployment.uid": "shop/web" })).toEqual({ "k8s.deployment.uid": "shop/web" });
    const own = await givenProcessor({ type: "cri_attributes", pods, settings });
    expect(await own.stamped({ "container.id": web })).not.toHaveProperty("k8s.node.uid");
  });

  test.each([
    ["is not there", undefined],
    ["is no overlay", "pods: {}"],
    ["is no map", "[1]"],
    ["is broken", "{"],
    ["has a kind that nobody knows", "workloads: {replicationcontroller: {}}"],
    ["has labels that are no texts", "namespaces: {shop: {labels: {a: [1]}}}"],
  ])("that %s takes nothing away", async (_, text) => {
    const file = join(folder(), "overlay.yaml");
    if (text !== undefined) writeFileSync(file, text);
    const { stamped, host } = await givenProcessor({ pods, settings: { extract, overlay: { file } } });
    expect(await stamped({ "container.id": web })).toEqual({ "container.id": web, "k8s.pod.name": pods[0]?.name });
    const warnings = host.logged.filter(({ level }) => level === "warn");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toBe("Cannot read the overlay; what was read before stays");
  });
});

describe("wait_for_metadata", () => {
  test("starts degraded when its time has passed, and says so", async () => {
    const settings = { wait_for_metadata: true, wait_for_metadata_timeout: "100ms" };
    const { stamped, host } = await givenProcessor({ settings, isListening: false });
    expect(host.logged.map(({ message }) => message)).toContain(
      "Starting without metadata: a container runtime does not answer",
    );
    expect(await stamped({ "container.id": web })).toEqual({ "container.id": web });
  });

  test("waits for the list when there is a runtime", async () => {
    const { stamped, host } = await givenProcessor({ pods, settings: { wait_for_metadata: true } });
    expect(host.logged.filter(({ level }) => level === "warn")).toEqual([]);
    expect(await stamped({ "container.id": web })).toMatchObject({ "k8s.pod.uid": "u-web" });
  });
});
