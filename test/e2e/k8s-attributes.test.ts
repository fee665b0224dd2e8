import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { type Signal, signals } from "../../src/otlp/signals.ts";
import { type CriServer, startCriServer } from "../support/cri/server.ts";
import { type JsonBackend, jsonRequest, postJson, startJsonBackend } from "../support/otlp/json-backend.ts";
import { type RecordedPod, storeOf } from "../support/cri/kubelet-pods.ts";
import type { Attributes } from "../support/otlp/plain.ts";
import { type Podstamp, startPodstamp } from "../support/agent/podstamp.ts";
import { freePort } from "../support/net/ports.ts";

/** What the Collector's processor made of a resource, with the pods of a node as its runtime knows them. */
type Case = {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  /** Attributes that no runtime can equal. */
  readonly criIgnore?: readonly string[];
  readonly semconv: string;
  readonly config: object;
  readonly agentNode: string;
  readonly pods: readonly RecordedPod[];
  readonly input: { readonly resourceAttributes: Attributes; readonly connectionIp: string };
  readonly expected: Attributes;
};

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("../fixtures/k8s-attributes-behaviour.json", import.meta.url), "utf8"),
);

/** The first of each topic, and some more, in every signal; the others as traces. */
const sampled = new Set([
  ...new Map(cases.toReversed().map((one) => [one.topic, one.id])).values(),
  ...cases.filter((_, index) => index % 10 === 0).map(({ id }) => id),
]);
const signalsOf = ({ id }: Case): readonly Signal[] => (sampled.has(id) ? signals : ["traces"]);

let podstamp: Podstamp;
let backend: JsonBackend;
const runtimes: CriServer[] = [];
const ports = new Map<string, number>();

beforeAll(async () => {
  backend = await startJsonBackend();
  for (const { id, pods, agentNode } of cases) {
    runtimes.push(await startCriServer({ store: storeOf(pods.filter(({ node }) => node === agentNode)) }));
    ports.set(id, await freePort());
  }
  podstamp = await startPodstamp({ config: stringify(configuration()) });
}, 60_000);

afterAll(async () => {
  await podstamp?.stop();
  await Promise.all(runtimes.map((runtime) => runtime.close()));
  await backend?.stop();
});

/** One process with a receiver, a processor and pipelines for each case, each with a runtime of its own. */
function configuration(): object {
  const each = <T>(type: string, make: (one: Case, index: number) => T) =>
    Object.fromEntries(cases.map((one, index) => [`${type}/${index}`, make(one, index)]));
  const pipelines = cases.flatMap((one, index) =>
    signalsOf(one).map((signal) => [
      `${signal}/${index}`,
      { receivers: [`otlp/${index}`], processors: [`k8s_attributes/${index}`], exporters: ["otlp_http"] },
    ]),
  );
  return {
    receivers: each("otlp", ({ id }) => ({ protocols: { http: { endpoint: `0.0.0.0:${ports.get(id)}` } } })),
    processors: each("k8s_attributes", ({ config, semconv, agentNode }, index) => ({
      ...config,
      semconv,
      node_name: agentNode,
      wait: "1s",
      runtimes: [{ type: "cri", endpoint: runtimes[index]?.endpoint }],
    })),
    exporters: { otlp_http: { endpoint: backend.endpoint, encoding: "json", compression: "none" } },
    service: { telemetry: { metrics: { level: "none" } }, pipelines: Object.fromEntries(pipelines) },
  };
}

function without(attributes: Attributes, ignored: readonly string[] = []): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !ignored.includes(key)));
}

describe("k8s_attributes writes what the Collector's does", () => {
  test.concurrent.each(cases.map((one) => [one.id, one] as const))("%s", async (_, one) => {
    const { id, input, expected, criIgnore } = one;
    for (const signal of signalsOf(one)) {
      const body = jsonRequest(signal, input.resourceAttributes, id);
      const port = ports.get(id) ?? 0;
      expect(await postJson({ port, signal, body, from: input.connectionIp })).toBe(200);
      const resource = await backend.resourceOf(signal, id);
      expect(without(resource, criIgnore), signal).toEqual(without(expected, criIgnore));
      // What cannot be equal is there all the same.
      expect(Object.keys(resource), signal).toEqual(expect.arrayContaining([...(criIgnore ?? [])]));
    }
  });
});
