import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { createCaller } from "../../src/runtimes/grpc/calls.ts";
import { CallError } from "../../src/runtimes/grpc/channel.ts";
import { connectCri } from "../../src/runtimes/cri/cri.ts";
import { Image } from "../../src/proto/cri/v1/api.ts";
import { newId } from "../support/cri/answers.ts";
import type { CriServerOptions } from "../support/cri/server.ts";
import { testHost } from "../support/agent/host.ts";
import { lendRuntime } from "../support/lend.ts";

const never = new AbortController().signal;

type Done = (error: { readonly code: number; readonly details: string } | null, response: string) => void;

/** A caller of a runtime that the test plays: each call waits until it is answered. */
function given(timeoutMs = 600_000) {
  const host = testHost("calls");
  const caller = createCaller({ endpoint: "unix:///test.sock", timeoutMs, concurrency: 2, metrics: host.metrics });
  const calls: { readonly done: Done; isCancelled: boolean }[] = [];
  const ask = (signal = never) =>
    caller.unary<string>(
      "Version",
      (options) =>
        new Promise((resolve, reject) => {
          const done: Done = (error, response) => (error === null ? resolve(response) : reject(new CallError(error)));
          const call = { done, isCancelled: false };
          calls.push(call);
          options.signal.addEventListener("abort", () => {
            call.isCancelled = true;
            done({ code: status.CANCELLED, details: "cancelled" }, "");
          });
        }),
      signal,
    );
  return { calls, ask, host };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("no more calls are made at once than allowed, the others in their turn", async () => {
  const { calls, ask, host } = given();
  const asked = [ask(), ask(), ask()];
  await settled();
  expect(calls).toHaveLength(2);
  calls[0]?.done(null, "one");
  await settled();
  expect(calls).toHaveLength(3);
  calls[1]?.done(null, "two");
  calls[2]?.done(null, "three");
  expect(await Promise.all(asked)).toEqual(["one", "two", "three"]);
  expect(host.metric("podstamp_runtime_calls", { runtime: "unix:///test.sock", method: "Version", result: "ok" })).toBe(
    3,
  );
});

test("a call that waits for its turn waits no longer than a call may take, and its place is free again", async () => {
  const { calls, ask, host } = given(50);
  const first = [ask(), ask()];
  await settled();
  await expect(ask()).rejects.toThrow(
    "Cannot ask unix:///test.sock (Version): no answer in time to the calls before it",
  );
  expect(calls).toHaveLength(2);
  expect(
    host.metric("podstamp_runtime_calls", { runtime: "unix:///test.sock", method: "Version", result: "NOT_SENT" }),
  ).toBe(1);
  for (const call of calls.slice()) call.done(null, "done");
  await Promise.all(first);
  const again = [ask(), ask()];
  await settled();
  expect(calls).toHaveLength(4);
  for (const call of calls.slice(2)) call.done(null, "done");
  expect(await Promise.all(again)).toEqual(["done", "done"]);
});

test("whoever gives up ends his call, and while he waits for his turn is never sent", async () => {
  const { calls, ask } = given();
  const giving = new AbortController();
  const asked = [ask(giving.signal), ask(), ask(giving.signal)].map((each) => each.catch((error: Error) => error));
  await settled();
  giving.abort();
  expect(await asked[0]).toBeInstanceOf(Error);
  expect(await asked[2]).toBeInstanceOf(Error);
  expect(calls.map(({ isCancelled }) => isCancelled)).toEqual([true, false]);
  const next = ask();
  await settled();
  expect(calls).toHaveLength(3);
  for (const call of calls.slice(1)) call.done(null, "done");
  expect([await asked[1], await next]).toEqual(["done", "done"]);
});

test.each([
  [
    status.UNIMPLEMENTED,
    "unknown service runtime.v1.RuntimeService",
    "it does not speak this part of CRI v1 (unknown service runtime.v1.RuntimeService)",
  ],
  [
    status.UNAVAILABLE,
    "No connection established. Last error: connect EACCES /x.sock",
    "permission denied; run podstamp as a user or group that may write to this socket",
  ],
  [
    status.UNAVAILABLE,
    "No connection established. Last error: connect ECONNREFUSED /x.sock",
    "nobody listens on this socket",
  ],
  [status.INTERNAL, "something else", "something else"],
])("an error of code %s says what to do: %s", async (code, details, text) => {
  const { calls, ask } = given();
  const asked = ask();
  await settled();
  calls[0]?.done({ code, details }, "");
  await expect(asked).rejects.toThrow(`Cannot ask unix:///test.sock (Version): ${text}`);
});

const web = newId();
const pods = [
  { name: "web-1", namespace: "shop", containers: [{ id: web, name: "web", image: "registry.example/web:1" }] },
];

async function connected(options: CriServerOptions = { pods }, timeoutMs = 5000) {
  const server = await lendRuntime(options);
  const host = testHost("cri");
  const runtime = await connectCri({ endpoint: server.endpoint, timeoutMs, metrics: host.metrics }, never);
  return { server, runtime, host };
}

test("an image is asked for once a minute, whoever runs it", async () => {
  const { server, runtime } = await connected();
  const [container] = (await runtime.list(never)).containers;
  for (let i = 0; i < 5; i++)
    expect((await runtime.describeContainer(container ?? expect.fail(), never)).image.repoTags).toEqual([
      "registry.example/web:1",
    ]);
  expect(server.calls("ImageStatus")).toBe(1);
  expect(server.calls("ContainerStatus")).toBe(5);
  runtime.close();
});

test("a container is found by a beginning of its ID, with its sandbox left to another question", async () => {
  const { runtime } = await connected();
  expect(await runtime.find(web.slice(0, 12), never)).toMatchObject({ containers: [{ id: web }], pods: [] });
  expect(await runtime.find(newId(), never)).toEqual({ containers: [], pods: [] });
  runtime.close();
});

test("images are asked for at their own socket where they have one", async () => {
  const images = await lendRuntime({
    images: [Image.fromPartial({ id: `sha256:${"7".repeat(64)}`, repoTags: ["registry.example/web:1"] })],
  });
  const server = await lendRuntime({ pods });
  const { metrics } = testHost("cri");
  const runtime = await connectCri(
    { endpoint: server.endpoint, imageEndpoint: images.endpoint, timeoutMs: 5000, metrics },
    never,
  );
  const [container] = (await runtime.list(never)).containers;
  await runtime.describeContainer(container ?? expect.fail(), never);
  expect([server.calls("ImageStatus"), images.calls("ImageStatus")]).toEqual([0, 1]);
  runtime.close();
});

test("answers that are no message are an error of the call, and the connection lives on", async () => {
  const { server, runtime } = await connected();
  server.garble("ListContainers");
  await expect(runtime.list(never)).rejects.toThrow(/^Cannot ask unix:.* \(ListContainers\): /);
  server.fail("ListContainers", undefined);
  expect((await runtime.list(never)).containers).toHaveLength(1);
  expect(server.calls("Version")).toBe(1);
  runtime.close();
});

test("events that end are told once, and following ends quietly when nobody wants them any more", async () => {
  const { server, runtime, host } = await connected();
  const broken = runtime.follow?.(() => {}, never);
  await runtime.list(never);
  server.endStreams();
  await expect(broken).rejects.toThrow(/Subscribe ended$/);
  const stopping = new AbortController();
  const following = runtime.follow?.(() => {}, stopping.signal);
  stopping.abort();
  expect(await following).toBeUndefined();
  const counted = (result: string) =>
    host.metric("podstamp_runtime_calls", { runtime: server.endpoint, method: "Subscribe", result });
  expect([counted("broken"), counted("ended")]).toEqual([1, 1]);
  runtime.close();
});
