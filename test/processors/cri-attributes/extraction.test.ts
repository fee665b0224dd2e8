import { describe, expect, test } from "vitest";
import { Image } from "../../../src/proto/cri/v1/api.ts";
import { newId } from "../../support/cri/answers.ts";
import type { CriStore } from "../../support/cri/store.ts";
import { givenProcessor, type ProcessorOptions } from "./given-processor.ts";

const [web, sandbox] = [newId(), newId()];
const pods = [
  {
    id: sandbox,
    name: "web-1",
    namespace: "shop",
    uid: "u-1",
    labels: { app: "web", empty: "" },
    annotations: { "resource.opentelemetry.io/team": "pay", "resource.opentelemetry.io/": "x" },
    containers: [{ id: web, name: "web", image: "acme/web:1" }],
  },
];

async function stamped(extract: object, said: object = {}, options: Partial<ProcessorOptions> = {}) {
  const { stamped: through } = await givenProcessor({ pods, ...options, settings: { extract, ...options.settings } });
  return through({ "container.id": web, ...said });
}

describe("what is extracted", () => {
  test("labels of the container itself, by rule", async () => {
    const container_labels = [
      { key: "io.kubernetes.container.name" },
      { key_regex: "io\\.kubernetes\\.pod\\.(.*)", tag_name: "pod.$1" },
    ];
    expect(await stamped({ metadata: [], container_labels })).toEqual({
      "container.id": web,
      "container.label.io.kubernetes.container.name": "web",
      "pod.name": "web-1",
      "pod.namespace": "shop",
      "pod.uid": "u-1",
    });
    const settings = { semconv: "both" };
    const both = await stamped({ metadata: [], container_labels: container_labels.slice(0, 1) }, {}, { settings });
    expect(Object.keys(both)).toEqual([
      "container.id",
      "container.label.io.kubernetes.container.name",
      "container.labels.io.kubernetes.container.name",
    ]);
  });

  test("an empty label by its key, and annotations that name attributes", async () => {
    const labels = [{ key: "empty" }, { key_regex: "emp.*", tag_name: "never" }];
    expect(await stamped({ metadata: [], labels, otel_annotations: true })).toEqual({
      "container.id": web,
      "k8s.pod.label.empty": "",
      team: "pay",
    });
  });

  test("the pod's own labels and annotations, not those that its sandbox alone has", async () => {
    const every = { metadata: [], labels: [{ key_regex: ".*" }], annotations: [{ key_regex: ".*" }] };
    expect(await stamped(every)).toEqual({
      "container.id": web,
      "k8s.pod.label.app": "web",
      "k8s.pod.annotation.resource.opentelemetry.io/team": "pay",
      "k8s.pod.annotation.resource.opentelemetry.io/": "x",
    });
    expect(await stamped({ metadata: [], labels: [{ key: "io.kubernetes.pod.name" }] })).toEqual({
      "container.id": web,
    });
    const filter = { labels: [{ key: "io.kubernetes.pod.name", op: "exists" }] };
    const settings = { filter };
    expect(await stamped({ metadata: ["k8s.pod.name"] }, {}, { settings })).toEqual({ "container.id": web });
    // The mirror of a static pod has them in the API, too.
    const id = newId();
    const annotations = { "kubernetes.io/config.source": "file", "kubernetes.io/config.hash": "0a" };
    const containers = [{ id, name: "etcd" }];
    const mirrored = [{ name: "etcd-node-a", namespace: "kube-system", annotations, containers }];
    const { stamped: through } = await givenProcessor({
      pods: mirrored,
      settings: { extract: { metadata: [], annotations: [{ key_regex: "kubernetes.io/(.*)", tag_name: "$1" }] } },
    });
    expect(await through({ "container.id": id })).toEqual({
      "container.id": id,
      "config.source": "file",
      "config.hash": "0a",
    });
  });

  test("of a container what a label has left empty", async () => {
    const labels = [{ key: "empty", tag_name: "container.image.name" }];
    expect(await stamped({ metadata: ["container.image.name"], labels })).toEqual({
      "container.id": web,
      "container.image.name": "acme/web",
    });
  });

  test("our own fields when they are asked for by name", async () => {
    const metadata = ["k8s.container.restart_count", "container.runtime.name", "container.runtime.version"];
    expect(await stamped({ metadata })).toEqual({
      "container.id": web,
      "k8s.container.restart_count": 0,
      "container.runtime.name": "containerd",
      "container.runtime.version": "1.7.35",
    });
  });

  test("by default as podstamp has it under its own name, and as the Collector under its", async () => {
    const own = await givenProcessor({ type: "cri_attributes", pods });
    const collector = await givenProcessor({ type: "k8s_attributes", pods });
    const keys = async ({ stamped: through }: typeof own) => Object.keys(await through({ "container.id": web }));
    expect(await keys(own)).toEqual(expect.arrayContaining(["k8s.container.name", "container.image.id"]));
    expect(await keys(collector)).toEqual([
      "container.id",
      "k8s.namespace.name",
      "k8s.pod.name",
      "k8s.pod.uid",
      "k8s.pod.start_time",
      "k8s.node.name",
      "container.image.name",
      "container.image.tags",
    ]);
  });
});

describe("an attribute that is there and empty", () => {
  const pod_association = [{ sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] }];
  const said = { "container.id": "", "k8s.pod.uid": "u-1", "k8s.pod.name": "", "container.image.tags": "" };
  const extract = { metadata: ["container.id", "k8s.pod.name", "container.image.tags"] };

  test("is filled, but for those that the Collector leaves as they are", async () => {
    expect(await stamped(extract, said, { settings: { pod_association } })).toEqual({
      ...said,
      "k8s.pod.name": "web-1",
    });
  });

  test("is filled under podstamp's own name, whatever it is", async () => {
    expect(await stamped(extract, said, { type: "cri_attributes", settings: { pod_association } })).toEqual({
      "container.id": web,
      "k8s.pod.uid": "u-1",
      "k8s.pod.name": "web-1",
      "container.image.tags": ["1"],
    });
  });
});

describe("what is less than it could be is counted by its reason", () => {
  test("a pause container, another pod's name on the resource", async () => {
    const { stamped: through, metric } = await givenProcessor({ type: "cri_attributes", pods });
    const partly = (reason: string) => metric("podstamp_partly_stamped_items", { reason });
    expect(await through({ "container.id": sandbox })).toMatchObject({ "k8s.pod.name": "web-1" });
    expect(partly("sandbox")).toBe(1);
    await through({ "container.id": web, "k8s.pod.name": "other" });
    expect(partly("conflict")).toBe(1);
    await through({ "container.id": web });
    expect(metric("podstamp_stamped_items")).toBe(3);
    expect(partly("sandbox") + partly("conflict") + partly("ambiguous_image")).toBe(2);
  });

  test("an image of several names of which the runtime does not tell the one", async () => {
    const image = Image.fromPartial({
      id: `sha256:${"1".repeat(64)}`,
      repoTags: ["one/twin:1", "two/twin:2"],
      repoDigests: [`one/twin@sha256:${"2".repeat(64)}`],
    });
    const id = newId();
    const store: CriStore = { sandboxes: new Map(), containers: new Map(), images: [image] };
    const { server, stamped: through, metric } = await givenProcessor({ type: "cri_attributes", store });
    server.addPod({ name: "twin-1", namespace: "shop", containers: [{ id, name: "twin", image: "one/twin:1" }] });
    const answers = store.containers.get(id);
    if (answers?.list.image !== undefined) answers.list.image.userSpecifiedImage = "";
    if (answers !== undefined) answers.status.info = {};
    await expect.poll(() => through({ "container.id": id })).toMatchObject({ "k8s.pod.name": "twin-1" });
    await expect.poll(() => metric("podstamp_partly_stamped_items", { reason: "ambiguous_image" })).toBeGreaterThan(0);
  });
});

test("instances with different rules share one directory", async () => {
  const beside = await givenProcessor({ pods });
  const settings = { pod_association: [{ sources: [{ from: "connection" }] }] };
  const again = await givenProcessor({ pods, beside, settings });
  expect([...beside.host.shared.keys()].filter((key) => key.startsWith("directory "))).toHaveLength(1);
  expect(await again.stamped({ "container.id": web })).toEqual({ "container.id": web });
  expect(await beside.stamped({ "container.id": web })).toMatchObject({ "k8s.pod.name": "web-1" });
});
