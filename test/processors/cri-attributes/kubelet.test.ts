import { writeFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { kubeletUrl } from "../../../src/processors/cri-attributes/settings/sources.ts";
import { Image } from "../../../src/proto/cri/v1/api.ts";
import { newId } from "../../support/cri/answers.ts";
import type { CriStore } from "../../support/cri/store.ts";
import { hasOpenssl, makeCertificates } from "../../support/net/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { givenProcessor } from "./given-processor.ts";
import { etcd, folder, hash, pods, web } from "./given-sources.ts";

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
        spec: { hostname: "etcd", hostNetwork: true, containers: [{ name: "etcd", image: "acme/etcd:1" }] },
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

  test("tells the hostname that a pod on the host's network asks for, of which the runtime hears nothing", async () => {
    const kubelet = await givenKubelet();
    const settings = settingsOf({ endpoint: `http://127.0.0.1:${kubelet.port}` });
    const hostname = { extract: { metadata: ["k8s.pod.hostname"] } };
    const { stamped, host } = await givenProcessor({ pods, settings: { ...settings, ...hostname } });
    await eventually(() => host.metric("podstamp_kubelet_polls", { result: "ok" }) > 0, { what: "a poll" });
    expect(await stamped({ "container.id": etcd })).toMatchObject({ "k8s.pod.hostname": "etcd" });
  });

  test("tells of which repository an image of several is, and so its digests, which the runtime cannot tell", async () => {
    const digest = `sha256:${"2".repeat(64)}`;
    const image = Image.fromPartial({
      id: `sha256:${"1".repeat(64)}`,
      repoTags: ["one/twin:1", "two/twin:2"],
      repoDigests: [`one/twin@${digest}`, `two/twin@${digest}`],
    });
    const id = newId();
    const store: CriStore = { sandboxes: new Map(), containers: new Map(), images: [image] };
    const kubelet = await givenKubelet();
    const podOf = (text: string) => ({
      kind: "PodList",
      items: [{ metadata: { uid: "u-twin" }, spec: { containers: [{ name: "twin", image: text }] } }],
    });
    kubelet.body = podOf("two/twin:2");
    const settings = { ...settingsOf({ endpoint: `http://127.0.0.1:${kubelet.port}` }), extract: {} };
    const { server, stamped, metric } = await givenProcessor({ type: "cri_attributes", store, settings });
    const containers = [{ id, name: "twin", image: "one/twin:1" }];
    server.addPod({ name: "twin-1", namespace: "shop", uid: "u-twin", containers });
    const answers = store.containers.get(id);
    if (answers?.list.image !== undefined) answers.list.image.userSpecifiedImage = "";
    if (answers !== undefined) answers.status.info = {};
    const partly = () => metric("podstamp_partly_stamped_items", { reason: "ambiguous_image" });
    await eventually(() => metric("podstamp_kubelet_polls", { result: "ok" }) > 0, { what: "a poll" });
    const ofImage = (name: string, tags: readonly string[]) => ({
      "container.image.name": name,
      "container.image.tags": tags,
      "container.image.repo_digests": [`docker.io/${name}@${digest}`],
      "container.image.id": image.id,
      "oci.manifest.digest": digest,
    });
    await expect.poll(() => stamped({ "container.id": id })).toMatchObject(ofImage("two/twin", ["2"]));
    const before = partly();
    expect(await stamped({ "container.id": id })).toMatchObject(ofImage("two/twin", ["2"]));
    expect(partly()).toBe(before);
    kubelet.body = podOf("one/twin");
    await expect.poll(() => stamped({ "container.id": id })).toMatchObject(ofImage("one/twin", ["latest"]));
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

  test.each([
    [401, "", ": there is no token in FILE"],
    [401, "s3cret", ": it does not know who asks"],
    [403, "s3cret", ": who asks may not get nodes/pods, before Kubernetes 1.33 nodes/proxy"],
    [500, "s3cret", ""],
  ])("that refuses with %d to who has the token '%s' is told with what to do", async (status, token, hint) => {
    const kubelet = Object.assign(await givenKubelet(), { status });
    const endpoint = `http://127.0.0.1:${kubelet.port}`;
    const token_file = join(folder(), "token");
    writeFileSync(token_file, token);
    const { host } = await givenProcessor({ pods, settings: settingsOf({ endpoint, token_file }) });
    await eventually(() => host.logged.some(({ level }) => level === "warn"), { what: "a word" });
    const [warning] = host.logged.filter(({ level }) => level === "warn");
    expect(warning?.fields["error"]).toBe(
      `Cannot get ${endpoint}/pods: status ${status}${hint.replace("FILE", token_file)}`,
    );
  });

  test.each([
    ["node-a", "https://node-a:10250/pods"],
    ["127.0.0.1:1", "https://127.0.0.1:1/pods"],
    ["https://node-a:443/", "https://node-a/pods"],
    ["http://node-a", "http://node-a:10250/pods"],
    ["fd00::7", "https://[fd00::7]:10250/pods"],
    ["[fd00::7]:1", "https://[fd00::7]:1/pods"],
    ["fe80::7%eth0", undefined],
    ["[x]:1", undefined],
    ["node-a:99999", undefined],
    ["node-a/pods", undefined],
    ["me@node-a", undefined],
  ])("at %s is asked at %s", (endpoint, url) => {
    expect(kubeletUrl(endpoint)?.href).toBe(url);
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
