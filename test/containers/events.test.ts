import { describe, expect, test } from "vitest";
import type { Container } from "../../src/containers/index/entry.ts";
import { type ContainerEvent, createContainerEvents } from "../../src/containers/events.ts";
import type { ContainerDetails, ContainerState } from "../../src/runtimes/facts.ts";
import { containerEntry, podEntry } from "./entries.ts";

const pod = podEntry("p1");
const id = "a".repeat(64);

function inState(state: ContainerState, details?: ContainerDetails): Container {
  const entry = containerEntry(id, "p1", details);
  return { ...entry, pod, facts: { ...entry.facts, state } };
}

const described: ContainerDetails = {
  state: "running",
  startedAt: 1,
  finishedAt: undefined,
  exitCode: undefined,
  pid: 4711,
  cgroupsPath: undefined,
  image: { specified: "", shown: "", ref: "", id: "", repoTags: [], repoDigests: [] },
};

/** Who follows, and what it was told. */
function given(question: Readonly<Record<string, unknown>> = {}) {
  const events = createContainerEvents();
  const told: ContainerEvent[] = [];
  const leaving = new AbortController();
  const reply = {
    send: async () => {},
    offer: (item: unknown) => void told.push(item as ContainerEvent),
    signal: leaving.signal,
  };
  const ended = events.answer(question, reply);
  return { events, told, names: () => told.map(({ event }) => event), leave: () => leaving.abort(), ended };
}

describe("what happens to a container", () => {
  test("is told in the order of its life, with what was learnt", () => {
    const { events, told, names } = given();
    const [created, running, known] = [inState("created"), inState("running"), inState("running", described)];
    const exited = inState("exited", { ...described, state: "exited", exitCode: 137, pid: undefined });
    events.changed(undefined, created);
    events.changed(created, running);
    events.changed(running, known);
    events.changed(known, exited);
    events.changed(exited, undefined);
    expect(names()).toEqual(["created", "started", "learnt", "exited", "learnt", "deleted"]);
    expect(told[2]?.facts).toEqual({ pid: 4711 });
    expect(told[4]?.facts).toEqual({ exitCode: 137 });
    expect(told[0]).toMatchObject({ kind: "container", id, name: "web", pod: { namespace: "shop", name: "web-1" } });
  });

  test("is told whole also where it was seen late", () => {
    const { events, names } = given();
    events.changed(undefined, inState("running"));
    events.changed(undefined, inState("exited", { ...described, state: "exited" }));
    expect(names()).toEqual(["created", "started", "created", "started", "exited"]);
  });

  test("is told of sandboxes too, and nothing where nothing changed", () => {
    const { events, told, names } = given();
    events.changed(undefined, pod);
    events.changed(pod, { ...pod });
    events.changed(pod, { ...pod, details: { addresses: ["10.1.0.1"] } });
    events.changed(pod, { ...pod, facts: { ...pod.facts, isReady: false } });
    events.changed(pod, undefined);
    expect(names()).toEqual(["created", "ready", "learnt", "stopped", "deleted"]);
    expect(told[2]?.facts).toEqual({ addresses: ["10.1.0.1"] });
  });

  test.each([
    [{ namespace: "shop" }, true],
    [{ namespace: "other" }, false],
    [{ pod: "web-1", container: "web" }, true],
    [{ pod: "web-2" }, false],
    [{ container: id.slice(0, 6) }, true],
    [{ container: "b".repeat(6) }, false],
    [{ container: 7 }, true],
  ])("is told to who follows %j: %j", (question, isTold) => {
    const { events, told } = given(question);
    events.changed(undefined, inState("created"));
    expect(told.length > 0).toBe(isTold);
  });

  test("is told until who follows leaves, or the directory stops", async () => {
    const leaving = given();
    leaving.leave();
    expect(await leaving.ended).toEqual({ ok: true, lines: [] });
    leaving.events.changed(undefined, inState("created"));
    expect(leaving.told).toEqual([]);
    const staying = given();
    staying.events.stop();
    expect(await staying.ended).toEqual({ ok: true, lines: [] });
  });
});
