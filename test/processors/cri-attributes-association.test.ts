import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Directory } from "../../src/containers/directory.ts";
import { accepted, type Batch } from "../../src/pipeline/contract.ts";
import { criAttributesProcessor } from "../../src/processors/cri-attributes/cri-attributes.ts";
import { newId } from "../support/cri/answers.ts";
import type { CriServer } from "../support/cri/server.ts";
import { eventually } from "../support/eventually.ts";
import { type HostRoot, lendHostRoot } from "../support/node/host-root.ts";
import { lendRuntime } from "../support/lend.ts";
import type { Attributes } from "../support/otlp/plain.ts";
import { givenNext, sharingHost } from "./given-next.ts";
import { item, resourcesOf, traces } from "./telemetry.ts";

const never = new AbortController().signal;
const uid = "5cf2c2e1-0000-4000-8000-000000000001";
const staticUid = "82668c3b799e9d1cb50e83b14b86af2e";
const [sandbox, web, side, api, unknown] = [newId(), newId(), newId(), newId(), newId()];
const pods = [
  {
    id: sandbox,
    name: "web-1",
    namespace: "shop",
    uid,
    ip: "10.88.0.7",
    additionalIps: ["fd00:88::7"],
    containers: [
      { id: web, name: "web", pid: 4001 },
      { id: side, name: "side", pid: 4002, cgroupsPath: "/custom/side" },
    ],
  },
  { name: "agent-1", namespace: "ops", ip: "10.88.0.8", isHostPid: true, containers: [{ name: "agent" }] },
  { name: `${"long-".repeat(12)}ab-1-x`, namespace: "ops", ip: "10.88.0.9", containers: [{ name: "long" }] },
  { name: "kube-apiserver-node-a", namespace: "kube-system", uid: staticUid, containers: [{ id: api, name: "api" }] },
];
const ofPod = { "k8s.namespace.name": "shop", "k8s.pod.name": "web-1", "k8s.pod.uid": uid };
const ofWeb = { ...ofPod, "k8s.container.name": "web", "container.id": web };
const ofSide = { ...ofPod, "k8s.container.name": "side", "container.id": side };
const ofApi = { "k8s.pod.name": "kube-apiserver-node-a", "k8s.pod.uid": staticUid, "container.id": api };
const pathOfWeb = `/kubepods/besteffort/pod${uid}/${web}`;

type Given = {
  readonly server: CriServer;
  readonly root: HostRoot;
  /** The attributes with which a resource of these leaves that came from an address. */
  leaves(attributes: Attributes, peer?: string): Promise<Attributes>;
  unstamped(reason: string): number;
  isListed(id: string): boolean;
  /** How many events have come. */
  events(): number;
};

async function given(root = lendHostRoot(), wait = "150ms", runtimeName = "containerd"): Promise<Given> {
  root.process(4001, `0::${pathOfWeb}\n`);
  root.process(4002, "0::/custom/side\n");
  const server = await lendRuntime({ pods, version: { runtimeName } });
  const host = sharingHost("cri_attributes");
  const next = givenNext();
  const raw = { runtimes: [{ endpoint: server.endpoint }], host_root: root.path, wait };
  const processor = criAttributesProcessor.create(criAttributesProcessor.schema.parse(raw), host, next);
  onTestFinished(async () => {
    for (const component of host.shared.values()) await component.stop(never);
  });
  for (const component of host.shared.values()) await component.start();
  const directory = [...host.shared.values()].find((each): each is Directory => "isSettled" in each);
  await eventually(() => directory?.isSettled() === true, { what: "all details" });
  return {
    server,
    root,
    async leaves(attributes, peer) {
      const from = next.taken.length;
      const batch: Batch = { ...traces({ attributes, items: [item("a")] }), ...(peer === undefined ? {} : { peer }) };
      expect(await processor.consume(batch, never)).toEqual(accepted);
      const resources = next.taken.slice(from).flatMap((taken) => resourcesOf(taken.batch));
      expect(resources).toHaveLength(1);
      return resources[0]?.attributes ?? {};
    },
    unstamped: (reason) => host.metric("podstamp_unstamped_items", { reason }),
    isListed: (id) => directory?.entries().some((entry) => entry.id === id) ?? false,
    events: () => host.metric("podstamp_events", { runtime: server.endpoint }),
  };
}

describe("telemetry that names no container by its ID is of", () => {
  test.each([
    ["the pod of its k8s.pod.uid", { "k8s.pod.uid": uid }, ofPod],
    ["the container of that name in it", { "k8s.pod.uid": uid, "k8s.container.name": "side" }, ofSide],
    ["the static pod of a uid without dashes", { "k8s.pod.uid": staticUid, "k8s.container.name": "api" }, ofApi],
    ["the container in its cgroup", { "process.linux.cgroup": pathOfWeb }, ofWeb],
    ["the container in a cgroup around its own", { "process.linux.cgroup": `${pathOfWeb}/init.scope` }, ofWeb],
    [
      "the container in its systemd scope",
      { "process.linux.cgroup": `0::/kubepods.slice/cri-containerd-${web}.scope` },
      ofWeb,
    ],
    ["the innermost container that is known", { "process.linux.cgroup": `${pathOfWeb}/docker/${unknown}` }, ofWeb],
    [
      "the pod of a cgroup beside its containers",
      { "process.linux.cgroup": `/kubepods/pod${uid}/crio-conmon-${web}` },
      ofPod,
    ],
    ["the container with a cgroup of its own choice", { "process.linux.cgroup": "/custom/side/worker" }, ofSide],
    ["the process of that number on the host", { "process.pid": 4001 }, ofWeb],
    ["the pod with its k8s.pod.ip", { "k8s.pod.ip": "10.88.0.7" }, ofPod],
    ["the pod with that address of version 6", { "k8s.pod.ip": "FD00:0088:0::7" }, ofPod],
    ["the first of these that is known", { "container.id": unknown, "k8s.pod.ip": "10.88.0.7" }, ofPod],
  ])("%s", async (_, attributes, expected) => {
    const { leaves } = await given();
    const left = await leaves(attributes);
    // What says of whom it is stays as it came.
    expect(left).toMatchObject({ ...expected, ...attributes });
    if (!("container.id" in expected)) expect(left).not.toHaveProperty(["container.image.name"]);
  });

  test.each(["10.88.0.7", "::ffff:10.88.0.7", "fd00:88::7"])("the pod that sent it from %s", async (peer) => {
    const { leaves } = await given();
    expect(await leaves({ "service.name": "web" }, peer)).toMatchObject({ ...ofPod, "service.name": "web" });
  });
});

describe("telemetry of somebody unknown is not of who forwarded it", () => {
  test.each([
    ["container.id", { "container.id": unknown }],
    ["container.id that is none", { "container.id": "no id!" }],
    ["k8s.pod.uid", { "k8s.pod.uid": "5cf2c2e1-0000-4000-8000-00000000000f" }],
    ["process.linux.cgroup", { "process.linux.cgroup": `/docker/${unknown}` }],
    ["a cgroup without containers", { "process.linux.cgroup": "/user.slice/session-1.scope" }],
    ["podstamp.cgroup.id", { "podstamp.cgroup.id": 4711 }],
    ["process.pid", { "process.pid": 999_999 }],
    ["k8s.pod.ip", { "k8s.pod.ip": "10.88.0.99" }],
    ["k8s.pod.ip that is none", { "k8s.pod.ip": "unknown" }],
  ])("whatever it is named by: %s", async (_, attributes) => {
    const { leaves } = await given();
    expect(await leaves(attributes, "10.88.0.7")).toEqual(attributes);
  });
});

test("telemetry with the name of another pod of the node is not of who forwarded it; a name that nobody has says nothing", async () => {
  const { leaves, unstamped } = await given();
  const ofAnother = { "k8s.pod.name": "web-1", "k8s.namespace.name": "shop" };
  expect(await leaves(ofAnother, "10.88.0.8")).toEqual(ofAnother);
  expect(unstamped("conflict")).toBe(1);
  expect(await leaves(ofAnother, "10.88.0.7")).toMatchObject(ofPod);
  const mine = { "k8s.pod.name": "mine", "k8s.namespace.name": "shop" };
  expect(await leaves(mine, "10.88.0.7")).toMatchObject({ ...ofPod, ...mine });
});

describe("a process that says that it runs in the pod which sent it is of that pod", () => {
  // What the Java agent and the SDK of Node write of themselves unless told otherwise, in a pod where cgroups are of version 2.
  const java = {
    "host.name": "web-1",
    "process.pid": 1,
    "process.executable.path": "/opt/java/openjdk/bin/java",
    "process.runtime.name": "OpenJDK Runtime Environment",
  };

  test.each([
    ["by the pod's name", java, "10.88.0.7"],
    ["by its whole name in DNS", { ...java, "host.name": "web-1.shop.svc.cluster.local" }, "10.88.0.7"],
    ["over the other version of IP", java, "fd00:88::7"],
    ["whatever process of the host has that number", { ...java, "process.pid": 4001 }, "10.88.0.7"],
  ])("%s", async (_, attributes, peer) => {
    const { leaves } = await given();
    expect(await leaves(attributes, peer)).toMatchObject({ ...ofPod, ...attributes });
  });

  test("by a long name as the kubelet cuts it", async () => {
    const { leaves } = await given();
    const cut = `${"long-".repeat(12)}ab`;
    expect(await leaves({ "host.name": cut, "process.pid": 7 }, "10.88.0.9")).toMatchObject({
      "k8s.container.name": "long",
    });
  });

  test.each([
    ["it says that it runs elsewhere and was forwarded: another host", { ...java, "host.name": "web-2" }, "10.88.0.7"],
    ["a pod of that name in another namespace", { ...java, "k8s.namespace.name": "pay" }, "10.88.0.7"],
    ["the same by its whole name in DNS", { ...java, "host.name": "web-1.web.pay.svc.cluster.local" }, "10.88.0.7"],
    ["another pod", { ...java, "k8s.pod.name": "web-2" }, "10.88.0.7"],
    ["it does not say where it runs", { "process.pid": 1 }, "10.88.0.7"],
    [
      "its sender sees all processes of the node",
      { ...java, "host.name": "agent-1", "process.pid": 999_999 },
      "10.88.0.8",
    ],
    ["it came over loopback", java, "127.0.0.1"],
    ["it names somebody else besides", { ...java, "k8s.pod.ip": "10.88.0.99" }, "10.88.0.7"],
  ])("and of nobody here where %s", async (_, attributes, peer) => {
    const { leaves } = await given();
    expect(await leaves(attributes, peer)).toEqual(attributes);
  });

  test("also while what is known of addresses is a while old, since the runtime has no events", async () => {
    const { leaves, server } = await given(undefined, "10s", "other");
    await eventually(() => server.calls("ListPodSandbox") >= 2, { what: "the second list" });
    // It is ten seconds to the next one.
    await sleep(1000);
    expect(await leaves({ "process.pid": 4001 }, "10.88.0.7")).toEqual({ "process.pid": 4001 });
    expect(await leaves({ ...java, "host.name": "web-2" }, "10.88.0.7")).not.toHaveProperty(["k8s.pod.name"]);
    expect(await leaves(java, "10.88.0.7")).toMatchObject(ofPod);
  });
});

describe("where the runtime has not told of the pod that sent it yet, a process", () => {
  const young = { name: "web-2", namespace: "shop", ip: "10.88.0.17", containers: [{ name: "web" }] };

  test.each([
    ["is of that pod where it says that it runs in it", { "host.name": "web-2", "process.pid": 4001 }, "web-2"],
    ["is nobody here where it does not", { "process.pid": 4001 }, undefined],
  ])("%s", async (_, attributes, name) => {
    const { leaves, server } = await given(lendHostRoot(), "2s", "other");
    server.addPod(young);
    expect((await leaves(attributes, young.ip))["k8s.pod.name"]).toBe(name);
  });

  test("is the host's where nobody here has the sender's address, which is asked for in vain once, and not for long", async () => {
    const { leaves, server } = await given(lendHostRoot(), "10s", "other");
    const since = performance.now();
    expect(await leaves({ "process.pid": 4001 }, "10.88.0.99")).toMatchObject(ofWeb);
    expect(performance.now() - since).toBeLessThan(1000);
    expect(server.calls("ListPodSandbox")).toBeGreaterThan(1);
  });
});

test("a number of a process that its sender gave in a namespace of its own, or of another program, names nobody here", async () => {
  const { leaves, root, unstamped } = await given();
  expect(await leaves({ "process.pid": 4001 }, "10.88.0.7")).not.toHaveProperty(["k8s.pod.name"]);
  root.process(4100, `0::${pathOfWeb}\n`, "python3.11");
  const python = await leaves({ "process.pid": 4100, "process.executable.path": "/usr/local/bin/python" });
  expect(python).toMatchObject(ofWeb);
  const java = await leaves({ "process.pid": 4100, "process.executable.name": "java" });
  expect(java).not.toHaveProperty(["k8s.pod.name"]);
  expect(unstamped("not_found")).toBe(2);
});

test("a container that is named and not known is not the only one of its pod that is: only the pod is written", async () => {
  const root = lendHostRoot();
  root.process(4003, `0::/kubepods/pod${staticUid}/${unknown}\n`);
  const inode = root.cgroup("", `/kubepods/pod${staticUid}/${unknown}`);
  const { leaves } = await given(root);
  const pod = { "k8s.pod.name": "kube-apiserver-node-a", "k8s.pod.uid": staticUid };
  const named: readonly Attributes[] = [
    { "process.linux.cgroup": `/kubepods/pod${staticUid}/${unknown}` },
    { "k8s.pod.uid": staticUid, "process.linux.cgroup": `/kubepods/pod${staticUid}/${unknown}` },
    { "process.pid": 4003 },
    { "podstamp.cgroup.id": inode },
  ];
  for (const attributes of named) {
    const left = await leaves(attributes);
    expect(left).toMatchObject(pod);
    expect(Object.keys(left).filter((key) => /^(?:k8s\.)?container\./.test(key))).toEqual([]);
  }
  expect(await leaves({ "process.linux.cgroup": `/kubepods/pod${staticUid}/${api}` })).toMatchObject(ofApi);
  expect(await leaves({ "k8s.pod.uid": staticUid })).toMatchObject(ofApi);
});

describe("a cgroup's ID", () => {
  test("is that of its directory, in the only hierarchy of version 2", async () => {
    const root = lendHostRoot({ isUnified: true });
    const inode = root.cgroup("", pathOfWeb);
    const inner = root.cgroup("", `${pathOfWeb}/init.scope`);
    const { leaves } = await given(root);
    expect(await leaves({ "podstamp.cgroup.id": inode })).toMatchObject(ofWeb);
    expect(await leaves({ "podstamp.cgroup.id": String(inner) })).toMatchObject(ofWeb);
    expect(await leaves({ "podstamp.cgroup.id": inode, "podstamp.cgroup.hierarchy": "memory" })).not.toMatchObject(
      ofWeb,
    );
  });

  test("is of the hierarchy that is named, or of the only one that has it", async () => {
    const root = lendHostRoot();
    root.cgroup("cpu", "/user.slice");
    root.cgroup("unified", "/init.scope");
    const inode = root.cgroup("memory", pathOfWeb);
    const { leaves } = await given(root);
    expect(await leaves({ "podstamp.cgroup.id": inode, "podstamp.cgroup.hierarchy": "memory" })).toMatchObject(ofWeb);
    expect(await leaves({ "podstamp.cgroup.id": `memory:${inode}` })).toMatchObject(ofWeb);
    expect(await leaves({ "podstamp.cgroup.id": inode })).toMatchObject(ofWeb);
    expect(await leaves({ "podstamp.cgroup.id": `cpu:${inode}` })).not.toHaveProperty(["k8s.pod.name"]);
  });

  test("of a container that starts after it was named is waited for", async () => {
    const root = lendHostRoot({ isUnified: true });
    const { leaves, server } = await given(root, "10s");
    const late = newId();
    const inode = root.cgroup("", `/kubepods/besteffort/pod${uid}/${late}`);
    const leaving = leaves({ "podstamp.cgroup.id": inode });
    server.add(sandbox, { id: late, name: "late" }, { visibleAfterMs: 200 });
    expect(await leaving).toMatchObject({ ...ofPod, "container.id": late });
  });
});

test("an address that a new pod got never leads to the one that had it before", async () => {
  const { leaves, server, isListed } = await given(undefined, "10s");
  expect(await leaves({}, "10.88.0.7")).toMatchObject(ofPod);
  server.remove(sandbox);
  await eventually(() => !isListed(sandbox), { what: "the event" });
  server.addPod({ name: "web-2", namespace: "shop", ip: "10.88.0.7" });
  expect(await leaves({}, "10.88.0.7")).toMatchObject({ "k8s.pod.name": "web-2" });
});

test("of two pods with one address the one that is ready is meant, and a pod that has ended has none", async () => {
  const { leaves, server, events } = await given(undefined, "500ms");
  server.addPod({ name: "web-2", namespace: "shop", ip: "10.88.0.7" });
  await eventually(async () => (await leaves({}, "10.88.0.7"))["k8s.pod.name"] === "web-2", { what: "the newer one" });
  const before = events();
  server.stopPod(sandbox);
  await eventually(() => events() > before, { what: "the event" });
  expect(await leaves({}, "10.88.0.7")).toMatchObject({ "k8s.pod.name": "web-2" });
  expect(await leaves({}, "fd00:88::7")).not.toHaveProperty(["k8s.pod.name"]);
  expect(await leaves({ "k8s.pod.uid": uid })).toMatchObject(ofPod);
});
