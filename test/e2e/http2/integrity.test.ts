import { describe, expect, onTestFinished, test } from "vitest";
import { newId } from "../../support/cri/answers.ts";
import { eventually } from "../../support/eventually.ts";
import { lendRuntime, lendSender, lendSink } from "../../support/lend.ts";
import type { Attributes } from "../../support/otlp/plain.ts";
import { startPodstamp } from "../../support/agent/podstamp.ts";
import { folder } from "../../support/grpc/serving.ts";
import { freePort } from "../../support/net/ports.ts";
import type { Outgoing } from "../../support/otlp/sender.ts";
import type { Sink } from "../../support/otlp/sink.ts";

/*
 * Memory of a request is used again as soon as nobody needs it. If somebody did need it, telemetry of one request would arrive in that of
 * another: so each span says in its attributes what it is, and that is compared where it arrives, behind a next hop that fails now and then.
 */

const containers = Array.from({ length: 5 }, newId);

/** What a span of this name has in its attributes. */
function attributesOf(name: string): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [`attribute.${i}`, `${name}/${i}/`.repeat(1 + ((name.length * 7 + i) % 9))]),
  );
}

function record(name: string, container: string | undefined): Outgoing {
  const own = container === undefined ? {} : { "container.id": container };
  return { name, attributes: { ...attributesOf(name), ...own } };
}

/** Spans of a request: few or many, their container on the resource or on each of them. */
function bundleOf(request: number): { readonly resource: Attributes; readonly records: readonly Outgoing[] } {
  const container = containers[request % containers.length] ?? "";
  const count = request % 10 === 0 ? 150 : 1 + ((request * 7) % 40);
  const isOnRecords = request % 3 === 0;
  return {
    resource: { "service.name": "test", ...(isOnRecords ? {} : { "container.id": container }) },
    records: Array.from({ length: count }, (_, i) =>
      record(`span ${request}.${i}`, isOnRecords ? (containers[i % containers.length] ?? "") : undefined),
    ),
  };
}

/**
 * With one next hop a request's memory is used again when that has taken it, with two it is left to the collector. Enough consumers that none
 * waits: those that wait lie in a copy.
 */
const settings = {
  "sent on at once": { processors: "[cri_attributes]", queue: "{enabled: false}", to: ["first"] },
  queued: { processors: "[cri_attributes]", queue: "{queue_size: 100000, num_consumers: 1000}", to: ["first"] },
  // What is stamped was put together for the disk, apart from where the request lies.
  "queued on disk as it came": {
    processors: "[]",
    queue: "{queue_size: 100000, num_consumers: 1000, storage: file_storage}",
    to: ["first"],
  },
  "merged, queued and sent to two": {
    processors: "[cri_attributes, batch]",
    queue: "{queue_size: 100000}",
    to: ["first", "second"],
  },
};

describe("on native", () => {
  test.for(Object.entries(settings))(
    "no span is mixed up with another: %s",
    { timeout: 90_000 },
    async ([, setting]) => {
      const runtime = await lendRuntime({
        pods: containers.map((id, i) => ({ name: `pod-${i}`, namespace: "n", containers: [{ id, name: "c" }] })),
      });
      const [first, second] = [await lendSink(), await lendSink()];
      const address = `127.0.0.1:${await freePort()}`;
      const common = `tls: {insecure: true}, transport: native, timeout: 2s, retry_on_failure: {initial_interval: 50ms, max_interval: 100ms}, sending_queue: ${setting.queue}`;
      const podstamp = await startPodstamp({
        config: `extensions:
  file_storage: {directory: "${folder()}", fsync: false}
receivers:
  otlp: {protocols: {grpc: {endpoint: "${address}", transport: native}}}
processors:
  cri_attributes: {runtimes: [{type: cri, endpoint: "${runtime.endpoint}"}]}
  batch: {send_batch_size: 500, timeout: 20ms}
exporters:
  otlp_grpc/first: {endpoint: "${first.address}", compression: none, ${common}}
  otlp_grpc/second: {endpoint: "${second.address}", compression: gzip, ${common}}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], processors: ${setting.processors}, exporters: [${setting.to.map((name) => `otlp_grpc/${name}`).join(", ")}]}
`,
      });
      onTestFinished(async () => {
        await podstamp.stop();
      });
      const sender = lendSender(address);
      const bundles = Array.from({ length: 200 }, (_, i) => bundleOf(i));
      let next = 0;
      const worker = async (): Promise<void> => {
        for (let i = next++; i < bundles.length; i = next++) {
          const bundle = bundles[i];
          if (i % 5 === 2) await first.fail({ code: 14, times: 2 });
          if (bundle !== undefined) await sender.traces([bundle]);
        }
      };
      await Promise.all(Array.from({ length: 16 }, worker));
      const names = bundles.flatMap(({ records }) => records.map(({ name }) => name));
      for (const sink of [first, second].slice(0, setting.to.length)) {
        await eventually(() => new Set(sink.received().map(({ name }) => name)).size === names.length, {
          what: "every span",
          timeoutMs: 30_000,
          everyMs: 200,
        });
        expect(mixedUp(sink, setting.processors.includes("cri_attributes"))).toEqual([]);
      }
      expect(first.refused().length).toBeGreaterThan(0);
    },
  );
});

/** Spans whose attributes are not their own, or whose pod is not that of their container. */
function mixedUp(sink: Sink, isStamped: boolean): readonly unknown[] {
  return sink.received().filter(({ name, attributes, resource }) => {
    const { "container.id": own, ...rest } = attributes;
    const container = own ?? resource["container.id"];
    const right = attributesOf(name);
    return (
      resource["k8s.pod.name"] !== (isStamped ? `pod-${containers.findIndex((id) => id === container)}` : undefined) ||
      Object.keys(rest).length !== Object.keys(right).length ||
      Object.entries(right).some(([key, value]) => rest[key] !== value)
    );
  });
}
