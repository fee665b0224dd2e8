import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Code } from "../../src/net/status.ts";
import { Process, Status } from "../../src/proto/containerd/v1/types/task.ts";
import { createTasks } from "../../src/runtimes/containerd/tasks.ts";
import { CallError } from "../../src/runtimes/grpc/channel.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;
const task = (id: string, status: Status, pid = 7) => Process.fromPartial({ id, status, pid });

/** Tasks of one namespace as the shims tell them: what is told, and after how long. */
function given() {
  const said = { tasks: [task("web", Status.RUNNING), task("job", Status.RUNNING)], ms: 1, lists: 0 };
  const answer = async <T>(value: T): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, said.ms));
    return value;
  };
  const tasks = createTasks({
    list: () => (said.lists++, answer(said.tasks)),
    async get(_, id) {
      const found = await answer(said.tasks.find((one) => one.id === id));
      if (found === undefined)
        throw new Error("no", { cause: new CallError({ code: Code.NOT_FOUND, details: "no such task" }) });
      return found;
    },
  });
  const inTime = async <T>(work: Promise<T>): Promise<T> => {
    await vi.advanceTimersByTimeAsync(600);
    return work;
  };
  const states = (map: ReadonlyMap<string, Process>) => [...map].map(([id, { status }]) => [id, status]);
  return {
    said,
    all: async () => states(await inTime(tasks.all("default", never))),
    one: async (id: string) => (await inTime(tasks.one("default", id, never)))?.status,
    forget: (id: string) => tasks.forget("default", id),
  };
}

const running = [
  ["web", Status.RUNNING],
  ["job", Status.RUNNING],
];

test("what a slow answer lacks, or does not know, stays as it was told last; half a minute long nobody waits for another one", async () => {
  const { said, all } = given();
  expect(await all()).toEqual(running);
  Object.assign(said, { tasks: [task("web", Status.UNKNOWN)], ms: 500 });
  expect(await all()).toEqual(running);
  said.tasks = [];
  expect(await all()).toEqual(running);
  expect(said.lists).toBe(2);
  said.ms = 1;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await all()).toEqual([]);
  expect(said.lists).toBe(3);
});

test("a task is asked for by itself all the while: its end, and that there is none, are believed at once", async () => {
  const { said, all, one, forget } = given();
  await all();
  said.ms = 500;
  await all();
  said.tasks = [task("web", Status.STOPPED), task("job", Status.UNKNOWN)];
  expect([await one("web"), await one("job"), await one("other")]).toEqual([Status.STOPPED, Status.RUNNING, undefined]);
  said.tasks = [];
  expect(await one("job")).toBeUndefined();
  expect(await all()).toEqual([["web", Status.STOPPED]]);
  // Who has the name next is another one.
  forget("web");
  expect(await all()).toEqual([]);
});

test("nothing is kept of namespaces that come, hang and go, one after the other", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const tasks = createTasks({ list: () => Promise.reject(new Error("hangs")), get: async () => undefined });
  const before = used();
  for (let i = 0; i < 10_000; i++) {
    // Of a text that came from a socket all of it is kept, of one that was joined here only its parts.
    const name = Buffer.from(`${i}${"x".repeat(2000)}`).toString();
    expect(await tasks.all(name, never)).toEqual(new Map());
    vi.advanceTimersByTime(10_000);
  }
  const kept = used() - before;
  expect(await tasks.all("last", never)).toEqual(new Map());
  // Their names alone are 20 MB.
  expect(kept).toBeLessThan(5_000_000);
});
