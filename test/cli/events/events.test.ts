import { linkSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { events } from "../../../src/cli/events/events.ts";
import { asLine, type Item } from "../../../src/cli/events/line.ts";
import { createSink } from "../../../src/cli/events/sink.ts";
import { CommandError, UsageError } from "../../../src/cli/terminal/output.ts";
import { components } from "../../../src/components.ts";
import { newId } from "../../support/cri/answers.ts";
import { eventually } from "../../support/eventually.ts";
import { lendRuntime } from "../../support/lend.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";
import { givenIo, steering } from "../given-cli.ts";

const options = { loadComponents: () => Promise.resolve(components), uid: undefined };
const [web, late] = [newId(), newId()];
const pod = { id: newId(), name: "web-1", namespace: "shop", uid: "u-1", containers: [{ id: web, name: "web" }] };

const sample: Item = {
  type: "spans",
  time: "2026-01-02T03:04:05.678Z",
  processor: "cri_attributes",
  signal: "traces",
  service: "check\u001bout",
  items: 12,
  outcome: "stamped",
  reason: null,
  container: { id: web, name: "web" },
  pod: { namespace: "shop", name: "web-1", uid: "u-1" },
  notShown: 3,
};

describe("podstamp events without a podstamp that runs", () => {
  test("tells what happens from now on, until it is interrupted", async () => {
    const server = await lendRuntime({ pods: [pod] });
    const stop = new AbortController();
    const { io, out } = givenIo({ signal: stop.signal });
    // Of those that were there before much is learnt at the beginning, which is no news.
    const ended = events(["-r", server.endpoint, "-o", "json"], io, options);
    const added = { name: "new-1", namespace: "shop", containers: [{ id: late, name: "late" }] };
    let isAdded = false;
    const lines = () =>
      out()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { event: string; id: string; type: string });
    await eventually(() => server.calls("ListContainers") > 0, { what: "the first list" });
    await eventually(
      () => {
        if (!isAdded) server.addPod(added);
        isAdded = true;
        return lines().some(({ id, event }) => id === late && event === "started");
      },
      { what: "the new container" },
    );
    await eventually(() => server.calls("ContainerStatus") >= 2, { what: "what there is to know of both" });
    server.remove(late);
    await eventually(() => lines().some(({ id, event }) => id === late && event === "deleted"), { what: "its end" });
    stop.abort();
    expect(await ended).toBe(0);
    expect(lines().filter(({ id }) => id === web)).toEqual([]);
    expect(new Set(lines().map(({ type }) => type))).toEqual(new Set(["container"]));
  });

  test("says on standard error that there is no runtime, and follows one that comes", async () => {
    const [host, said] = [createWorkspace(), [] as string[]];
    onTestFinished(() => wipe(host));
    const stop = new AbortController();
    const { io, out } = givenIo({ signal: stop.signal, err: (text) => said.push(text) });
    const ended = events(["--host-root", host, "-o", "json"], io, options);
    await eventually(() => said.length > 0, { what: "the word" });
    expect(said.join("")).toMatch(/^No container runtime was found: .* doctor lists; one that comes is followed\n$/);
    const runtime = await lendRuntime({ pods: [] });
    mkdirSync(join(host, "run/containerd"), { recursive: true });
    linkSync(runtime.endpoint.replace("unix://", ""), join(host, "run/containerd/containerd.sock"));
    await eventually(() => runtime.calls("ListContainers") > 0, { what: "the runtime to be followed" });
    runtime.addPod({ name: "late", namespace: "shop", containers: [{ id: newId(), name: "late" }] });
    await eventually(() => out().includes('"late"'), { what: "what happens there" });
    stop.abort();
    expect(await ended).toBe(0);
  });

  test("says on standard error that a runtime does not answer, and follows all the same", async () => {
    let said = "";
    const stop = new AbortController();
    const { io } = givenIo({ signal: stop.signal, err: (text) => (said += text) });
    const ended = events(["-r", "unix:///nowhere/there.sock"], io, options);
    await eventually(() => said.includes("/nowhere/there.sock"), { what: "the word" });
    stop.abort();
    expect(await ended).toBe(0);
    expect(said).toContain("it is followed as soon as it answers\n");
  });

  test("has no samples of telemetry to show", async () => {
    const { io } = givenIo();
    await expect(events(["--spans"], io, options)).rejects.toThrow(/must find a running podstamp/);
    await expect(events(["--unstamped"], io, options)).rejects.toBeInstanceOf(CommandError);
    await expect(events(["--spans", "-r", "unix:///x"], io, options)).rejects.toBeInstanceOf(UsageError);
    await expect(events(["--rate", "0"], io, options)).rejects.toThrow("must be a number from 1 to 1000");
  });
});

describe("a line of podstamp events", () => {
  const event: Item = {
    type: "container",
    time: "2026-01-02T03:04:05.678Z",
    event: "learnt",
    kind: "container",
    id: web,
    name: "web",
    pod: { namespace: "shop", name: "web-1", uid: "u-1" },
    runtime: "containerd",
    facts: { image: "acme/web:1\u202e", pid: 4711, addresses: ["10.1.0.1"], cgroupIds: ["unified:7"] },
  };
  const pipe = { columns: undefined, color: false };

  test("tells who it is and what was learnt", () => {
    expect(asLine(event, pipe)).toBe(
      `03:04:05.678  learnt      shop/web-1  web  ${web.slice(0, 13)}  image=acme/web:1\\u{202e}  pid=4711  addresses=10.1.0.1\n`,
    );
    expect(asLine(sample, pipe)).toBe(
      `03:04:05.678  stamped     12 of traces  service check\\u{1b}out  shop/web-1  web  ${web.slice(0, 13)}  (3 more not shown)\n`,
    );
    const lost: Item = {
      ...sample,
      outcome: "unstamped",
      reason: "not_found",
      pod: null,
      container: null,
      notShown: 0,
    };
    expect(asLine({ ...lost, service: null }, pipe)).toBe("03:04:05.678  not_found   12 of traces  no service.name\n");
  });

  test("fits the terminal, and nothing in it steers one", () => {
    for (const item of [event, sample]) {
      const line = asLine(item, { columns: 60, color: false });
      expect(line.length).toBe(61);
      expect(line).not.toMatch(steering);
      expect(asLine(item, { columns: 60, color: true }).startsWith("\u001b[2m03:04:05.678\u001b[22m")).toBe(true);
    }
  });

  test("is left out and counted while nobody takes what is written", async () => {
    const taking = Promise.withResolvers<void>();
    const { io, out } = givenIo({ flush: () => taking.promise });
    const sink = createSink(io, true);
    for (let i = 0; i < 2000; i++) sink.put(sample);
    sink.lost(7);
    const shown = out().split("\n").length - 1;
    expect(shown).toBeLessThan(2000);
    taking.resolve();
    await sink.taken();
    sink.put(sample);
    const lines = out()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { lost?: number });
    expect(lines.at(-2)).toEqual({ lost: 2000 - shown + 7 });
    expect(lines).toHaveLength(shown + 2);
  });
});
