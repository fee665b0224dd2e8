import { expect, test } from "vitest";
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

const byName = {
  pod_association: [
    {
      sources: [
        { from: "resource_attribute", name: "k8s.pod.name" },
        { from: "resource_attribute", name: "k8s.namespace.name" },
      ],
    },
  ],
  extract: { metadata: ["k8s.pod.uid"] },
};

test("a name leads to the pod that had it last, also once that has ended and the one before it was gone without having stopped", async () => {
  const before = podOf(first);
  const { server, stamped, metric } = await givenProcessor({ pods: [before], settings: byName });
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
