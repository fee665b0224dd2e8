import { expect, onTestFinished, test } from "vitest";
import type { Directory } from "../../src/containers/directory.ts";
import { check } from "../../src/otlp/check.ts";
import type { Signal } from "../../src/otlp/signals.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch } from "../../src/pipeline/contract.ts";
import { criAttributesProcessor } from "../../src/processors/cri-attributes/cri-attributes.ts";
import { decode } from "../otlp/decoded.ts";
import { recordsIn, valuesOf } from "../otlp/model.ts";
import { encode, field, type Field } from "../otlp/wire.ts";
import { newId } from "../support/cri/answers.ts";
import { eventually } from "../support/eventually.ts";
import { lendRuntime } from "../support/lend.ts";
import { givenNext, sharingHost } from "./given-next.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

const never = new AbortController().signal;
const [web, pay, unknown] = [newId(), newId(), newId()];
const pods = [
  { name: "web-1", namespace: "shop", containers: [{ id: web, name: "web" }] },
  { name: "pay-1", namespace: "pay", containers: [{ id: pay, name: "pay" }] },
];

/** The processor, with both containers known in full, before a consumer that the test plays. */
async function given(raw: object = {}) {
  const server = await lendRuntime({ pods });
  const host = sharingHost("cri_attributes");
  const next = givenNext();
  const settings = { runtimes: [{ type: "cri", endpoint: server.endpoint }], wait: "100ms", ...raw };
  const processor = criAttributesProcessor.create(criAttributesProcessor.schema.parse(settings), host, next);
  onTestFinished(async () => {
    for (const component of host.shared.values()) await component.stop(never);
  });
  for (const component of host.shared.values()) await component.start();
  const entries = () =>
    [...host.shared.values()].flatMap((each) => ("entries" in each ? (each as Directory).entries() : []));
  await eventually(() => entries().length === 4 && entries().every(({ details }) => details !== undefined), {
    what: "the details of all containers",
  });
  return {
    host,
    /** What arrived for a request: for each resource in each batch its pod and the names of its records. */
    async through(signal: Signal, bytes: Buffer) {
      const checked = check(signal, bytes);
      const batch: Batch = { signal, bytes, items: checked.status === "valid" ? checked.items : Number.NaN };
      expect(await processor.consume(batch, never)).toEqual(accepted);
      expect(next.taken.reduce((sum, taken) => sum + taken.batch.items, 0)).toBe(batch.items);
      return next.taken.map((taken) => podsAndNames(signal, whole(taken.batch.bytes)));
    },
  };
}

function podsAndNames(signal: Signal, bytes: Uint8Array) {
  const { containers, strings } = decode(signal, bytes);
  return containers.map(({ resource, frames }) => [
    valuesOf(resource?.attributes ?? [], ["k8s.pod.name"], strings)[0],
    recordsIn(frames).map((record) => valuesOf(record.attributes, ["name"], strings)[0]),
    recordsIn(frames).map((record) => valuesOf(record.attributes, ["k8s.pod.name"], strings)[0]),
  ]);
}

const attribute = (no: number, key: string, value: string) => field(no, [field(1, key), field(2, [field(1, value)])]);
const point = (no: number, name: string, container?: string) =>
  field(1, [
    attribute(no, "name", name),
    ...(container === undefined ? [] : [attribute(no, "container.id", container)]),
  ]);
const metric = (name: string, ...data: Field[]) => field(2, [field(1, name), ...data, attribute(12, "from", "test")]);
const metrics = (...list: Field[]) =>
  encode([
    field(1, [field(1, [attribute(1, "service.name", "agent")]), field(2, [field(1, [field(1, "meter")]), ...list])]),
  ]);
const allKinds = metrics(
  metric("gauge", field(5, [point(7, "g1", web), point(7, "g2", pay)])),
  metric("sum", field(7, [point(7, "s1", pay), point(7, "s2"), field(2, 2), field(3, 1)])),
  metric("histogram", field(9, [point(9, "h1", web), field(2, 1)])),
  metric("exponential", field(10, [point(1, "e1", pay), field(2, 1)])),
  metric("summary", field(11, [point(7, "y1", web)])),
);

/** A profile whose samples name these containers, by the positions of their attributes. */
function profiles(containers: readonly (string | undefined)[], samples: (indices: Buffer) => Field[]): Buffer {
  const known = [...new Set(containers)].filter((container) => container !== undefined);
  const byPosition = (key: number, value: string) => field(6, [field(1, key), field(2, [field(1, value)])]);
  const names = containers.map((_, index) => byPosition(2, `s${index + 1}`));
  const list = containers.map((container, index) => [
    index + 1,
    ...(container === undefined ? [] : [containers.length + 1 + known.indexOf(container)]),
  ]);
  return encode([
    field(1, [
      field(1, [attribute(1, "service.name", "profiler")]),
      field(2, [
        field(
          2,
          list.map((indices) => field(2, samples(Buffer.from(indices)))),
        ),
      ]),
    ]),
    field(2, [
      ...["", "container.id", "name"].map((text) => field(5, text)),
      field(6, []),
      ...names,
      ...known.map((container) => byPosition(1, container)),
    ]),
  ]);
}

const today = (indices: Buffer) => [field(2, indices), field(4, Buffer.from([7]))];

test("data points of every kind move into a resource for each container", async () => {
  const { through, host } = await given();
  expect(await through("metrics", allKinds)).toEqual([
    [
      ["web-1", ["g1", "h1", "y1"], [undefined, undefined, undefined]],
      ["pay-1", ["g2", "s1", "e1"], [undefined, undefined, undefined]],
      [undefined, ["s2"], [undefined]],
    ],
  ]);
  expect(host.metric("podstamp_stamped_items")).toBe(6);
  expect(host.metric("podstamp_unstamped_items", { reason: "no_identity" })).toBe(1);
});

test("data points are stamped one by one, inline", async () => {
  const { through } = await given({ record_attributes: "inline" });
  expect(await through("metrics", allKinds)).toEqual([
    [
      [
        undefined,
        ["g1", "g2", "s1", "s2", "h1", "e1", "y1"],
        ["web-1", "pay-1", "pay-1", undefined, "web-1", "pay-1", "web-1"],
      ],
    ],
  ]);
});

test.each(["regroup", "inline"])("samples of profiles move into a resource for each container: %s", async (mode) => {
  const { through, host } = await given({ record_attributes: mode });
  expect(await through("profiles", profiles([web, pay, undefined, web], today))).toEqual([
    [
      ["web-1", ["s1", "s4"], [undefined, undefined]],
      ["pay-1", ["s2"], [undefined]],
      [undefined, ["s3"], [undefined]],
    ],
  ]);
  expect(host.metric("podstamp_stamped_items")).toBe(3);
});

test("a profile that leaves in two parts, since a container is not known yet, has its dictionary in both", async () => {
  const { through } = await given();
  expect(await through("profiles", profiles([web, unknown, pay], today))).toEqual([
    [
      ["web-1", ["s1"], [undefined]],
      ["pay-1", ["s3"], [undefined]],
    ],
    [[undefined, ["s2"], [undefined]]],
  ]);
});

test("samples of which nobody can tell where their attributes are leave as they came, and are counted", async () => {
  const { through, host } = await given();
  // As many positions, or values, as timestamps.
  const open = (indices: Buffer) => [field(2, indices.subarray(1)), field(5, Buffer.alloc(8))];
  const bytes = profiles([web, pay], open);
  expect(await through("profiles", bytes)).toHaveLength(1);
  expect(host.metric("podstamp_unstamped_items", { reason: "unreadable" })).toBe(2);
});
