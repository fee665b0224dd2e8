import { once } from "node:events";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { ask } from "../../src/control/client.ts";
import { createOrders } from "../../src/control/orders.ts";
import { listenForOrders } from "../../src/control/server.ts";
import type { Answer, Ended } from "../../src/telemetry/answers.ts";
import { createLogger } from "../../src/telemetry/log.ts";
import { eventually } from "../support/eventually.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

const log = createLogger({ level: "error", encoding: "console", write: () => {} });
const nobody = new AbortController().signal;
const done: Ended = { ok: true, lines: [] };

/** A control socket whose processors answer so. */
async function given(answers: Readonly<Record<string, Answer>> = {}, names = ["processors::cri_attributes"]) {
  const folder = createWorkspace();
  const path = join(folder, "own", "control.sock");
  const take = createOrders({
    reload: async () => ({ ok: true, lines: ["The new configuration runs"] }),
    answerers: (order) => {
      const answer = answers[order];
      return answer === undefined ? [] : names.map((name) => ({ name, answer }));
    },
  });
  const listening = await listenForOrders({ path, version: "1.2.3", take, log });
  onTestFinished(async () => {
    await listening.close();
    await wipe(folder);
  });
  return { path, folder };
}

/** A client that says what it likes. */
function rude(path: string): Socket & { said: () => string } {
  const socket = connect(path);
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (more: string) => (text += more));
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  return Object.assign(socket, { said: () => text });
}

async function answerTo(path: string, line: string): Promise<string> {
  const socket = rude(path);
  socket.write(line);
  await once(socket, "close");
  return socket.said();
}

test("the control socket is its user's alone", async () => {
  const { path, folder } = await given();
  expect([join(folder, "own"), path].map((one) => statSync(one).mode & 0o777)).toEqual([0o700, 0o600]);
});

test("a socket that was removed with its folder is there again, and its user's alone; another one's is left", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { path, folder } = await given();
  await wipe(join(folder, "own"));
  vi.advanceTimersByTime(5000);
  await eventually(() => statSync(path, { throwIfNoEntry: false })?.isSocket() === true, { what: "the socket" });
  await eventually(() => (statSync(path).mode & 0o777) === 0o600, { what: "its mode" });
  expect(await answerTo(path, "reload\n")).toContain("The new configuration runs");
  vi.advanceTimersByTime(5000);
  await wipe(join(folder, "own"));
  mkdirSync(join(folder, "own"));
  const other = createServer((socket) => socket.end("other"));
  await new Promise<void>((resolve) => other.listen(path, resolve));
  onTestFinished(() => void other.close());
  vi.advanceTimersByTime(5000);
  expect(await answerTo(path, "reload\n")).toBe("other");
});

test("an order is answered with its items in their order and an end", async () => {
  const { path } = await given({
    containers: async (question, { send }) => {
      for (const id of [1, 2, 3]) await send({ id, asked: question["what"] });
      return { ok: true, lines: ["that was all"] };
    },
  });
  const items: unknown[] = [];
  const ended = await ask({
    path,
    order: "containers",
    question: { what: "x\u001b" },
    signal: nobody,
    onItem: (item) => items.push(item),
  });
  expect(ended).toEqual({ ok: true, lines: ["that was all"] });
  expect(items).toEqual([1, 2, 3].map((id) => ({ id, asked: "x\u001b" })));
});

test("reload alone is an order too, answered in one line, as before there was a protocol", async () => {
  const { path } = await given();
  expect(JSON.parse(await answerTo(path, "reload\n"))).toEqual({ ok: true, lines: ["The new configuration runs"] });
});

test.each([
  ["{\n", "Cannot read the order"],
  ["[1]\n", "Cannot read the order"],
  ["containers\n", "Cannot read the order"],
  ['{"order":7}\n', "must have the name of one"],
  [
    '{"order":"reboot"}\n',
    'Cannot do \\"reboot\\": must be one of reload, containers, events, lookup, runtimes, spans',
  ],
  ['{"order":"constructor"}\n', 'Cannot do \\"constructor\\"'],
  ['{"order":"lookup","protocol":9}\n', "Cannot take an order of protocol 9: must be 1"],
  ['{"order":"lookup"}\n', "no processor of the configuration that runs is cri_attributes"],
])("%j is refused in words", async (line, words) => {
  const { path } = await given();
  const said = await answerTo(path, line);
  expect(said).toContain('{"podstamp":"1.2.3","protocol":1}\n');
  expect(said).toContain(words);
  expect(said).toContain('{"end":{"ok":false');
});

test("of several processors the one that is named answers, and without a name all are named", async () => {
  const who: string[] = [];
  const { path } = await given(
    {
      lookup: async (question) => {
        who.push(String(question["processor"]));
        return done;
      },
    },
    ["processors::k8s_attributes/a", "processors::k8s_attributes/b", "processors::k8s_attributes/b"],
  );
  const asked = (question: object) => ask({ path, order: "lookup", question: { ...question }, signal: nobody });
  expect(await asked({})).toEqual({
    ok: false,
    lines: [
      "Cannot answer lookup: must know by which processor, name one with --processor: k8s_attributes/a, k8s_attributes/b",
    ],
  });
  expect(await asked({ processor: "k8s_attributes/c" })).toMatchObject({ ok: false });
  expect(await asked({ processor: "k8s_attributes/b" })).toEqual(done);
  expect(who).toEqual(["k8s_attributes/b"]);
});

test("an answer that fails is told in words, and the socket goes on", async () => {
  const { path } = await given({
    lookup: async () => {
      throw new Error("the moon is full");
    },
  });
  const asked = () => ask({ path, order: "lookup", signal: nobody });
  expect(await asked()).toEqual({
    ok: false,
    lines: ["processors::cri_attributes could not answer: the moon is full"],
  });
  expect(await asked()).toMatchObject({ ok: false });
});

test("who goes away ends the work for it, and nobody else's", async () => {
  const signals: AbortSignal[] = [];
  const { path } = await given({
    events: async (_question, { signal }) => {
      signals.push(signal);
      await once(signal, "abort");
      return done;
    },
  });
  const leaving = new AbortController();
  const first = ask({ path, order: "events", signal: leaving.signal });
  const staying = new AbortController();
  const second = ask({ path, order: "events", signal: staying.signal });
  await eventually(() => signals.length === 2, { what: "both orders" });
  leaving.abort();
  await expect(first).rejects.toThrow("Interrupted");
  await eventually(() => signals.filter(({ aborted }) => aborted).length === 1, { what: "the end of one" });
  staying.abort();
  await expect(second).rejects.toThrow("Interrupted");
});

test("a slow reader loses what is offered, is told how much, and holds nothing up", async () => {
  const going = Promise.withResolvers<void>();
  const offeredAll = Promise.withResolvers<void>();
  const offered = 5000;
  const { path } = await given({
    spans: async (_question, { offer }) => {
      for (let i = 0; i < offered; i++) offer({ i, filler: "x".repeat(1000) });
      offeredAll.resolve();
      await going.promise;
      offer({ i: offered });
      return done;
    },
  });
  const socket = connect(path);
  socket.pause();
  socket.write('{"order":"spans"}\n');
  await once(socket, "connect");
  await offeredAll.promise;
  const reading = new Promise<string>((resolve) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (more: string) => {
      text += more;
      going.resolve();
    });
    socket.on("close", () => resolve(text));
    socket.resume();
  });
  const lines = (await reading)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { item?: unknown; lost?: number });
  const got = lines.filter(({ item }) => item !== undefined).length;
  const lost = lines.reduce((sum, line) => sum + (line.lost ?? 0), 0);
  expect(lost).toBeGreaterThan(0);
  expect(got + lost).toBe(offered + 1);
});

test("an order that is too long is refused, and so is who asks for too much at a time", async () => {
  const { path } = await given({
    events: async (_question, { signal }) => {
      await once(signal, "abort");
      return done;
    },
  });
  expect(await answerTo(path, "x".repeat(300_000))).toContain("must be at most 262144 bytes");
  const many = Array.from({ length: 16 }, () => rude(path));
  await Promise.all(many.map((socket) => once(socket, "connect")));
  const reloaded = () => answerTo(path, '{"order":"reload"}\n');
  await eventually(async () => (await reloaded()).includes("Cannot take more orders: 16"), { what: "a refusal" });
  many[0]?.destroy();
  await eventually(async () => (await reloaded()).includes("The new configuration runs"), { what: "room" });
});

test("who finds something else at the path says so", async () => {
  const { folder } = await given();
  const path = join(folder, "other.sock");
  writeFileSync(path, "no socket");
  await expect(ask({ path, order: "reload", signal: nobody })).rejects.toThrow("ECONNREFUSED");
});

test("who takes connections and says nothing is told as that, in time", async () => {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const path = join(folder, "silent.sock");
  const server = createServer(() => {});
  server.listen(path);
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const patient = ask({ path, order: "reload", signal: nobody });
  const hasty = ask({ path, order: "containers", signal: AbortSignal.any([nobody, AbortSignal.timeout(50)]) });
  await expect(hasty).rejects.toThrow("it does not answer in time");
  await expect(patient).rejects.toThrow("it takes connections and does not answer");
}, 15_000);
