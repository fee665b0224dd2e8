import { expect, onTestFinished, test } from "vitest";
import { newId } from "../support/cri/answers.ts";
import { eventually } from "../support/eventually.ts";
import { lendAgent, lendRuntime, lendSink } from "../support/lend.ts";
import { runPodstamp } from "../support/agent/podstamp.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

const [web, job] = [newId(), newId()];
const [webPod, jobPod] = [newId(), newId()];
const pods = [
  {
    id: webPod,
    name: "web-1",
    namespace: "shop",
    uid: "u-1",
    ip: "10.0.0.7",
    containers: [{ id: web, name: "web", image: "registry.example/shop/web:1.2", restartCount: 3 }],
  },
  { id: jobPod, name: "job-1", namespace: "batch", uid: "u-2", containers: [{ id: job, name: "job" }] },
];

/** A podstamp that follows a runtime of our own, and its command line beside it. */
async function given(known = pods, runtimeName?: string) {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const env = { XDG_RUNTIME_DIR: folder };
  const server = await lendRuntime({ pods: known, ...(runtimeName === undefined ? {} : { version: { runtimeName } }) });
  const agent = await lendAgent({ runtime: server.endpoint, sink: (await lendSink()).address, env });
  const run = async (...argv: readonly string[]) => {
    const { code, stdout, output } = await runPodstamp(argv, env);
    expect([code, output]).toEqual([0, output]);
    return stdout;
  };
  const told = async (...argv: readonly string[]) => JSON.parse(await run(...argv, "-o", "json")) as { id: string }[];
  return { server, agent, env, run, told };
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

test("ps and pods say the same whether the podstamp that runs is asked or the runtime", async () => {
  const { server, run, told } = await given();
  for (const command of ["ps", "pods"]) {
    const direct = await told(command, "-r", server.endpoint);
    expect(direct).toHaveLength(2);
    await eventually(
      async () => {
        const running = await told(command, "--from", "podstamp");
        expect(running.toSorted(byId)).toEqual(direct.toSorted(byId));
        return true;
      },
      { what: `that podstamp knows all about the ${command}` },
    );
    // Time goes by between the two.
    const lines = (text: string) =>
      text
        .replaceAll(/ +(?:\w+ )+ago/g, "")
        .replaceAll(/ {2,}/g, "  ")
        .split("\n")
        .toSorted();
    const before = server.calls("Version");
    const running = await run(command);
    expect(server.calls("Version")).toBe(before);
    expect(lines(running)).toEqual(lines(await run(command, "-r", server.endpoint)));
  }
});

test("who is gone is shown with --all alone, and as gone", async () => {
  const { server, told } = await given();
  await eventually(async () => (await told("ps")).length === 2, { what: "both" });
  server.remove(job);
  await eventually(async () => (await told("ps")).length === 1, { what: "that podstamp knows it" });
  expect(await told("ps", "-a")).toContainEqual(expect.objectContaining({ id: job, state: "gone" }));
  expect(await told("ps", "--state", "running")).toEqual([expect.objectContaining({ id: web })]);
});

test("of a runtime without events what is there now is shown", async () => {
  const { server, run, told } = await given(pods, "one-without-events");
  await eventually(async () => (await told("ps")).length === 2, { what: "both" });
  for (const show of [() => run("ps", "-q"), () => run("ps", "-q", "--label", "io.kubernetes.container.name=new")]) {
    const added = server.add(webPod, { id: newId(), name: "new" });
    expect(await show()).toContain(added);
    server.exit(added);
    expect(await show()).not.toContain(added);
  }
});

test("of a runtime that does not answer it is said that what is shown may be old", async () => {
  const { server, env, told } = await given(pods, "one-without-events");
  await eventually(async () => (await told("ps")).length === 2, { what: "both" });
  const shown = async () => {
    const { code, stdout, output } = await runPodstamp(["ps", "-q"], env);
    return { code, ids: stdout.trimEnd().split("\n").toSorted(), said: output.replace(stdout, "") };
  };
  const same = { code: 0, ids: [web, job].toSorted() };
  server.slow("ListContainers", 3000);
  const late = `${server.endpoint} takes its time to answer; what it told before is shown\n`;
  expect(await shown()).toEqual({ ...same, said: late });
  await server.stop();
  await eventually(
    async () => expect(await shown()).toEqual({ ...same, said: expect.stringMatching(/no such socket; what it told/) }),
    { what: "that podstamp noticed" },
  );
});

test("where podstamp knows nobody the runtimes are asked, which say when there is none", async () => {
  const { env } = await given([]);
  const ask = async (...more: readonly string[]) => {
    const { code, output } = await runPodstamp(["ps", "-q", ...more], env);
    return { code, output };
  };
  expect(await ask("--from", "podstamp")).toEqual({ code: 0, output: "" });
  expect(await ask()).toEqual(await ask("--from", "runtime"));
});

test("where none runs that is said to whom it matters", async () => {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const { code, output } = await runPodstamp(["ps", "--from", "podstamp"], { XDG_RUNTIME_DIR: folder });
  expect(code).toBe(1);
  expect(output).toMatch(/^Cannot list what podstamp knows: must find a running podstamp, there is none in /);
  const server = await lendRuntime({ pods });
  const beside = await runPodstamp(["ps", "-q", "-r", server.endpoint], { XDG_RUNTIME_DIR: folder });
  expect(beside.stdout.trimEnd().split("\n").toSorted()).toEqual([web, job].toSorted());
});
