import { expect, onTestFinished, test } from "vitest";
import { whole } from "../../../src/otlp/rope/rope.ts";
import { accepted } from "../../../src/pipeline/contract.ts";
import { criAttributesProcessor } from "../../../src/processors/cri-attributes/cri-attributes.ts";
import { ExportTraceServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { newId } from "../../support/cri/answers.ts";
import { eventually } from "../../support/eventually.ts";
import { lendRuntime } from "../../support/lend.ts";
import { wireAttributes } from "../../support/otlp/plain.ts";
import { givenNext, sharingHost } from "../given-next.ts";

const never = new AbortController().signal;
const web = newId();
const pods = [
  { name: "web-1", namespace: "shop", uid: "u-1", containers: [{ id: web, name: "web", image: "acme/web:1" }] },
];

/** The entities with which a resource leaves that came with these. */
async function entities(settings: object, resource: object, attributes = {}) {
  const server = await lendRuntime({ pods });
  const host = sharingHost("cri_attributes");
  const next = givenNext();
  const raw = { runtimes: [{ type: "cri", endpoint: server.endpoint }], node_name: "node-a", ...settings };
  const processor = criAttributesProcessor.create(criAttributesProcessor.schema.parse(raw), host, next);
  onTestFinished(async () => {
    for (const component of host.shared.values()) await component.stop(never);
  });
  for (const component of host.shared.values()) await component.start();
  await eventually(() => server.calls("ContainerStatus") > 0, { what: "the details" });
  const request = ExportTraceServiceRequest.fromPartial({
    resourceSpans: [{ ...resource, scopeSpans: [{ spans: [{ name: "a", attributes: wireAttributes(attributes) }] }] }],
  });
  const bytes = Buffer.from(ExportTraceServiceRequest.encode(request).finish());
  expect(await processor.consume({ signal: "traces", bytes, items: 1 }, never)).toEqual(accepted);
  const sent = next.taken.map(({ batch }) => ExportTraceServiceRequest.decode(Buffer.from(whole(batch.bytes))));
  return sent.flatMap(({ resourceSpans }) => resourceSpans.flatMap((each) => each.resource?.entityRefs ?? []));
}

const ofWeb = { resource: { attributes: wireAttributes({ "container.id": web }) } };

test("resources tell of which entities they are, when that is asked for", async () => {
  expect(await entities({}, ofWeb)).toEqual([]);
  expect(await entities({ entity_refs: true }, ofWeb)).toMatchObject([
    { type: "k8s.pod", idKeys: ["k8s.pod.uid"], descriptionKeys: ["k8s.pod.name"] },
    { type: "k8s.container", idKeys: ["k8s.pod.uid", "k8s.container.name"] },
    { type: "container", idKeys: ["container.id"], descriptionKeys: expect.arrayContaining(["container.image.name"]) },
  ]);
});

test("an entity whose identity is not written is not told of, and one that is there stays", async () => {
  const extract = { metadata: ["k8s.pod.name", "container.id"] };
  expect(await entities({ entity_refs: true, extract }, ofWeb)).toMatchObject([{ type: "container" }]);
  const own = { type: "k8s.pod", idKeys: ["my.id"] };
  const told = await entities({ entity_refs: true }, { resource: { ...ofWeb.resource, entityRefs: [own] } });
  expect(told.map(({ type, idKeys }) => [type, idKeys])).toEqual([
    ["k8s.pod", ["my.id"]],
    ["k8s.container", ["k8s.pod.uid", "k8s.container.name"]],
    ["container", ["container.id"]],
  ]);
});

test("records that move take the entities of their container with them, and a missing resource is made", async () => {
  const told = await entities({ entity_refs: true }, {}, { "container.id": web });
  expect(told.map(({ type }) => type)).toEqual(["k8s.pod", "k8s.container", "container"]);
});

test("inline the resource is still the agent's", async () => {
  const settings = { entity_refs: true, record_attributes: "inline" };
  const agent = { resource: { attributes: wireAttributes({ "service.name": "agent" }) } };
  expect(await entities(settings, agent, { "container.id": web })).toEqual([]);
});
