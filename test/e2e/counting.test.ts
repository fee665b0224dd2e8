import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Signal, signals } from "../../src/otlp/signals.ts";
import { type Podstamp, startPodstamp } from "../support/agent/podstamp.ts";
import { newId } from "../support/cri/answers.ts";
import { type CriServer, startCriServer } from "../support/cri/server.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";
import { freePort } from "../support/net/ports.ts";
import { postJson, startJsonBackend, type JsonBackend } from "../support/otlp/json-backend.ts";
import { jsonOf, type JsonResource } from "../support/otlp/json-records.ts";

const uid = "5cf2c2e1-0000-4000-8000-000000000001";
const [sandbox, web, unknown] = [newId(), newId(), newId()];
const twin = (end: string) => `feedfeedfeed${end.repeat(52)}`;
const pods = [
  { id: sandbox, name: "web-1", namespace: "shop", uid, ip: "127.0.0.7", containers: [{ id: web, name: "web" }] },
  { name: "jaeger-agent-1", namespace: "shop", ip: "127.0.0.8", containers: [{ id: twin("a"), name: "a" }] },
  { name: "other-1", namespace: "other", ip: "127.0.0.9", containers: [{ id: twin("b"), name: "b" }] },
];

/** What a receiver's data goes through. */
const ways = { own: ["cri_attributes"], ruled: ["k8s_attributes"], twice: ["k8s_attributes", "cri_attributes/again"] };
type Way = keyof typeof ways;
const ports: Record<Way, number> = { own: 0, ruled: 0, twice: 0 };

const attribute = (name: string) => ({ from: "resource_attribute", name });
const pod_association = [
  { sources: [attribute("k8s.pod.uid"), attribute("k8s.pod.ip")] },
  { sources: [attribute("container.id")] },
  { sources: [{ from: "connection" }] },
];

let runtime: CriServer;
let backend: JsonBackend;
let podstamp: Podstamp;
let metricsPort = 0;
let file = "";

beforeAll(async () => {
  runtime = await startCriServer({ pods });
  backend = await startJsonBackend();
  metricsPort = await freePort();
  for (const way of Object.keys(ways) as Way[]) ports[way] = await freePort();
  file = join(createWorkspace(), "config.yaml");
  writeFileSync(file, stringify(configuration()));
  podstamp = await startPodstamp({ config: { file } });
}, 60_000);

afterAll(async () => {
  await podstamp?.stop();
  await runtime?.close();
  await backend?.stop();
  await wipe(dirname(file));
});

function configuration(more: object = {}): object {
  const runtimes = [{ type: "cri", endpoint: runtime.endpoint, timeout: "5s" }];
  const all = { runtimes, wait: "600ms", max_waiting_mib: 1, filter: { namespace: "shop" } };
  const chains = Object.entries(ways);
  return {
    receivers: Object.fromEntries(
      Object.entries(ports).map(([way, port]) => [
        `otlp/${way}`,
        { protocols: { http: { endpoint: `0.0.0.0:${port}` } } },
      ]),
    ),
    processors: {
      cri_attributes: { ...all, exclude: { pods: [{ name: "jaeger-agent" }] }, ...more },
      k8s_attributes: { ...all, pod_association },
      "cri_attributes/again": all,
    },
    exporters: { otlp_http: { endpoint: backend.endpoint, encoding: "json", compression: "none" } },
    service: {
      telemetry: {
        metrics: { readers: [{ pull: { exporter: { prometheus: { host: "127.0.0.1", port: metricsPort } } } }] },
      },
      pipelines: Object.fromEntries(
        chains.flatMap(([way, processors]) =>
          signals.map((signal) => [
            `${signal}/${way}`,
            { receivers: [`otlp/${way}`], processors, exporters: ["otlp_http"] },
          ]),
        ),
      ),
    },
  };
}

const counted = /^(?:podstamp|otelcol_k8s)_((?:un|partly_)?stamped_items|pod_association)\{(.*)\} (\d+)$/gm;

/** The counters of the processors above 0, by their names and labels. */
async function counts(): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return new Map(
    [...text.matchAll(counted)].map(([, name = "", labels = "", value]) => {
      const values = [...labels.matchAll(/\w+="([^"]*)"/g)].map(([, text = ""]) => text);
      return [`${name} ${values.join(" ")}`, Number(value)];
    }),
  );
}

type Sent = { readonly way: Way; readonly signal: Signal; readonly resources: readonly JsonResource[] };

/** What the counters have more after requests that are sent at the same time. */
async function moreBy(sent: readonly Sent[], from = "127.0.0.1"): Promise<Readonly<Record<string, number>>> {
  const before = await counts();
  const answers = sent.map(({ way, signal, resources }) =>
    postJson({ port: ports[way], signal, body: jsonOf(signal, resources), from }),
  );
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
  const more = [...(await counts())].map(([key, value]) => [key, value - (before.get(key) ?? 0)] as const);
  return Object.fromEntries(more.filter(([, value]) => value > 0));
}

const three = [{}, {}, {}];
const of = (attributes: JsonResource["attributes"], records: JsonResource["records"] = three) => [
  { attributes, records },
];

/** A rule is named by its sources; podstamp's own order goes by the Collector's name for no rules. */
const byId = "resource_attribute/container.id";
const byPod = "resource_attribute/k8s.pod.uid+resource_attribute/k8s.pod.ip";

type Case = readonly [
  what: string,
  way: Way,
  resources: readonly JsonResource[],
  items: Readonly<Record<string, number>>,
  resourcesCounted: Readonly<Record<string, number>>,
  from?: string,
];

const own = (...words: string[]) => [words[0], "cri_attributes", ...words.slice(1)].join(" ");
const ruled = (...words: string[]) => [words[0], "k8s_attributes", ...words.slice(1)].join(" ");
const again = (...words: string[]) => [words[0], "cri_attributes/again", ...words.slice(1)].join(" ");

const cases: readonly Case[] = [
  ["no_identity", "own", of({}), { [own("unstamped_items", "no_identity")]: 3 }, { "error connection": 1 }],
  [
    "invalid_id",
    "own",
    of({ "container.id": "x y" }),
    { [own("unstamped_items", "invalid_id")]: 3 },
    { "error connection": 1 },
  ],
  [
    "not_found after a wait",
    "own",
    of({ "container.id": unknown }),
    { [own("unstamped_items", "not_found")]: 3 },
    { "error connection": 1 },
  ],
  [
    "ambiguous_prefix",
    "own",
    of({ "container.id": "feedfeedfeed" }),
    { [own("unstamped_items", "ambiguous_prefix")]: 3 },
    { "error connection": 1 },
  ],
  [
    "excluded",
    "own",
    of({ "container.id": twin("a") }),
    { [own("unstamped_items", "excluded")]: 3 },
    { "error connection": 1 },
  ],
  [
    "filtered",
    "own",
    of({ "container.id": twin("b") }),
    { [own("unstamped_items", "filtered")]: 3 },
    { "error connection": 1 },
  ],
  [
    "sandbox",
    "own",
    of({ "container.id": sandbox }),
    { [own("stamped_items")]: 3, [own("partly_stamped_items", "sandbox")]: 3 },
    { "success connection": 1 },
  ],
  [
    "conflict of a resource with its container",
    "own",
    of({ "container.id": web, "k8s.pod.uid": "x" }),
    { [own("stamped_items")]: 3, [own("partly_stamped_items", "conflict")]: 3 },
    { "success connection": 1 },
  ],
  [
    "records that are regrouped, of which some wait",
    "own",
    of({ a: "b" }, [
      { "container.id": web },
      {},
      { "container.id": unknown },
      { "container.id": web },
      { "container.id": "feedfeedfeed" },
    ]),
    {
      [own("stamped_items")]: 2,
      [own("unstamped_items", "no_identity")]: 1,
      [own("unstamped_items", "not_found")]: 1,
      [own("unstamped_items", "ambiguous_prefix")]: 1,
    },
    { "success connection": 1, "error connection": 3 },
  ],
  [
    "resources beside each other, one without records",
    "own",
    [...of({ "container.id": web }, [{}]), ...of({ "container.id": web }, []), ...of({})],
    { [own("stamped_items")]: 1, [own("unstamped_items", "no_identity")]: 3 },
    { "success connection": 2, "error connection": 1 },
  ],
  [
    "conflict of the sources of a rule",
    "ruled",
    of({ "k8s.pod.uid": uid, "k8s.pod.ip": "127.0.0.8" }),
    { [ruled("unstamped_items", "conflict")]: 3 },
    { [`error ${byPod}`]: 1 },
  ],
  [
    "the sources of a rule",
    "ruled",
    of({ "k8s.pod.uid": uid, "k8s.pod.ip": "127.0.0.7" }),
    { [ruled("stamped_items")]: 3 },
    { [`success ${byPod}`]: 1 },
  ],
  [
    "not_found by a rule",
    "ruled",
    of({ "container.id": unknown }),
    { [ruled("unstamped_items", "not_found")]: 3 },
    { [`error ${byId}`]: 1 },
  ],
  [
    "excluded by the connection",
    "ruled",
    of({}),
    { [ruled("unstamped_items", "excluded")]: 3 },
    { "error connection": 1 },
    "127.0.0.8",
  ],
  [
    "filtered by the connection",
    "ruled",
    of({}),
    { [ruled("unstamped_items", "filtered")]: 3 },
    { "error connection": 1 },
    "127.0.0.9",
  ],
  [
    "two processors, by each of them",
    "twice",
    of({ "container.id": web }),
    { [ruled("stamped_items")]: 3, [again("stamped_items")]: 3 },
    { [`success ${byId}`]: 1, "success connection": 1 },
  ],
];

describe("what leaves is counted once, item by item, under the reason", () => {
  test.each(cases.map(([what, ...rest]) => [what, rest] as const))("%s", async (_, one) => {
    const [way, resources, items, associations, from] = one;
    for (const signal of signals) {
      const found = Object.entries(associations).map(([key, count]) => [`pod_association ${key} ${signal}`, count]);
      const expected = { ...items, ...Object.fromEntries(found) };
      expect(await moreBy([{ way, signal, resources }], from), signal).toEqual(expected);
    }
  });

  test("what waits while the processor is replaced by a reload", async () => {
    const sent: Sent = {
      way: "own",
      signal: "traces",
      resources: of({}, [{ "container.id": web }, { "container.id": newId() }]),
    };
    const reloading = (async () => {
      writeFileSync(file, stringify(configuration({ entity_refs: true })));
      podstamp.signal("SIGHUP");
      await podstamp.line(/The new configuration runs/);
    })();
    const { [own("unstamped_items", "timeout")]: late = 0, ...more } = await moreBy([sent, sent, sent]);
    const { [own("unstamped_items", "not_found")]: missing = 0, ...found } = more;
    // A reload may take the time in which the runtime would have answered.
    expect(late + missing).toBe(3);
    expect(found).toEqual({
      [own("stamped_items")]: 3,
      "pod_association success connection traces": 3,
      "pod_association error connection traces": 3,
    });
    await reloading;
    expect(await moreBy([sent])).toEqual({
      [own("stamped_items")]: 1,
      [own("unstamped_items", "not_found")]: 1,
      "pod_association success connection traces": 1,
      "pod_association error connection traces": 1,
    });
  });

  test("more than may wait, and a runtime that is too slow or down", async () => {
    const large = "x".repeat(600_000);
    const sent: Sent = { way: "own", signal: "logs", resources: of({ "container.id": newId(), large }) };
    runtime.freeze();
    const other: Sent = { ...sent, resources: of({ "container.id": newId(), large }) };
    expect(await moreBy([sent, other])).toEqual({
      [own("unstamped_items", "timeout")]: 3,
      [own("unstamped_items", "waiting_cap")]: 3,
      "pod_association error connection logs": 2,
    });
    await runtime.stop();
    await podstamp.line(/does not answer|lost|down/i);
    expect(await moreBy([{ ...sent, resources: of({ "container.id": newId() }) }])).toEqual({
      [own("unstamped_items", "runtime_down")]: 3,
      "pod_association error connection logs": 1,
    });
  });
});
