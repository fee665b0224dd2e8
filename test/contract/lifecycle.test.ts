import { describe, expect, test } from "vitest";
import { givenNext } from "../processors/given-next.ts";
import { eventually } from "../support/eventually.ts";
import { make, never } from "./given.ts";
import { watchHandles } from "./handles.ts";
import { everything, parse, settingsOf, strayLines } from "./minimal.ts";

const each = everything.map((factory) => ({ name: `${factory.kind} ${factory.type}`, factory }));

test("the table of least settings has no line of a component that is gone", () => {
  expect(strayLines()).toEqual([]);
});

test("no two components of a kind have the same name", () => {
  const names = everything.flatMap(({ kind, type, aliases }) =>
    [type, ...aliases.map(({ name }) => name)].map((name) => `${kind} ${name}`),
  );
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each([
  ["otlp", /TCPSERVERWRAP of /],
  ["memory_limiter", /Timeout of .*\/src\//],
  ["health_check", /TCPSERVERWRAP of /],
])("the watch for handles sees what %s holds while it runs", async (type, expected) => {
  const factory = everything.find((one) => one.type === type);
  const handles = watchHandles();
  const made = factory === undefined ? undefined : make(factory, settingsOf(factory), givenNext());
  await made?.start();
  const open = handles.open().join("\n");
  await made?.stop();
  handles.end();
  expect(open).toMatch(expected);
});

describe.each(each)("$name", ({ factory }) => {
  test("takes its least settings, and says what it is", () => {
    expect(parse(factory, settingsOf(factory))).toBeDefined();
    expect(factory.type).toMatch(/^[a-z][0-9a-z_]*$/);
    expect(factory.summary).toMatch(/^[A-Z].*[^.]\.$/);
    expect(["development", "alpha", "beta", "stable"]).toContain(factory.stability);
    expect(factory.signals.length > 0).toBe(factory.kind !== "extension");
  });

  test("stops before it was started", async () => {
    const made = make(factory, settingsOf(factory), givenNext());
    await made.stop();
    await made.stop(AbortSignal.abort());
  });

  test("starts, stops, and stops again", async () => {
    const made = make(factory, settingsOf(factory), givenNext());
    await made.start();
    await made.stop();
    await made.stop();
  });

  test("stops at once when there is no time", async () => {
    const made = make(factory, settingsOf(factory), givenNext());
    await made.start();
    await made.stop(AbortSignal.abort());
  });

  test("opens nothing before its start and leaves nothing open behind its stop", async () => {
    const handles = watchHandles();
    const made = make(factory, settingsOf(factory), givenNext());
    expect(handles.open()).toEqual([]);
    await made.start();
    await made.stop(never);
    try {
      await eventually(() => handles.open().length === 0, { what: "the end of all handles", timeoutMs: 2000 }).catch(
        () => {},
      );
      expect(handles.open()).toEqual([]);
    } finally {
      handles.end();
    }
  });

  test("says nothing alarming of a start and a stop", async () => {
    const made = make(factory, settingsOf(factory), givenNext());
    await made.start();
    await made.stop();
    expect(made.host.logged.filter(({ level }) => level === "error")).toEqual([]);
  });
});
