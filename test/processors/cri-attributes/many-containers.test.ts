import { expect, onTestFinished, test } from "vitest";
import { whole } from "../../../src/otlp/rope/rope.ts";
import { Cursor } from "../../../src/otlp/wire/cursor.ts";
import { Splice } from "../../../src/otlp/rope/splice.ts";
import { accepted } from "../../../src/pipeline/contract.ts";
import { criAttributesProcessor } from "../../../src/processors/cri-attributes/cri-attributes.ts";
import type { ContainerDetails, Listing, Runtime, RuntimeSource } from "../../../src/runtimes/facts.ts";
import { containerEntry, identity, podEntry } from "../../containers/entries.ts";
import { directoryOf } from "../../containers/given-directory.ts";
import { eventually } from "../../support/eventually.ts";
import { testHost } from "../../support/agent/host.ts";
import { givenNext, sharingHost } from "../given-next.ts";
import { item, resourcesOf, traces } from "../telemetry.ts";

const never = new AbortController().signal;
const idOf = (number: number) => number.toString(16).padStart(64, "0");

const details: ContainerDetails = {
  state: "running",
  startedAt: 1,
  finishedAt: undefined,
  exitCode: undefined,
  pid: undefined,
  cgroupsPath: undefined,
  image: { specified: "acme/c:1", shown: "", ref: "", id: "", repoTags: [], repoDigests: [] },
};

/** A runtime that answers at once: ten thousand containers over a socket would be a test of the socket. */
function runtimeOf(containers: number): RuntimeSource {
  const listing: Listing = {
    pods: Array.from({ length: containers / 10 }, (_, pod) => podEntry(`pod-${pod}`, `p-${pod}`).facts),
    containers: Array.from(
      { length: containers },
      (_, n) => containerEntry(idOf(n), `pod-${Math.floor(n / 10)}`).facts,
    ),
  };
  const runtime: Runtime = {
    identity,
    list: async () => listing,
    find: async () => ({ pods: [], containers: [] }),
    describeContainer: async () => details,
    describePod: async () => ({ addresses: [] }),
    listImages: async () => [],
    follow: undefined,
    close: () => undefined,
  };
  return { label: "many", type: "containerd", instance: () => "1", connect: async () => runtime };
}

/** What it takes to send a request of so many containers through: steps of reading and of writing, and resources that leave. */
async function workOf(containers: number, settings: object) {
  const { directory } = await directoryOf([runtimeOf(containers)], testHost("directory"), { maxEntries: 100_000 });
  await eventually(() => directory.isSettled(), { what: "the details of all" });
  const host = sharingHost("cri_attributes");
  const next = givenNext();
  const share: typeof host.share = (key, create) =>
    key.startsWith("directory ") ? (directory as never) : host.share(key, create);
  const config = criAttributesProcessor.schema.parse({ node_name: "node-a", ...settings });
  const processor = criAttributesProcessor.create(config, { ...host, share }, next);
  onTestFinished(() => processor.stop(never));
  // Each container twice, far from each other.
  const ids = Array.from({ length: containers * 2 }, (_, n) => idOf(n % containers));
  const request = traces({ attributes: { "service.name": "agent" }, items: ids.map((id) => item("a", id)) });
  const reading = counted(Cursor.prototype, "next");
  const writing = [counted(Splice.prototype, "copy"), counted(Splice.prototype, "insert")];
  try {
    expect(await processor.consume(request, never)).toEqual(accepted);
    const written = writing.reduce((sum, { calls }) => sum + calls(), 0);
    const [taken] = next.taken;
    return { read: reading.calls(), written, bytes: taken === undefined ? 0 : whole(taken.batch.bytes).length, next };
  } finally {
    for (const one of [reading, ...writing]) one.restore();
  }
}

/** Counts calls of a method; a spy that remembers millions of them would be most of the work. */
function counted<K extends string>(prototype: { [name in K]: (...args: never[]) => unknown }, name: K) {
  const before = prototype[name];
  let calls = 0;
  const counting = function (this: unknown, ...args: never[]): unknown {
    calls++;
    return before.apply(this, args);
  };
  Object.assign(prototype, { [name]: counting });
  return { calls: () => calls, restore: () => void Object.assign(prototype, { [name]: before }) };
}

const rule = { sources: [{ from: "record_attribute", name: "container.id" }] };

test.each([
  ["podstamp's own order", {}],
  ["a rule", { pod_association: [rule] }],
  ["inline", { record_attributes: "inline" }],
])(
  "ten times as many containers in one request take ten times the work, not a hundred times: %s",
  async (_, settings) => {
    const few = await workOf(1000, settings);
    const many = await workOf(10_000, settings);
    expect(many.read / few.read).toBeLessThan(11);
    expect(many.written / few.written).toBeLessThan(11);
    expect(many.bytes / few.bytes).toBeLessThan(11);
    // One pass: a record is looked at a few times, however many containers there are.
    expect(many.read / 20_000).toBeLessThan(100);
    const [taken] = many.next.taken;
    const resources = resourcesOf(taken?.batch);
    const stamped = resources.flatMap(({ attributes, items }) =>
      items.map((one) => attributes["k8s.pod.name"] ?? one.attributes["k8s.pod.name"]),
    );
    expect(stamped).toHaveLength(20_000);
    expect(new Set(stamped).size).toBe(1000);
  },
  60_000,
);
