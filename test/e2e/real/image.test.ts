import { execFile } from "node:child_process";
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { type Archived, readArchive, readFromArchive } from "../../../scripts/image/archive.ts";
import { sizesOf } from "../../../scripts/image/sizes.ts";
import { machines, outputOf } from "../../../scripts/native/compile.ts";
import { whyNoProbes } from "../../support/ebpf/set-up.ts";
import type { Pod } from "../../support/node/kubelet.ts";
import { lendSender, lendSink } from "../../support/lend.ts";
import { systemPath, whyNoContainers, whyNotInstalling } from "../../support/machine/machine.ts";
import { freePort } from "../../support/net/ports.ts";
import { startProcess } from "../../support/machine/processes.ts";
import { realNode } from "../../support/node/real-node.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const execute = promisify(execFile);
/** The first time everything is fetched and made; later it is some seconds. */
const buildTimeoutMs = 300_000;
/** The group that may use the runtime's socket, as docker's does on many machines. */
const socketGroup = 4242;

type Built = { readonly archive: string; readonly name: string; readonly image: Archived };
const why = whyNoContainers("podman") ?? whyNotInstalling();
const workspace = why === undefined ? createWorkspace() : "";
const whyNoEbpf = why ?? whyNoProbes();
/** One of the two is built, the one with more in it where that can be tried: it is the other one and a layer. */
const target = whyNoEbpf === undefined ? "podstamp-ebpf" : "podstamp";
let built: Built | undefined;

beforeEach(({ skip }) => skip(why !== undefined, why));
beforeAll(async () => {
  if (why === undefined) built = await build(target);
}, buildTimeoutMs);
afterAll(() => (why === undefined ? wipe(workspace) : undefined));

async function build(which: string): Promise<Built> {
  const args = [join(root, "scripts/image.ts"), "--target", which, "--to", workspace];
  const building = await startProcess({ name: "npm run image", command: process.execPath, args });
  const { code } = await building.exited;
  if (code !== 0) throw new Error(`Cannot test: npm run image ended with ${code}:\n${building.output()}`);
  const archive = join(workspace, `${which}-image.tar`);
  const name = /^localhost\/\S+$/m.exec(building.output())?.[0] ?? "";
  return { archive, name, image: readArchive(archive) };
}

function given(): Built {
  if (built === undefined) throw new Error("Cannot test: the image must be built first");
  return built;
}

const node = realNode(async ({ containerd, kubelet, push }) => {
  await ctr(containerd.socket, "images", "import", given().archive);
  const pushed = await push("shop/web", "1.0", "image");
  appImage = `${pushed.repository}:${pushed.tag}`;
  await kubelet.pull(appImage);
  const pod = await kubelet.runPod({ name: "web-1", namespace: "shop" });
  app = { pod, container: await kubelet.run(pod, { name: "web", image: appImage }) };
});
let appImage = "";
let app: { readonly pod: Pod; readonly container: string } | undefined;

async function ctr(socket: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, PATH: systemPath };
  return (await execute("ctr", ["-a", socket, "-n", "k8s.io", ...args], { env, timeout: 60_000 })).stdout;
}

test("the image has Node and podstamp, and no shell, npm or compiler; beside Node itself it is at most 40 MiB", () => {
  const { image } = given();
  const paths = image.layers.flatMap(({ files }) => files.map(({ path }) => path));
  expect(paths).toContain("usr/local/bin/node");
  expect(paths).toContain("usr/lib/podstamp/dist/main.cjs");
  const compiled = machines.filter(({ arch }) => arch === process.arch).map(outputOf);
  expect(compiled.filter((file) => paths.includes(`usr/lib/podstamp/${file}`))).toEqual(
    compiled.filter((file) => existsSync(join(root, file))),
  );
  const programs = paths.filter((path) => /(^|\/)s?bin\/[^/]+$|^usr\/libexec\/.*[^/]$/.test(path));
  expect(programs.filter((path) => !path.startsWith("usr/lib/podstamp/")).toSorted()).toEqual([
    ...(target === "podstamp-ebpf" ? ["usr/libexec/podstamp/podstamp-probes"] : []),
    "usr/local/bin/node",
    "usr/local/bin/podstamp",
  ]);
  expect(paths.filter((path) => /node_modules|\.ts$|(^|\/)(busybox|bash|dash|npm|apt|gcc)$/.test(path))).toEqual([]);
  expect(sizesOf(image).besidesNode).toBeLessThan(40 * 1024 * 1024);
});

test("the image runs as an ordinary user, is asked for its health without a shell, and says what it is", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  expect(given().image.config).toMatchObject({
    User: "65532:65532",
    Entrypoint: ["/usr/local/bin/podstamp"],
    Healthcheck: { Test: ["CMD", "/usr/local/bin/podstamp", "health"] },
    Labels: {
      "org.opencontainers.image.title": target,
      "org.opencontainers.image.licenses": "Apache-2.0",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.revision": expect.stringMatching(/^[0-9a-f]{40}|^unknown$/),
      "org.opencontainers.image.created": expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    },
  });
});

test("no step of the final stages runs anything, so that no other architecture must be emulated", () => {
  const stages = readFileSync(join(root, "Dockerfile"), "utf8")
    .split(/^FROM /m)
    .slice(1);
  const named = (name: string) => stages.find((stage) => stage.split("\n")[0]?.endsWith(` AS ${name}`));
  for (const name of ["podstamp", "podstamp-ebpf", "base", "node"]) {
    expect(named(name), name).toBeDefined();
    expect(named(name), name).not.toMatch(/^RUN /m);
  }
  expect(named("podstamp-ebpf")?.match(/^(FROM )?[A-Z]+ /gm)).toEqual(["COPY ", "COPY ", "LABEL "]);
});

type Bill = {
  readonly spdxVersion: string;
  readonly SPDXID: string;
  readonly packages: readonly {
    readonly SPDXID: string;
    readonly name: string;
    readonly versionInfo: string;
    readonly checksums?: readonly { readonly algorithm: string }[];
  }[];
  readonly relationships: readonly { readonly spdxElementId: string; readonly relatedSpdxElement: string }[];
};

test("the bill of materials names each package that podstamp is bundled of, with its sum, Node, and Debian's packages", () => {
  const text = readFromArchive(given().archive, "usr/share/doc/podstamp/podstamp.spdx.json");
  expect(readFileSync(join(workspace, `${target}.spdx.json`), "utf8")).toBe(text);
  const bill = JSON.parse(text) as Bill;
  expect(bill).toMatchObject({ spdxVersion: "SPDX-2.3", SPDXID: "SPDXRef-DOCUMENT" });

  const licenses = readFromArchive(given().archive, "usr/lib/podstamp/dist/licenses.txt");
  const bundled = [...licenses.matchAll(/(?:^|-{80}\n\n)(\S+) (\d+\.\d+\.\d+\S*) \(.+\)$/gm)];
  const wanted = bundled.map(([, name = "", version = ""]) => `${name}@${version}`);
  expect(wanted.length).toBeGreaterThan(50);
  const summed = bill.packages.filter(({ checksums = [] }) => checksums.some((each) => each.algorithm === "SHA512"));
  const named = new Set(bill.packages.map(({ name, versionInfo }) => `${name}@${versionInfo}`));
  const withSums = new Set(summed.map(({ name, versionInfo }) => `${name}@${versionInfo}`));
  expect(wanted.filter((one) => !withSums.has(one))).toEqual([]);
  for (const one of [/^podstamp@/m, /^node@24\./m, /^openssl@/m, /^libc6@2\./m])
    expect([...named].join("\n")).toMatch(one);

  const ids = new Set([bill.SPDXID, ...bill.packages.map(({ SPDXID }) => SPDXID)]);
  expect(ids.size).toBe(bill.packages.length + 1);
  for (const { spdxElementId: from, relatedSpdxElement: to } of bill.relationships)
    expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
});

/** The image's own configuration, with ports of this test's, since a pod here has the machine's network. */
async function givenConfig(): Promise<{ readonly folder: string; readonly grpc: string; readonly health: string }> {
  const [grpc, http, health, metrics] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const folder = join(workspace, `config-${grpc}`);
  mkdirSync(folder);
  const text = readFileSync(join(root, "config/docker/podstamp.yaml"), "utf8")
    .replace("  health_check:", `  health_check: {endpoint: "localhost:${health}"}`)
    .replace(":4317", `:${grpc}`)
    .replace(":4318", `:${http}`)
    .replace(
      "service:\n",
      `service:\n  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: localhost, port: ${metrics}}}}}]}}\n`,
    );
  writeFileSync(join(folder, "podstamp.yaml"), text);
  for (const path of [workspace, folder]) chmodSync(path, 0o755);
  return { folder, grpc: `127.0.0.1:${grpc}`, health: `localhost:${health}` };
}

test("as a pod of a real containerd, without a privilege and on a read-only root, it stamps spans of other pods", async () => {
  const { containerd, kubelet } = node();
  const sink = await lendSink();
  const { folder, grpc, health } = await givenConfig();
  chownSync(containerd.socket, 0, socketGroup);
  const pod = await kubelet.runPod({ name: "podstamp-1", namespace: "observability" });
  onTestFinished(() => kubelet.removePod(pod.id));
  const container = await kubelet.run(pod, {
    name: "podstamp",
    image: given().name,
    command: [],
    confined: { groups: [socketGroup] },
    mounts: [
      { host: containerd.socket, inside: "/run/containerd/containerd.sock" },
      { host: folder, inside: "/etc/podstamp" },
    ],
    environment: { OTLP_ENDPOINT: sink.address, PODSTAMP_HEALTH_ENDPOINT: health },
  });
  const inside = (...command: readonly string[]) =>
    ctr(
      containerd.socket,
      "tasks",
      "exec",
      "--exec-id",
      `test-${exec++}`,
      container,
      "/usr/local/bin/podstamp",
      ...command,
    );
  await expect.poll(() => inside("health").catch(String), { timeout: 20_000 }).toContain("Server available");

  await lendSender(grpc).spanOf(app?.container ?? "", "charge");
  const { resource } = await sink.waitFor(({ name }) => name === "charge", "the span");
  expect(resource).toMatchObject({
    "k8s.namespace.name": "shop",
    "k8s.pod.name": "web-1",
    "k8s.pod.uid": app?.pod.uid,
    "k8s.container.name": "web",
  });

  const process = await processOf(containerd.socket, container);
  expect(readFileSync(`/proc/${process}/mountinfo`, "utf8")).toMatch(/^\d+ \d+ \S+ \S+ \/ ro[, ]/m);
  expect(factsOf(process)).toMatchObject({
    Uid: user,
    Groups: expect.stringMatching(new RegExp(`^${socketGroup} (65532 )?$`)),
    CapBnd: none,
    CapEff: none,
    NoNewPrivs: "1",
  });
  for (const words of [["ps"], ["ps", "-o", "wide"], ["ps", "-o", "json"]])
    expect(await inside(...words)).toContain("web-1");
});

let exec = 0;
const user = "65532\t65532\t65532\t65532";
const none = "0".repeat(16);

function factsOf(process: number): Readonly<Record<string, string | undefined>> {
  const status = readFileSync(`/proc/${process}/status`, "utf8");
  return Object.fromEntries(status.split("\n").map((line) => line.split(/:\s+/, 2)));
}

async function processOf(socket: string, container: string): Promise<number> {
  const line = (await ctr(socket, "tasks", "ls")).split("\n").find((one) => one.startsWith(container));
  return Number(line?.split(/\s+/)[1]);
}

test("with the probes it sees what another pod runs; its loader alone has two capabilities, and nobody is root", async ({
  skip,
}) => {
  if (whyNoEbpf !== undefined) return skip(whyNoEbpf);
  const { containerd, kubelet } = node();
  const sink = await lendSink();
  const folder = join(workspace, "config-ebpf");
  mkdirSync(folder);
  writeFileSync(join(folder, "podstamp.yaml"), ebpfConfig(sink.address));
  for (const path of [workspace, folder]) chmodSync(path, 0o755);
  chownSync(containerd.socket, 0, socketGroup);
  const pod = await kubelet.runPod({ name: "podstamp-2", namespace: "observability" });
  onTestFinished(() => kubelet.removePod(pod.id));
  const container = await kubelet.run(pod, {
    name: "podstamp",
    image: given().name,
    command: [],
    confined: { groups: [socketGroup], capabilities: ["BPF", "PERFMON"] },
    mounts: [
      { host: containerd.socket, inside: "/run/containerd/containerd.sock" },
      { host: folder, inside: "/etc/podstamp" },
    ],
  });
  // Attached or not yet: it runs something until it was seen.
  const command = ["/bin/sh", "-c", "while true; do /bin/ls; /bin/sleep 0.3; done"];
  await kubelet.run(app?.pod ?? pod, { name: "busy", image: appImage, command });
  const { resource } = await sink.waitFor(
    (record) => record.name === "process ls" || record.name === "process busybox",
    "the span of a process",
    30_000,
  );
  expect(resource).toMatchObject({ "k8s.pod.name": "web-1", "k8s.namespace.name": "shop" });
  const bill = JSON.parse(readFromArchive(given().archive, "usr/share/doc/podstamp/podstamp-probes.spdx.json")) as Bill;
  expect(bill.packages.map(({ name }) => name)).toContain("libbpf-dev");

  const process = await processOf(containerd.socket, container);
  const [loader] = childrenOf(process);
  expect(factsOf(process)).toMatchObject({ Uid: user, CapEff: none, CapPrm: none });
  expect(factsOf(loader ?? 0)).toMatchObject({ Uid: user, CapEff: "000000c000000000", NoNewPrivs: "1" });
});

function childrenOf(process: number): readonly number[] {
  return globSync(`/proc/${process}/task/*/children`)
    .flatMap((file) => readFileSync(file, "utf8").split(" "))
    .filter(Boolean)
    .map(Number);
}

function ebpfConfig(sink: string): string {
  return `receivers: {ebpf: {include: {namespaces: [shop]}, host_processes: false}}
processors: {cri_attributes: , batch: }
exporters: {otlp_grpc: {endpoint: "${sink}", tls: {insecure: true}}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [ebpf], processors: [cri_attributes, batch], exporters: [otlp_grpc]}}
`;
}
