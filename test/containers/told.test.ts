import { expect, test } from "vitest";
import type { Container, Pod } from "../../src/containers/index/entry.ts";
import { answerContainers, hear, tell } from "../../src/containers/told.ts";
import { containerEntry, podEntry } from "./entries.ts";

/** What a line of JSON makes of it. */
function overTheWire<T>(items: readonly T[]): readonly T[] {
  return items.map((item) => JSON.parse(JSON.stringify(item)) as T);
}

const details = {
  state: "exited" as const,
  startedAt: 2,
  finishedAt: 3,
  exitCode: 137,
  pid: undefined,
  cgroupsPath: "/kubepods/x",
  image: { specified: "", shown: "", ref: "", id: "", repoTags: [], repoDigests: [] },
};

test("what is told over a wire is heard as it was, tombstones marked", () => {
  const pod = podEntry("p1");
  const web = { ...containerEntry("c1", "p1"), pod };
  const old = { ...containerEntry("c2", "p0", details), pod: podEntry("p0", "old") };
  const alone = { ...containerEntry("c3", ""), cgroups: { paths: ["/x"], ids: ["unified:7"] } };
  const heard = hear(overTheWire(tell([web, pod, alone], [old])));
  expect(heard.pods).toEqual([pod, old.pod]);
  expect(heard.containers).toEqual([web, alone, old]);
  expect([...heard.gone]).toEqual(["p0", "c2"]);
  expect(heard.containers[0]?.pod).toBe(heard.pods[0]);
});

test("of two directories that know the same the one counts that has it alive", () => {
  const pod = podEntry("p1");
  const alive = { ...containerEntry("c1", "p1"), pod };
  const dead = { ...containerEntry("c1", "p1", details), pod };
  const heard = hear(overTheWire([...tell([pod], [dead]), ...tell([pod, alive], [])]));
  expect(heard.containers).toEqual([alive]);
  expect(heard.gone.size).toBe(0);
});

test("what is no entry is left out", () => {
  expect(hear([null, 1, "x", {}, { pod: 3 }, { container: null }, { pod: { id: "p" } }])).toEqual({
    pods: [],
    containers: [],
    gone: new Set(),
  });
});

test("in brief a container has its latest state and what a table shows; only what is of no pod keeps its labels", async () => {
  const marked = <E extends Pod | Container>(entry: E): E => ({
    ...entry,
    facts: { ...entry.facts, labels: { app: "web" }, annotations: { note: "long" } },
  });
  const pod = marked(podEntry("p1"));
  const web = { ...marked(containerEntry("c1", "p1", details)), pod };
  const alone = { ...marked(containerEntry("c2", "")), cgroups: { paths: ["/x"], ids: ["unified:7"] } };
  const answered = async (question: Readonly<Record<string, unknown>>) => {
    const items: unknown[] = [];
    const send = async (item: unknown) => void items.push(item);
    const index = { entries: () => [web, pod, alone], gone: () => [] };
    const reply = { send, offer: () => {}, signal: new AbortController().signal };
    expect(await answerContainers(index, () => [])(question, reply)).toEqual({ ok: true, lines: [] });
    return overTheWire(items);
  };
  const [items, ...others] = await answered({ brief: true });
  expect(others).toEqual([]);
  const { pods, containers } = hear(items as readonly unknown[]);
  const bare = { labels: {}, annotations: {} };
  expect(pods).toEqual([{ ...pod, facts: { ...pod.facts, ...bare }, details: undefined }]);
  const { cgroups: _, ...one } = alone;
  expect(containers).toEqual([
    { ...web, pod: pods[0], facts: { ...web.facts, ...bare, state: "exited" }, details: undefined },
    { ...one, facts: { ...one.facts, annotations: {} } },
  ]);
  expect(await answered({})).toEqual(overTheWire(tell([web, pod, alone], [])));
});
