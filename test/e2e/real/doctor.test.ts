import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Finding } from "../../../src/cli/doctor/finding.ts";
import { whyNoProbes } from "../../support/ebpf/set-up.ts";
import { eventually } from "../../support/eventually.ts";
import { lendSender, lendSink } from "../../support/lend.ts";
import { runPodstamp, startPodstamp } from "../../support/agent/podstamp.ts";
import { freePort } from "../../support/net/ports.ts";
import { realNode } from "../../support/node/real-node.ts";
import { startContainerdWithoutCri } from "../../support/runtimes/containerd.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
let container: string | undefined;

const node = realNode(async ({ push, kubelet }) => {
  const pushed = await push("shop/frontend", "1.4.2", "index");
  const image = `${pushed.repository}:${pushed.tag}`;
  await kubelet.pull(image);
  const pod = await kubelet.runPod({ name: "frontend-1", namespace: "shop" });
  container = await kubelet.run(pod, { name: "frontend", image });
});

const statuses = (findings: readonly Finding[], check: string) =>
  findings.filter((finding) => finding.check === check).map(({ status }) => status);

function read(stdout: string): readonly Finding[] {
  return (JSON.parse(stdout) as { findings: readonly Finding[] }).findings;
}

/** What doctor says of one runtime and of nothing else, whatever podstamp runs on this machine. */
async function examine(endpoint: string) {
  const runtimeDir = createWorkspace();
  onTestFinished(() => wipe(runtimeDir));
  return runPodstamp(["doctor", "-r", endpoint, "-o", "json"], { XDG_RUNTIME_DIR: runtimeDir });
}

test("all is well beside a real containerd: how it answers, its cgroups and their driver are told", async () => {
  const { code, stdout } = await examine(node().containerd.endpoint);
  const findings = read(stdout);
  expect(statuses(findings, "runtime")).not.toContain("problem");
  expect(stdout).toMatch(/containerd \S+ at unix:.* ms for 1 pod and 1 container/);
  expect(statuses(findings, "cgroups")).toEqual(["ok"]);
  expect(stdout).toMatch(/cgroup versions? [^"]*, driver cgroupfs; containers' processes and cgroups can be seen/);
  expect(code).toBe(0);
});

test("of a containerd whose CRI is switched off that is said, and how to switch it on", async () => {
  const plain = await startContainerdWithoutCri(node().folder);
  onTestFinished(() => plain.stop());
  const { code, stdout } = await examine(plain.socket);
  expect(code).toBe(0);
  const [answers, contents] = read(stdout).filter(({ check }) => check === "runtime");
  expect(answers).toMatchObject({
    status: "ok",
    text: expect.stringMatching(/it has events; its CRI is switched off$/),
  });
  expect(contents).toMatchObject({ todo: expect.stringContaining('take "cri" out of disabled_plugins') });
});

test("beside a podstamp that runs its configuration is taken, its ports are its own, and what it counts becomes advice", async () => {
  const sink = await lendSink();
  const [port, metrics, runtimeDir] = [await freePort(), await freePort(), createWorkspace()];
  const env = { XDG_RUNTIME_DIR: runtimeDir };
  const running = await startPodstamp({
    config: `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}"}}}}
processors: {cri_attributes: {wait: 10ms, runtimes: [{type: containerd, endpoint: "${node().containerd.endpoint}"}]}}
exporters: {otlp_grpc: {endpoint: "\${env:DESTINATION}", tls: {insecure: true}}}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]}}
  pipelines: {traces: {receivers: [otlp], processors: [cri_attributes], exporters: [otlp_grpc]}}
`,
    // As a unit has it, and the shell in which doctor is called has not.
    env: { ...env, DESTINATION: sink.address },
  });
  onTestFinished(async () => {
    await running.stop();
    await wipe(runtimeDir);
  });
  const sender = lendSender(`127.0.0.1:${port}`);
  await sender.spanOf(container ?? "", "known");
  await sender.traces([{ resource: { "service.name": "a-job-of-the-host" }, records: [{ name: "unnamed" }] }]);
  await eventually(() => sink.received().length === 2, { what: "both spans" });
  const { code, stdout } = await runPodstamp(["doctor", "-o", "json"], env);
  const findings = read(stdout);
  const texts = findings.map(({ text }) => text);
  expect(texts.find((text) => text.includes("config.yaml"))).toMatch(
    new RegExp(`, of process ${running.pid}, is valid`),
  );
  expect(texts).toContain(
    `receivers::otlp::grpc: 127.0.0.1:${port} is held by the podstamp that runs (process ${running.pid})`,
  );
  expect(statuses(findings, "exporter")).toEqual(["ok"]);
  const [file = ""] = texts.flatMap((text) => /^(\/\S+config\.yaml),/.exec(text)?.[1] ?? []);
  const named = await runPodstamp(["doctor", "--config", file, "-o", "json"], env);
  expect(statuses(read(named.stdout), "exporter")).toEqual(["ok"]);
  expect(texts).toContain("1 of 2 items were stamped");
  expect(findings.find(({ text }) => text.endsWith("no_identity"))).toMatchObject({
    status: "warning",
    todo: expect.stringContaining("container.id"),
  });
  expect(code).toBe(0);
});

test("in namespaces of its own, as in a container, it says which of the host is not seen and what to mount", async ({
  skip,
}) => {
  const program = join(root, "bin/podstamp.mjs");
  const apart = ["--pid", "--fork", "--mount-proc", "--cgroup", process.execPath, program];
  const args = ["doctor", "-r", node().containerd.endpoint, "-o", "json"];
  const { stdout, error } = spawnSync("unshare", [...apart, ...args], { encoding: "utf8" });
  skip(error !== undefined, "there is no unshare");
  const [cgroups] = read(stdout).filter(({ check }) => check === "cgroups");
  expect(cgroups).toMatchObject({
    status: "warning",
    text: expect.stringMatching(
      /process \d+ of container \w{12} cannot be seen at \/proc, and podstamp has a cgroup namespace of its own/,
    ),
    todo: expect.stringMatching(/hostPID: true.*host_root: \/host/),
  });
});

test.each([
  ["sleep", "warning"],
  ["systemd", "ok"],
])("in a PID namespace whose first process is %s the host's name is %s", (init, status) => {
  const program = join(root, "bin/podstamp.mjs");
  const args = ["doctor", "-r", node().containerd.endpoint, "-o", "json"];
  const script = 'printf %s "$1" > /proc/1/comm; shift; "$@"; exit $?';
  const apart = ["--pid", "--fork", "--mount-proc", "sh", "-c", script, "sh", init, process.execPath, program];
  const { stdout } = spawnSync("unshare", [...apart, ...args], { encoding: "utf8" });
  expect(statuses(read(stdout), "node name")).toEqual([status]);
});

test("the probes of an ebpf receiver are loaded to see whether they can be, and are gone after that", async ({
  skip,
}) => {
  const why = whyNoProbes();
  skip(why !== undefined, why);
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const file = join(folder, "ebpf.yaml");
  writeFileSync(
    file,
    `receivers: {ebpf: {probes: {http: {}}, runtimes: [{type: containerd, endpoint: "${node().containerd.endpoint}"}]}}
exporters: {debug: }
service: {telemetry: {metrics: {readers: []}}, pipelines: {traces: {receivers: [ebpf], exporters: [debug]}}}
`,
  );
  const { stdout } = await runPodstamp(["doctor", "--config", file, "-o", "json"], { XDG_RUNTIME_DIR: folder });
  const ebpf = read(stdout).filter(({ check }) => check === "ebpf");
  const probes = ebpf.map(({ text }) => /^Linux \S+ takes the probe (\w+)$/.exec(text)?.[1]);
  expect(new Set(probes)).toEqual(new Set(["http", "process", "tcp"]));
});

/** A user who may read the checkout and nothing of the runtime. */
const asNobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];

test("a user who may not connect is told by whom the socket may be used, and the exact thing to do", async ({
  skip,
}) => {
  const { socket } = node().containerd;
  const [command = "", ...args] = asNobody;
  const program = join(root, "bin/podstamp.mjs");
  const run = (...more: readonly string[]) =>
    spawnSync(command, [...args, process.execPath, program, ...more], { encoding: "utf8", cwd: "/" });
  skip(run("--version").status !== 0, "nobody may not enter the folder of this checkout, or there is no setpriv");
  const ended = run("doctor", "-r", socket, "-o", "json");
  expect(ended.status).toBe(1);
  const [finding] = read(ended.stdout).filter(({ check }) => check === "socket");
  expect(finding).toMatchObject({ status: "problem", text: expect.stringMatching(/permission denied/i) });
  const host = createWorkspace();
  onTestFinished(() => wipe(host));
  chmodSync(host, 0o755);
  mkdirSync(join(host, "run/containerd"), { recursive: true });
  chmodSync(join(host, "run/containerd"), 0o700);
  const searched = read(run("doctor", "--host-root", host, "-o", "json").stdout);
  expect(searched.find(({ check }) => check === "socket")?.text).toBe(
    `Permission denied: user 65534 may not enter ${host}/run/containerd, so what runtime listens in it cannot be seen`,
  );
  expect(finding).toMatchObject({ todo: expect.stringMatching(/setfacl -m u:(?:nobody|65534):\S+ \/|usermod -aG/) });
  // Docker is for everybody, its containerd for root: who means Docker alone may say so.
  for (const [path, mode] of [
    ["run/docker.sock", 0o666],
    ["run/containerd/containerd.sock", 0o600],
  ] as const) {
    const server = createServer((socket) => socket.destroy()).listen(join(host, path));
    onTestFinished(() => void server.close());
    await once(server, "listening");
    chmodSync(join(host, path), mode);
  }
  chmodSync(join(host, "run/containerd"), 0o755);
  const both = read(run("doctor", "--host-root", host, "-o", "json").stdout).filter(({ check }) => check === "socket");
  expect(both.map(({ status }) => status).toSorted()).toEqual(["ok", "problem"]);
  expect(both.find(({ status }) => status === "problem")).toMatchObject({
    todo: expect.stringMatching(/; or where it is not meant, name those that are: .*runtimes: \[\{type: docker\}\]/),
  });
});
