import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { runningContainers } from "../../src/cli/running/containers.ts";
import { newId } from "../support/cri/answers.ts";
import { eventually } from "../support/eventually.ts";
import { lendAgent, lendRuntime, lendSender, lendSink } from "../support/lend.ts";
import { runPodstamp } from "../support/agent/podstamp.ts";
import { startProcess } from "../support/machine/processes.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

const program = fileURLToPath(new URL("../../bin/podstamp.mjs", import.meta.url));
const [web, api] = [newId(), newId()];
const uid = "5cf2c2e1-0000-4000-8000-000000000001";
const pods = [
  {
    name: "web-1",
    namespace: "shop",
    uid,
    ip: "10.1.0.1",
    containers: [{ id: web, name: "web", image: "acme/web:1" }],
  },
  { name: "api-1", namespace: "shop", containers: [{ id: api, name: "api" }] },
];

/** podstamp as a process, whose control socket is in a folder of the test's. */
async function given(attributes: object = {}) {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const runtimeDir = join(folder, "run");
  mkdirSync(runtimeDir);
  const env = { XDG_RUNTIME_DIR: runtimeDir };
  const runtime = await lendRuntime({ pods });
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address, env, wait: "100ms", attributes });
  return { env, runtime, agent, sink, socket: join(runtimeDir, "podstamp", `${agent.pid}.sock`) };
}

describe("a podstamp that runs", () => {
  test("tells of all pods and containers that it knows, those that are gone too", async () => {
    const { runtime, socket } = await given();
    const ask = () =>
      runningContainers(socket, { signal: new AbortController().signal, failing: "Cannot list containers" });
    const before = await ask();
    expect(before.pods.map(({ facts }) => facts.name).toSorted()).toEqual(["api-1", "web-1"]);
    expect(before.containers.map(({ id }) => id).toSorted()).toEqual([web, api].toSorted());
    expect(before.gone.size).toBe(0);
    runtime.remove(api);
    await expect.poll(async () => [...(await ask()).gone]).toContain(api);
    expect((await ask()).containers.find(({ id }) => id === api)?.pod?.facts.name).toBe("api-1");
  });

  test("answers podstamp lookup by its own rules, and nothing that it tells is counted as telemetry", async () => {
    const pod_association = [{ sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] }];
    const { env, agent } = await given({ pod_association });
    const found = await runPodstamp(["lookup", "--resource", `k8s.pod.uid=${uid}`, "-o", "json"], env);
    expect(found.code).toBe(0);
    expect(JSON.parse(found.stdout)).toMatchObject({
      rule: { of: "file", by: "resource_attribute/k8s.pod.uid" },
      entry: { id: web },
      answeredBy: expect.stringContaining(`${agent.pid}.sock`),
    });
    const none = await runPodstamp(["lookup", "--resource", `container.id=${web}`], env);
    expect(none).toMatchObject({ code: 1, stdout: expect.stringContaining("no rule of pod_association has all its") });
    const plain = await runPodstamp(["lookup", web.slice(0, 14)], env);
    expect(plain).toMatchObject({ code: 0, stdout: expect.stringContaining("no rule of pod_association reads this") });
    expect(await agent.metric("podstamp_unstamped_items")).toBe(0);
  });

  test("shows what leaves it live, over a reload too, with podstamp events --spans", async () => {
    const { env, agent } = await given();
    const running = await startProcess({
      name: "podstamp events",
      command: process.execPath,
      args: [program, "events", "--spans", "-o", "json"],
      env,
    });
    onTestFinished(async () => {
      await running.stop();
    });
    const sender = lendSender(agent.grpc);
    const sent = async (service: string, id: string) => {
      await sender.traces([{ resource: { "service.name": service, "container.id": id }, records: [{ name: "a" }] }]);
    };
    const seen = async (service: string, id: string, outcome: string) => {
      const lines = () =>
        running
          .stdout()
          .split("\n")
          .filter((line) => line.includes(`"service":"${service}"`));
      await eventually(
        async () => {
          await sent(service, id);
          return lines().length > 0;
        },
        { what: `a sample of ${service}`, everyMs: 200 },
      );
      expect(JSON.parse(lines()[0] ?? "")).toMatchObject({ type: "spans", signal: "traces", outcome });
    };
    await seen("checkout", web, "stamped");
    await seen("stranger", newId(), "unstamped");
    expect((await runPodstamp(["reload"], env)).code).toBe(0);
    await seen("after", web, "stamped");
    running.signal("SIGINT");
    expect(await running.exited).toMatchObject({ code: 0 });
  });
});

describe("podstamp reload --pid", () => {
  const config = `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
exporters: {nop: }
service: {telemetry: {metrics: {level: none}}, pipelines: {traces: {receivers: [otlp], exporters: [nop]}}}`;

  test("waits for one that was started a moment ago, and not for one that ends", async () => {
    const folder = createWorkspace();
    onTestFinished(() => wipe(folder));
    const file = join(folder, "podstamp.yaml");
    writeFileSync(file, config);
    const env = { XDG_RUNTIME_DIR: folder };
    // Not begun before the other one looks, as a service manager's child can be.
    const args = ["-c", 'sleep 1; [ "$1" = ends ] || exec "$@"', "sh"];
    const agent = await startProcess({
      name: "podstamp",
      command: "sh",
      args: [...args, process.execPath, program, "--config", file],
      env,
    });
    onTestFinished(async () => void (await agent.stop()));
    expect(await runPodstamp(["reload", "--pid", String(agent.pid)], env)).toMatchObject({ code: 0 });
    await agent.line(/The new configuration runs/, 10_000);
    const ending = await startProcess({ name: "sh", command: "sh", args: [...args, "ends"], env });
    onTestFinished(async () => void (await ending.stop()));
    const refused = await runPodstamp(["reload", "--pid", String(ending.pid)], env);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining(`with process ID ${ending.pid}`) });
  });

  test("does not wait for a process that has run for long and is no podstamp", async () => {
    const since = performance.now();
    expect(await runPodstamp(["reload", "--pid", "1"], {})).toMatchObject({ code: 1 });
    expect(performance.now() - since).toBeLessThan(4000);
  });
});

const user = ["--reuid=65534", "--regid=65534", "--clear-groups"];

/** Root's own folder lets in nobody else: in a checkout there another user cannot be played. */
const whyNoOther =
  process.getuid?.() !== 0
    ? "only root can play another user"
    : spawnSync("setpriv", [...user, "test", "-r", program]).status === 0
      ? undefined
      : "nobody may not enter the folder of this checkout, or there is no setpriv";

test("who is another user is told that it is not theirs to ask", async ({ skip }) => {
  skip(whyNoOther !== undefined, whyNoOther);
  const { socket } = await given();
  const asking = await startProcess({
    name: "podstamp lookup of another user",
    command: "setpriv",
    args: [...user, process.execPath, program, "lookup", web, "--socket", socket],
  });
  expect(await asking.exited).toMatchObject({ code: 1 });
  expect(asking.output()).toBe(
    `Cannot look it up: permission denied at ${socket}: only the user of a podstamp may ask it, and root\n`,
  );
});

test("one that has no folder for its socket says so, and what to set", async ({ skip }) => {
  skip(whyNoOther !== undefined, whyNoOther);
  const file = join(createWorkspace(), "podstamp.yaml");
  onTestFinished(() => wipe(dirname(file)));
  chmodSync(dirname(file), 0o755);
  writeFileSync(
    file,
    `receivers: {nop: }
exporters: {nop: }
service: {telemetry: {metrics: {level: none}}, pipelines: {traces: {receivers: [nop], exporters: [nop]}}}
`,
  );
  const running = await startProcess({
    name: "podstamp of an ordinary user",
    command: "setpriv",
    args: [...user, process.execPath, program, "--config", file],
    env: { XDG_RUNTIME_DIR: "" },
  });
  onTestFinished(() => running.signal("SIGKILL"));
  const line = await running.line(/cannot find this process/, 10_000);
  expect(line).toMatch(/set XDG_RUNTIME_DIR, or service::control_socket, for its socket/);
  await running.line(/Everything is ready/, 10_000);
  // It stays, though nothing of it listens.
  await sleep(500);
  expect(running.hasExited()).toBe(false);
  expect(await running.stop()).toEqual({ code: 0, signal: null });
});
