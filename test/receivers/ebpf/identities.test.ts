import { expect, test } from "vitest";
import type { Identity } from "../../../src/ebpf/sources.ts";
import { createIdentities } from "../../../src/receivers/ebpf/identities.ts";
import { never } from "../../contract/given.ts";
import { givenDirectory } from "../../containers/given-directory.ts";
import { newId } from "../../support/cri/answers.ts";
import { bogusIds } from "../../containers/given-directory.ts";

const uid = "11111111-2222-3333-4444-555555555555";
const staticUid = "9f86d081884c7d659a2feaa0c55ad015";
const web = newId();
const etcd = newId();
const pods = [
  {
    name: "checkout-7d4b9c6f5-x2x9p",
    namespace: "shop",
    uid,
    labels: { "pod-template-hash": "7d4b9c6f5" },
    containers: [{ id: web, name: "web", image: "docker.io/shop/web:1.2" }],
  },
  { name: "etcd-node", namespace: "kube-system", uid: staticUid, containers: [{ id: etcd, name: "etcd" }] },
];
const [unknown = ""] = bogusIds(1);
const pathOf = (container: string, pod = uid) =>
  `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${pod.replaceAll("-", "_")}.slice/cri-containerd-${container}.scope`;
const nothing = { namespaces: [], pods: [], containers: [], images: [], ports: [] };

async function given(options: { include?: object; exclude?: object; hostProcesses?: boolean; waitMs?: number } = {}) {
  const { server, directory } = await givenDirectory({ server: { pods } });
  const identify = createIdentities({
    directory,
    include: { ...nothing, ...options.include },
    exclude: { ...nothing, ...options.exclude },
    hostProcesses: options.hostProcesses ?? true,
    waitMs: options.waitMs ?? 5000,
    signal: never,
  });
  return { server, identify: async (path: string): Promise<Identity> => identify(path) };
}

test("a container's name for its service comes from its workload, and its ID from its cgroup", async () => {
  const { identify } = await given();
  const { isWanted, attributes } = await identify(pathOf(web));
  expect(isWanted).toBe(true);
  expect(Object.fromEntries(attributes)).toEqual({
    "container.id": web,
    "service.name": "checkout",
    "service.namespace": "shop",
    "service.instance.id": "shop.checkout-7d4b9c6f5-x2x9p.web",
  });
});

test("a cgroup within a container's, and a static pod's", async () => {
  const { identify } = await given();
  expect((await identify(`${pathOf(web)}/init.scope`)).attributes.get("container.id")).toBe(web);
  expect((await identify(pathOf(etcd, staticUid))).attributes.get("service.name")).toBe("etcd-node");
});

test("a container that comes a moment later is waited for", async () => {
  const { server, identify } = await given();
  const late = newId();
  const pod = server.addPod({ name: "job-1", namespace: "batch", containers: [] });
  const found = identify(pathOf(late, "22222222-2222-3333-4444-555555555555"));
  server.add(pod, { id: late, name: "job" }, { visibleAfterMs: 300, isSilent: true });
  expect((await found).attributes.get("service.instance.id")).toBe("batch.job-1.job");
});

test("of a container that the runtime has forgotten its pod is known by the cgroup", async () => {
  const { identify } = await given({ waitMs: 100, include: { namespaces: ["shop"] } });
  const { isWanted, attributes } = await identify(pathOf(unknown));
  expect(isWanted).toBe(true);
  expect(Object.fromEntries(attributes)).toMatchObject({
    "container.id": unknown,
    "k8s.pod.uid": uid,
    "service.name": "checkout",
  });
});

test("a container that its runtime tells of long after its first record is known from then on, with all that decides whether it is wanted", async () => {
  const { server, identify } = await given({ waitMs: 50, include: { namespaces: ["batch"] } });
  const late = newId();
  const first = await identify(pathOf(late, "22222222-2222-3333-4444-555555555555"));
  expect([first.isWanted, first.better?.()]).toEqual([false, undefined]);
  server.add(server.addPod({ name: "job-1", namespace: "batch", containers: [] }), { id: late, name: "job" });
  await expect.poll(() => first.better?.()?.isWanted).toBe(true);
  expect(first.better?.()?.attributes.get("service.instance.id")).toBe("batch.job-1.job");
  expect((await identify(pathOf(web))).better).toBeUndefined();
});

test("a container whose cgroup does not have its ID, as with ctr, is waited for a moment; a service of the host is not", async () => {
  const { server, identify } = await given({ hostProcesses: false });
  const late = newId();
  const pod = server.addPod({ name: "job-1", namespace: "batch", containers: [] });
  const found = identify("/default/job");
  server.add(pod, { id: late, name: "job", cgroupsPath: "/default/job" }, { visibleAfterMs: 200 });
  const { isWanted, attributes } = await found;
  expect([isWanted, attributes.get("container.id")]).toEqual([true, late]);
  const since = performance.now();
  await Promise.all([identify("/system.slice/sshd.service"), identify("/init.scope"), identify("/")]);
  expect(performance.now() - since).toBeLessThan(500);
  expect((await identify("/default/nobody")).isWanted).toBe(false);
});

test.each([
  ["namespaces", { namespaces: ["shop"] }, true],
  ["a namespace that it is not in", { namespaces: ["kube-*"] }, false],
  ["pods", { pods: ["checkout-*"] }, true],
  ["containers", { containers: ["web", "api"] }, true],
  ["images", { images: ["docker.io/shop/*"] }, true],
  ["all that is named must fit", { namespaces: ["shop"], containers: ["api"] }, false],
  ["nothing", {}, true],
])("include by %s", async (_, include, expected) => {
  const { identify } = await given({ include });
  expect((await identify(pathOf(web))).isWanted).toBe(expected);
});

test.each([
  ["namespaces", { namespaces: ["shop"] }, false],
  ["one of several is enough", { namespaces: ["none"], containers: ["web"] }, false],
  ["others", { images: ["docker.io/other/*"] }, true],
])("exclude by %s", async (_, exclude, expected) => {
  const { identify } = await given({ exclude });
  expect((await identify(pathOf(web))).isWanted).toBe(expected);
});

test("processes of the host are reported unless told otherwise, or unless something else is asked for", async () => {
  const path = "/system.slice/sshd.service";
  expect(await (await given()).identify(path)).toMatchObject({ isWanted: true, attributes: new Map() });
  expect((await (await given({ hostProcesses: false })).identify(path)).isWanted).toBe(false);
  expect((await (await given({ include: { namespaces: ["shop"] } })).identify(path)).isWanted).toBe(false);
});
