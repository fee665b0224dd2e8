import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { newId } from "../../support/cri/answers.ts";
import type { CriServer } from "../../support/cri/server.ts";
import { givenProcessor } from "./given-processor.ts";

const [first, second] = ["5cf2c2e1-0000-4000-8000-000000000001", "5cf2c2e1-0000-4000-8000-000000000002"];

/** A pod as a StatefulSet makes it anew under its name. */
function podOf(uid: string) {
  return { id: newId(), name: "db-0", namespace: "shop", uid, ip: "10.1.0.1", containers: [{ name: "db" }] };
}

/** Stops a pod and waits until that has been heard of. */
async function end(server: CriServer, id: string): Promise<void> {
  const asked = server.calls("PodSandboxStatus");
  server.stopPod(id);
  await expect.poll(() => server.calls("PodSandboxStatus")).toBeGreaterThan(asked);
}

/** Pods are known by these attributes. */
function by(...names: readonly string[]) {
  const sources = names.map((name) => ({ from: "resource_attribute", name }));
  return { pod_association: [{ sources }], extract: { metadata: ["k8s.pod.uid"] } };
}

const byName = by("k8s.pod.name", "k8s.namespace.name");

test.each([
  ["a name with its namespace", byName],
  ["a name alone", by("k8s.pod.name")],
])(
  "%s leads to the pod that had it last, also once that has ended and the one before was gone without having stopped",
  async (_, settings) => {
    const before = podOf(first);
    const { server, stamped, metric } = await givenProcessor({ pods: [before], settings });
    const said = { "k8s.pod.name": "db-0", "k8s.namespace.name": "shop" };
    expect(await stamped(said)).toMatchObject({ "k8s.pod.uid": first });
    server.remove(before.id);
    await expect.poll(() => metric("podstamp_directory_entries", { kind: "sandbox" })).toBe(0);
    const after = server.addPod(podOf(second));
    await expect.poll(() => stamped(said)).toMatchObject({ "k8s.pod.uid": second });
    await end(server, after);
    expect(await stamped(said)).toMatchObject({ "k8s.pod.uid": second });
    server.remove(after);
    await expect.poll(() => metric("podstamp_directory_entries", { kind: "sandbox" })).toBe(0);
    expect(await stamped(said)).toMatchObject({ "k8s.pod.uid": second });
  },
);

test("what else a rule asks for may be of the pod that had the name before", async () => {
  const [before, after] = [
    { ...podOf(first), labels: { version: "1" } },
    { ...podOf(second), labels: { version: "2" } },
  ];
  const { pod_association } = by("k8s.pod.name", "k8s.namespace.name", "version");
  const extract = { metadata: ["k8s.pod.uid"], labels: [{ key: "version", tag_name: "version" }] };
  const { server, stamped, metric } = await givenProcessor({ pods: [before], settings: { pod_association, extract } });
  server.remove(before.id);
  await expect.poll(() => metric("podstamp_directory_entries", { kind: "sandbox" })).toBe(0);
  server.addPod(after);
  const said = { "k8s.pod.name": "db-0", "k8s.namespace.name": "shop" };
  await expect.poll(() => stamped({ ...said, version: "2" })).toMatchObject({ "k8s.pod.uid": second });
  expect(await stamped({ ...said, version: "1" })).toMatchObject({ "k8s.pod.uid": first });
  expect(await stamped({ ...said, version: "3" })).not.toHaveProperty("k8s.pod.uid");
});

test("a pod that has ended keeps its address as an attribute, although the runtime tells it no more", async () => {
  const pod = podOf(first);
  const settings = { extract: { metadata: ["k8s.pod.name", "k8s.pod.ip"] } };
  const { server, stamped } = await givenProcessor({ pods: [pod], settings });
  const said = { "k8s.pod.uid": first };
  const whole = { ...said, "k8s.pod.name": "db-0", "k8s.pod.ip": "10.1.0.1" };
  expect(await stamped(said)).toEqual(whole);
  await end(server, pod.id);
  // By the address alone nobody is meant any more: it may be another's.
  await expect.poll(() => stamped({ "k8s.pod.ip": "10.1.0.1" })).toEqual({ "k8s.pod.ip": "10.1.0.1" });
  expect(await stamped(said)).toEqual(whole);
});

describe("while the runtime has no events, so that all is listed now and then", () => {
  /** The pod is made anew, right after a list. */
  async function remade(settings: object) {
    const containers = [{ name: "db" }, { name: "proxy" }];
    const before = { ...podOf(first), containers };
    const given = await givenProcessor({ pods: [before], settings, runtimeName: "other" });
    await expect.poll(() => given.server.calls("ListPodSandbox"), { timeout: 5000 }).toBeGreaterThanOrEqual(2);
    given.server.remove(before.id);
    given.server.addPod({ ...podOf(second), containers });
    // What a list has told of names is believed for so long.
    await sleep(1000);
    return given;
  }
  const said = { "k8s.pod.name": "db-0", "k8s.namespace.name": "shop" };

  test.each([
    ["a name with its namespace", byName],
    ["a name alone", by("k8s.pod.name")],
  ])("%s leads to the pod that has it now", async (_, settings) => {
    const { stamped } = await remade({ ...settings, wait: "5s" });
    expect(await stamped(said)).toMatchObject({ "k8s.pod.uid": second });
  });

  test("a name leads to the pod that had it last, after a moment, where the runtime does not answer", async () => {
    const { server, stamped } = await remade({ ...byName, wait: "5s" });
    server.freeze();
    const since = performance.now();
    expect(await stamped(said)).toMatchObject({ "k8s.pod.uid": first });
    expect(performance.now() - since).toBeLessThan(2000);
    server.thaw();
  });

  test.each([
    ["uid", { "k8s.pod.uid": first }],
    ["uid and the container's name", { "k8s.pod.uid": first, "k8s.container.name": "db" }],
  ])("a pod's %s leads to the container that was started again", async (_, known) => {
    const pod = podOf(first);
    const settings = { ...by("k8s.pod.uid"), extract: { metadata: ["container.id"] }, wait: "5s" };
    const { server, stamped } = await givenProcessor({ pods: [pod], settings, runtimeName: "other" });
    await expect.poll(() => server.calls("ListPodSandbox"), { timeout: 5000 }).toBeGreaterThanOrEqual(2);
    const again = server.add(pod.id, { name: "db", restartCount: 1 });
    await sleep(1000);
    expect(await stamped(known)).toMatchObject({ "container.id": again });
    const listed = server.calls("ListPodSandbox");
    for (let turn = 0; turn < 20; turn++) expect(await stamped(known)).toMatchObject({ "container.id": again });
    expect(server.calls("ListPodSandbox") - listed).toBeLessThanOrEqual(1);
  });
});
