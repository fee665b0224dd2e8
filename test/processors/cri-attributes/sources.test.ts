import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { newId } from "../../support/cri/answers.ts";
import { hasOpenssl, makeCertificates } from "../../support/net/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { givenProcessor } from "./given-processor.ts";

const [web, etcd] = [newId(), newId()];
const hash = "9a8b7c6d5e4f30211203f4e5d6c7b8a9";
const pods = [
  {
    name: "web-5f6d8b9c4-hk7wq",
    namespace: "shop",
    uid: "u-web",
    ip: "10.1.0.1",
    labels: { app: "web", "pod-template-hash": "5f6d8b9c4" },
    containers: [{ id: web, name: "web", image: "acme/web:1" }],
  },
  {
    name: "etcd-node-a",
    namespace: "kube-system",
    uid: hash,
    annotations: { "kubernetes.io/config.source": "file", "kubernetes.io/config.hash": hash },
    containers: [{ id: etcd, name: "etcd", image: "acme/etcd:1" }],
  },
];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "podstamp-sources-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

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

/** What a kubelet tells, changed by the test. */
type Told = { status: number; body: unknown; readonly seen: (string | undefined)[] };

function podList(labels: object): unknown {
  return {
    kind: "PodList",
    items: [
      {
        metadata: {
          name: "web-5f6d8b9c4-hk7wq",
          namespace: "shop",
          uid: "u-web",
          labels,
          // The kubelet's own two are in its list of every pod, and not in the API.
          annotations: {
            team: "pay",
            "kubernetes.io/config.seen": "2026-11-20T08:15:31.5Z",
            "kubernetes.io/config.source": "api",
          },
          creationTimestamp: "2026-11-20T08:15:30Z",
          ownerReferences: [{ kind: "ReplicaSet", name: "web-5f6d8b9c4", uid: "rs-1", controller: true }],
        },
        spec: { containers: [{ name: "web", image: "acme/web:1.2@sha256:" + "1".repeat(64) }] },
      },
      {
        metadata: {
          name: "etcd-node-a",
          namespace: "kube-system",
          uid: "mirror-uid",
          annotations: { "kubernetes.io/config.mirror": hash, "kubernetes.io/config.hash": hash },
        },
        spec: { containers: [{ name: "etcd", image: "acme/etcd:1" }] },
      },
      null,
      { metadata: { uid: 7 } },
    ],
  };
}

/** Something that answers as a kubelet does. */
async function givenKubelet(tls?: ServerOptions): Promise<Told & { readonly port: number }> {
  const told: Told = { status: 200, body: podList({ app: "web", "pod-template-hash": "5f6d8b9c4" }), seen: [] };
  const server = tls === undefined ? createHttp() : createHttps(tls);
  server.on("request", (request, response) => {
    told.seen.push(request.url === "/pods" ? request.headers.authorization : "another path");
    response.writeHead(told.status).end(typeof told.body === "string" ? told.body : JSON.stringify(told.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(told, { port: (server.address() as AddressInfo).port });
}

describe("a kubelet as a second source", () => {
  const extract = {
    metadata: [
      "k8s.pod.name",
      "k8s.pod.uid",
      "k8s.pod.start_time",
      "k8s.replicaset.uid",
      "k8s.deployment.name",
      "container.image.tags",
      "service.version",
    ],
    labels: [{ key: "app" }],
    annotations: [{ key_regex: ".*" }],
  };
  const settingsOf = (kubelet: object) => ({
    extract,
    kubelet: { enabled: true, poll_interval: "50ms", allow_insecure_http: true, token_file: "", ...kubelet },
  });

  test("tells owners, changed labels, the spec's image and the uid of a mirror", async () => {
    const token_file = join(folder(), "token");
    writeFileSync(token_file, "s3cret\n");
    const kubelet = await givenKubelet();
    const settings = settingsOf({ endpoint: `http://127.0.0.1:${kubelet.port}`, token_file });
    const { stamped, host } = await givenProcessor({ pods, settings });
    await eventually(() => host.metric("podstamp_kubelet_polls", { result: "ok" }) > 0, { what: "a poll" });
    expect(new Set(kubelet.seen)).toEqual(new Set(["Bearer s3cret"]));
    expect(await stamped({ "container.id": web })).toEqual({
      "container.id": web,
      "k8s.pod.name": "web-5f6d8b9c4-hk7wq",
      "k8s.pod.uid": "u-web",
      "k8s.pod.start_time": "2026-11-20T08:15:30Z",
      "k8s.replicaset.uid": "rs-1",
      "k8s.deployment.name": "web",
      "container.image.tags": ["1.2"],
      "service.version": `1.2@sha256:${"1".repeat(64)}`,
      "k8s.pod.label.app": "web",
      "k8s.pod.annotation.team": "pay",
    });
    expect(await stamped({ "container.id": etcd })).toMatchObject({ "k8s.pod.uid": "mirror-uid" });
    expect(await stamped({ "k8s.pod.uid": "mirror-uid" })).toMatchObject({ "k8s.pod.name": "etcd-node-a" });
    expect(await stamped({ "k8s.pod.uid": hash })).toMatchObject({ "k8s.pod.name": "etcd-node-a" });
    kubelet.body = podList({ app: "renamed", "pod-template-hash": "5f6d8b9c4" });
    await expect
      .poll(() => stamped({ "container.id": web }), { timeout: 10_000 })
      .toMatchObject({ "k8s.pod.label.app": "renamed" });
  });

  test("that lists a pod no more, or lists none after its start, leaves what it has told", async () => {
    const kubelet = await givenKubelet();
    const settings = settingsOf({ endpoint: `http://127.0.0.1:${kubelet.port}` });
    const { stamped, host } = await givenProcessor({ pods, settings });
    const polls = (result: string) => host.metric("podstamp_kubelet_polls", { result });
    await eventually(() => polls("ok") > 0, { what: "a poll" });
    const told = await stamped({ "container.id": web });
    expect(told).toMatchObject({ "k8s.replicaset.uid": "rs-1", "k8s.pod.annotation.team": "pay" });
    for (const items of [[], null]) {
      kubelet.body = { kind: "PodList", apiVersion: "v1", metadata: {}, items };
      const before = polls("ok");
      await eventually(() => polls("ok") > before + 1, { what: "two more polls" });
      expect(await stamped({ "container.id": web })).toEqual(told);
    }
    expect(polls("error")).toBe(0);
  });

  test.each([
    ["refuses", { status: 401 }],
    ["tells no JSON", { body: "<html>" }],
    ["tells no list", { body: {} }],
  ])("that %s takes nothing away", async (_, answer) => {
    const kubelet = Object.assign(await givenKubelet(), answer);
    const settings = settingsOf({ endpoint: `http://127.0.0.1:${kubelet.port}` });
    const { stamped, host } = await givenProcessor({ pods, settings });
    await eventually(() => host.metric("podstamp_kubelet_polls", { result: "error" }) > 1, { what: "two polls" });
    expect(await stamped({ "container.id": web })).toMatchObject({
      "k8s.pod.uid": "u-web",
      "k8s.deployment.name": "web",
      "container.image.tags": ["1"],
    });
    // Said once, however often it happens.
    expect(host.logged.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  test.skipIf(!hasOpenssl)("is asked over TLS with its authority, and with a client certificate", async () => {
    const { caFile, cert, key, remove } = makeCertificates();
    onTestFinished(remove);
    const [cert_file, key_file] = [join(folder(), "client.pem"), join(folder(), "client.key")];
    writeFileSync(cert_file, cert);
    writeFileSync(key_file, key);
    const kubelet = await givenKubelet({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: false });
    const endpoint = `127.0.0.1:${kubelet.port}`;
    const { host } = await givenProcessor({
      pods,
      settings: settingsOf({ endpoint, ca_file: caFile, cert_file, key_file }),
    });
    await eventually(() => host.metric("podstamp_kubelet_polls", { result: "ok" }) > 0, { what: "a poll" });
    const stranger = await givenProcessor({ pods, settings: settingsOf({ endpoint }) });
    await eventually(() => stranger.metric("podstamp_kubelet_polls", { result: "error" }) > 0, { what: "a refusal" });
    const careless = await givenProcessor({ pods, settings: settingsOf({ endpoint, insecure_skip_verify: true }) });
    await eventually(() => careless.metric("podstamp_kubelet_polls", { result: "ok" }) > 0, { what: "a poll" });
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
