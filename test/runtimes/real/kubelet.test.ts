import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseCgroup } from "../../../src/containers/names/cgroup-path.ts";
import { type Built, whyNotBuilt } from "../../support/runtimes/built.ts";
import type { Node, Pushed } from "../../support/node/cluster.ts";
import { connected, never, told } from "../../support/runtimes/connected.ts";
import { startContainerd } from "../../support/runtimes/containerd.ts";
import { startCrio } from "../../support/runtimes/crio.ts";
import { folderOfTest } from "../../extensions/file-storage/given-storage.ts";
import { eventually } from "../../support/eventually.ts";
import { lendAgent, lendSender, lendSink } from "../../support/lend.ts";
import { type Certificates, hasOpenssl, makeCertificates } from "../../support/net/certificates.ts";
import { type RealKubelet, startKubelet } from "../../support/node/real-kubelet.ts";
import { realNode, type OtherRuntime } from "../../support/node/real-node.ts";

type Kind = {
  readonly name: string;
  readonly type: "containerd" | "cri-o";
  readonly built: readonly Built[];
  readonly start: OtherRuntime["start"];
};

const kinds: readonly Kind[] = [
  {
    name: "containerd 2.3",
    type: "containerd",
    built: ["kubelet", "containerd-2.3"],
    start: (options) => startContainerd(options, "containerd-2.3"),
  },
  {
    name: "CRI-O",
    type: "cri-o",
    built: ["kubelet", "crio"],
    start: (options) => startCrio(options, { hasEvents: true }),
  },
];

const uid = "9d0c1e2f-1111-4222-8333-abcdefabcdef";
const timeoutMs = 60_000;

describe.each(kinds)("a real kubelet on $name", ({ type, built, start }) => {
  let image: Pushed | undefined;
  let kubelet: RealKubelet | undefined;
  let certificates: Certificates | undefined;
  const node = realNode(
    async (started) => {
      image = await started.push("shop/cart", "1.2", "image");
      for (const reference of [tag(), digest()]) await started.kubelet.pull(reference);
      // The same bytes by the name of another team.
      const copy = await started.copy(image, "another/copy", "7.7");
      await started.kubelet.pull(`${copy.repository}:7.7`);
      certificates = makeCertificates();
      kubelet = await startKubelet(started, certificates);
      placePods(kubelet);
    },
    { start, why: whyNotBuilt(...built) ?? (hasOpenssl ? undefined : "there is no openssl") },
  );
  // Before the node: what it finds gone it would make again.
  afterAll(async () => {
    await kubelet?.stop();
    certificates?.remove();
  });

  const pushed = () => {
    if (image === undefined) throw new Error("Cannot test: the image must be pushed first");
    return image;
  };
  const tag = () => `${pushed().repository}:${pushed().tag}`;
  const digest = () => `${pushed().repository}@${pushed().digest}`;

  function placePods(real: RealKubelet): void {
    const command = ["/bin/sleep", "1000000"];
    real.place({
      name: "web",
      namespace: "shop",
      labels: { app: "web" },
      annotations: { team: "shop-team" },
      initContainers: [{ name: "init", image: tag(), command: ["/bin/true"] }],
      containers: [
        { name: "by-tag", image: tag(), command },
        { name: "by-digest", image: digest(), command },
        { name: "both", image: `${pushed().repository}:9.9@${pushed().digest}`, command },
        { name: "crash", image: tag(), command: ["/bin/sh", "-c", "sleep 1; false"] },
      ],
    });
    real.place({ name: "uid-set", namespace: "shop", uid, containers: [{ name: "main", image: tag(), command }] });
  }

  /** The container of that name which was made last, once it is there. */
  const newest = (name: string, isWanted: (attempt: number) => boolean = () => true) =>
    eventually(
      () =>
        connected({ type, endpoint: node().containerd.endpoint }, async (runtime) => {
          const { containers } = await runtime.list(never);
          const [found] = containers
            .filter((each) => each.name === name && isWanted(each.attempt))
            .toSorted((a, b) => b.createdAt - a.createdAt);
          return found;
        }),
      { what: `the container ${name}; the kubelet wrote\n${kubelet?.log().slice(-1500)}`, timeoutMs, everyMs: 200 },
    );

  /** podstamp before the runtime, and what a span of a container leaves with. */
  async function stamping({ containerd }: Node) {
    const sink = await lendSink();
    const agent = await lendAgent({ runtime: containerd.endpoint, sink: sink.address });
    const sender = lendSender(agent.grpc);
    return async (id: string) => {
      await sender.spanOf(id, id);
      return (await sink.waitFor(({ name }) => name === id, "the span")).resource;
    };
  }

  test("static pods of several containers are stamped as their spec says, where the runtime knows it", async () => {
    const names = ["init", "by-tag", "by-digest", "both"];
    const ids: string[] = [];
    for (const name of names) ids.push((await newest(name)).id);
    const stamped = await stamping(node());
    const resources = await Promise.all(ids.map(stamped));
    for (const [i, resource] of resources.entries()) {
      expect(resource).toMatchObject({
        "k8s.namespace.name": "shop",
        "k8s.pod.name": "web-node-a",
        "k8s.container.name": names[i],
        "k8s.container.restart_count": 0,
        "container.id": ids[i],
        "container.image.id": pushed().id,
      });
      // The hash of the pod's file: the uid of no API server.
      expect(resource["k8s.pod.uid"]).toMatch(/^[0-9a-f]{32}$/);
    }
    const named = resources.map((resource) => ({
      name: resource["container.image.name"],
      tags: resource["container.image.tags"],
      digests: resource["container.image.repo_digests"],
      manifest: resource["oci.manifest.digest"],
    }));
    const known = { name: pushed().repository, digests: [digest()], manifest: pushed().digest };
    // CRI-O is told the image's ID, which has names of two repositories here, and tells nothing else.
    const unknown = { name: undefined, tags: undefined, digests: undefined, manifest: undefined };
    expect(named).toEqual(
      type === "cri-o"
        ? names.map(() => unknown)
        : [
            { ...known, tags: ["1.2"] },
            { ...known, tags: ["1.2"] },
            { ...known, tags: undefined },
            { ...known, tags: ["9.9"] },
          ],
    );
  });

  /** podstamp that asks the kubelet with these settings too. */
  async function asking(settings: object) {
    const sink = await lendSink();
    const agent = await lendAgent({
      runtime: node().containerd.endpoint,
      sink: sink.address,
      attributes: {
        kubelet: { enabled: true, endpoint: kubelet?.endpoint, poll_interval: "200ms", token_file: "", ...settings },
      },
    });
    const polls = (result: string) =>
      eventually(async () => (await agent.metric("podstamp_kubelet_polls", { result })) > 0, {
        what: `an answer of the kubelet: ${result}`,
        timeoutMs,
      });
    return { sink, agent, polls };
  }

  test("asked itself, it tells the image as the spec has it, also where the runtime does not", async () => {
    const { id } = await newest("both");
    const folder = folderOfTest();
    const [cert_file, key_file] = [join(folder, "client.pem"), join(folder, "client.key")];
    writeFileSync(cert_file, certificates?.cert ?? "");
    writeFileSync(key_file, certificates?.key ?? "");
    const { sink, agent, polls } = await asking({ ca_file: certificates?.caFile, cert_file, key_file });
    await polls("ok");
    await lendSender(agent.grpc).spanOf(id, "asked");
    const { resource } = await sink.waitFor(({ name }) => name === "asked", "the span");
    expect(resource).toMatchObject({
      "k8s.pod.name": "web-node-a",
      "container.image.name": pushed().repository,
      "container.image.tags": ["9.9"],
      "container.image.repo_digests": [digest()],
      "container.image.id": pushed().id,
      "oci.manifest.digest": pushed().digest,
    });
  });

  test("asked by who has no certificate, or does not trust its own, it takes nothing away, and the log says why", async () => {
    const { id } = await newest("by-tag");
    const stranger = await asking({ ca_file: certificates?.caFile });
    const distrusting = await asking({});
    for (const { sink, agent, polls } of [stranger, distrusting]) {
      await polls("error");
      await lendSender(agent.grpc).spanOf(id, "asked in vain");
      const { resource } = await sink.waitFor(({ name }) => name === "asked in vain", "the span");
      expect(resource).toMatchObject({ "k8s.pod.name": "web-node-a", "k8s.container.name": "by-tag" });
    }
    expect(stranger.agent.log()).toMatch(/The kubelet does not answer.*status 401/);
    expect(distrusting.agent.log()).toMatch(
      /The kubelet does not answer.*kubelet::ca_file names the authority to trust/,
    );
  });

  test("a static pod whose file has a uid has that one", async () => {
    const main = await newest("main");
    expect(await (await stamping(node()))(main.id)).toMatchObject({
      "k8s.pod.name": "uid-set-node-a",
      "k8s.pod.uid": uid,
      "k8s.container.name": "main",
    });
  });

  test("the cgroup of a static pod's container leads to it, with the uid as it is there", async () => {
    const { id, podId } = await newest("by-tag");
    await connected({ type, endpoint: node().containerd.endpoint }, async (runtime) => {
      const { details } = await told(runtime, id);
      const { pods } = await runtime.find(podId, never);
      const identity = parseCgroup(readFileSync(`/proc/${details.pid}/cgroup`, "utf8"));
      expect(identity).toMatchObject({ containerId: id, podUid: pods[0]?.uid });
      expect(pods[0]).toMatchObject({
        labels: { app: "web" },
        annotations: { team: "shop-team", "kubernetes.io/config.source": "file" },
      });
    });
  });

  test("a container that crashes again and again is stamped with the restart that it is", async () => {
    // Before it: of those that have crashed the kubelet keeps only the last, and removes the others soon.
    const stamped = await stamping(node());
    const again = await newest("crash", (attempt) => attempt > 0);
    expect(await stamped(again.id)).toMatchObject({
      "k8s.pod.name": "web-node-a",
      "k8s.container.name": "crash",
      "k8s.container.restart_count": again.attempt,
    });
  });
});
