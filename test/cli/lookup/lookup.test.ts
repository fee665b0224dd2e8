import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { lookup } from "../../../src/cli/lookup/lookup.ts";
import { CommandError, type Io, UsageError } from "../../../src/cli/terminal/output.ts";
import { components } from "../../../src/components.ts";
import type { LookupAnswer } from "../../../src/processors/cri-attributes/inquiry/lookup.ts";
import { newId } from "../../support/cri/answers.ts";
import { lendHostRoot } from "../../support/node/host-root.ts";
import { lendRuntime } from "../../support/lend.ts";
import { givenIo, steering } from "../given-cli.ts";

const [web, sandbox] = [newId(), newId()];
const uid = "5cf2c2e1-0000-4000-8000-000000000001";
const staticUid = "0123456789abcdef0123456789abcdef";
const pods = [
  {
    id: sandbox,
    name: "web-1",
    namespace: "shop",
    uid,
    ip: "10.1.0.1",
    labels: { evil: "\u001b[31m\u202e" },
    containers: [{ id: web, name: "web", image: "acme/web:1" }],
  },
  { name: "etcd-node-a", namespace: "kube-system", uid: staticUid, containers: [{ name: "etcd" }] },
];

const options = { loadComponents: () => Promise.resolve(components), uid: undefined };

/** Runs the command where no podstamp runs. */
async function run(argv: readonly string[], io: Partial<Io> = {}) {
  const written = givenIo(io);
  const code = await lookup(argv, written.io, options);
  return { code, out: written.out() };
}

async function tell(argv: readonly string[]): Promise<LookupAnswer & { code: number }> {
  const { code, out } = await run([...argv, "-o", "json"]);
  return { ...(JSON.parse(out) as LookupAnswer), code };
}

/** A configuration with one processor, or several. */
function configWith(processors: Readonly<Record<string, object>>): string {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-lookup-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const names = Object.keys(processors);
  const file = join(folder, "podstamp.yaml");
  const config = {
    receivers: { nop: null },
    processors,
    exporters: { nop: null },
    service: { pipelines: { traces: { receivers: ["nop"], processors: names, exporters: ["nop"] } } },
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe("podstamp lookup without a podstamp that runs", () => {
  test.each([
    [web, "the container's ID"],
    [web.slice(0, 12), "the container's ID"],
    [`containerd://${web}`, "the container's ID"],
    [`id:${web}`, "the container's ID"],
    [uid, "the pod's uid"],
    [uid.replaceAll("-", "_"), "the pod's uid"],
    [`uid:${uid}`, "the pod's uid"],
    ["10.1.0.1", "the address"],
    ["ip:10.1.0.1", "the address"],
    ["10.1.0.1:49152", "the address"],
    ["[::ffff:10.1.0.1]:49152", "the address"],
    ["ip:[::ffff:10.1.0.1]", "the address"],
    [uid.replaceAll("-", ""), "the pod's uid"],
    [`uid:${uid.replaceAll("-", "")}`, "the pod's uid"],
    [`pod${uid}`, "the pod's uid in the cgroup's path"],
    [`kubepods-besteffort-pod${uid.replaceAll("-", "_")}.slice`, "the pod's uid in the cgroup's path"],
    [`kubepods-pod${uid.replaceAll("-", "_")}.slice:cri-containerd:${web}`, "the container's ID in the cgroup's path"],
    [`0::/kubepods.slice/cri-containerd-${web}.scope/init`, "the container's ID in the cgroup's path"],
    [`cgroup:/kubepods/pod${uid}/x`, "the pod's uid in the cgroup's path"],
  ])("finds the container by %s", async (what, by) => {
    const server = await lendRuntime({ pods });
    expect(await tell([what, "-r", server.endpoint])).toMatchObject({
      code: 0,
      rule: { of: "own", by },
      entry: { kind: "container", id: web, pod: { name: "web-1" } },
    });
  });

  test("finds a sandbox, and a static pod by the uid that looks like the beginning of an ID", async () => {
    const server = await lendRuntime({ pods });
    expect(await tell([sandbox, "-r", server.endpoint])).toMatchObject({ code: 0, entry: { kind: "sandbox" } });
    expect(await tell([staticUid, "-r", server.endpoint])).toMatchObject({
      code: 0,
      entry: { pod: { name: "etcd-node-a" } },
    });
  });

  test("waits for addresses that the runtime takes its time to tell", async () => {
    const server = await lendRuntime({ pods });
    server.slow("PodSandboxStatus", 800);
    expect(await tell(["10.1.0.1", "-r", server.endpoint])).toMatchObject({ code: 0, entry: { id: web } });
  });

  test("finds the container of a process, and that of a cgroup by its inode", async () => {
    const server = await lendRuntime({ pods });
    const host = lendHostRoot({ isUnified: true });
    const path = `/kubepods.slice/cri-containerd-${web}.scope`;
    host.process(4711, `0::${path}\n`);
    const inode = String(host.cgroup("", path));
    const where = ["-r", server.endpoint, "--host-root", host.path];
    expect(await tell(["4711", ...where])).toMatchObject({
      asked: { resource: { "process.pid": "4711" } },
      rule: { of: "own", by: "the container's ID in the process's cgroup" },
      entry: { id: web },
    });
    const beside = ["--resource", `container.id=${"a".repeat(64)}`, "--resource", "process.pid=4711"];
    expect(await tell([...beside, ...where])).toMatchObject({
      rule: { by: "the container's ID in the process's cgroup" },
      entry: { id: web },
    });
    expect(await tell(["--resource", `container.id=${web}`, "--resource", "process.pid=4711", ...where])).toMatchObject(
      {
        rule: { by: "the container's ID" },
      },
    );
    expect(await tell(["pid:4711", ...where])).toMatchObject({ entry: { id: web } });
    expect(await tell([`cgroup:${inode}`, ...where])).toMatchObject({ entry: { id: web } });
    expect(await tell([`unified:${inode}`, ...where])).toMatchObject({ entry: { id: web } });
    expect(await tell([`cgroup:unified:${inode}`, ...where])).toMatchObject({ entry: { id: web } });
    expect(await tell(["/proc/4711/cgroup", ...where])).toMatchObject({ entry: { id: web } });
    expect(await tell(["4712", ...where])).toMatchObject({
      code: 1,
      reason: "not_found",
      asked: { resource: { "process.pid": "4712" } },
    });
  });

  test("tells what an SDK sends of its own process from what an agent sends", async () => {
    const server = await lendRuntime({ pods });
    const asked = ["-r", server.endpoint, "--resource", "process.pid=7", "--connection-ip", "10.1.0.1:49152"];
    expect(await tell(asked)).toMatchObject({ code: 1, reason: "not_found" });
    expect(await tell([...asked, "--from-sdk"])).toMatchObject({ code: 0, entry: { id: web } });
    expect((await run([...asked, "--from-sdk"])).out).toMatch(/^asked +process\.pid=7, from 10\.1\.0\.1, by an SDK$/m);
  });

  test("goes by the rules of a configuration, and its processor where there are several", async () => {
    const server = await lendRuntime({ pods });
    const own = { runtimes: [{ type: "cri", endpoint: server.endpoint }], wait: "100ms" };
    const byName = [{ sources: [{ from: "resource_attribute", name: "k8s.pod.name" }] }];
    const file = configWith({ cri_attributes: own, "k8s_attributes/x": { ...own, pod_association: byName } });
    const asked = ["--config", file, "--resource", "k8s.pod.name=web-1", "--connection-ip", "10.9.9.9"];
    expect(await tell([...asked, "--processor", "k8s_attributes/x"])).toMatchObject({
      code: 0,
      processor: "k8s_attributes/x",
      rule: { of: "file", by: "resource_attribute/k8s.pod.name" },
      entry: { id: web },
    });
    expect(await tell([...asked, "--processor", "cri_attributes"])).toMatchObject({ code: 1, reason: "no_identity" });
    await expect(run(asked)).rejects.toThrow(
      "must know by which processor, name one with --processor: cri_attributes, k8s_attributes/x",
    );
    await expect(run([...asked, "--processor", "batch"])).rejects.toThrow("--processor must be one of cri_attributes");
  });

  test("says that no runtime answers, with what to try, and ends with 1", async () => {
    const told = await tell([web, "-r", "unix:///nowhere/there.sock"]);
    expect(told).toMatchObject({ code: 1, isFound: false, reason: "runtime_down" });
    expect(told.why).toContain("/nowhere/there.sock");
  });

  test("sends whoever gives a name to the list of IDs", async () => {
    const server = await lendRuntime({ pods });
    const { code, out } = await run(["web", "-r", server.endpoint]);
    expect([code, out]).toEqual([1, expect.stringMatching(/^see +podstamp ps -a, which lists IDs and names$/m)]);
  });

  test("sends whoever names nobody to what does", async () => {
    const server = await lendRuntime({ pods });
    const asked = ["--resource", "k8s.pod.name=web-1", "--resource", "k8s.namespace.name=shop"];
    const { code, out } = await run([...asked, "-r", server.endpoint]);
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^see +docs\/association\.md: container\.id, k8s\.pod\.uid, /m),
    ]);
    expect(out).toMatch(/k8s\.pod\.name\s+by pod_association alone$/m);
    const sources = ["k8s.namespace.name", "k8s.pod.name"].map((name) => ({ from: "resource_attribute", name }));
    const settings = { runtimes: [{ type: "cri", endpoint: server.endpoint }], pod_association: [{ sources }] };
    const config = configWith({ cri_attributes: settings });
    expect(await run([...asked, "--config", config])).toMatchObject({ code: 0 });
    expect((await run(["--resource", "k8s.pod.name=web-1", "--config", config])).out).not.toMatch(/^see/m);
  });

  test("is readable at 80 columns, and no name steers the terminal", async () => {
    const server = await lendRuntime({ pods });
    const extract = { labels: [{ key_regex: "(evil)", tag_name: "$1\u001b[2J" }] };
    const file = configWith({ cri_attributes: { runtimes: [{ type: "cri", endpoint: server.endpoint }], extract } });
    const { out } = await run([web, "--config", file], { columns: 80 });
    expect(out).toMatch(/^asked {4}container\.id=/);
    expect(out).toContain("rule     podstamp's own order: by the container's ID\n");
    expect(out).toContain("pod      shop/web-1\n");
    expect(out).toContain("k8s.pod.name\n  web-1\n    from ListPodSandbox metadata.name\n");
    expect(out).toContain("absent: the pod's labels do not tell it\n  k8s.deployment.name, k8s.replicaset.name, ");
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    for (const format of ["table", "json", "yaml"]) {
      const { out: text } = await run([web, "--config", file, "-o", format]);
      expect(text).not.toMatch(steering);
    }
    const { out: yaml } = await run([web, "--config", file, "-o", "yaml"]);
    expect((parse(yaml) as LookupAnswer).attributes.find(({ name }) => name.startsWith("evil"))?.value).toBe(
      "\u001b[31m\u202e",
    );
  });

  test.each([
    [[], /Cannot look up nothing/],
    [["--resource", "novalue"], /must be KEY=VALUE/],
    [["x", "--resource", "a=b"], /at once: must be one of them/],
    [["--connection-ip", "here"], /must be an IP address/],
    [["ip:10.0.0.300"], /"10\.0\.0\.300": must be an IP address behind ip:/],
    [["pid:init"], /"init": must be a process's number behind pid:/],
    [["no such \u001b thing"], /must be an ID, a cgroup, a PID, an address or a pod's uid/],
  ])("refuses %j", async (argv, message) => {
    await expect(run(argv)).rejects.toThrow(message);
    await expect(run(argv)).rejects.toBeInstanceOf(UsageError);
  });

  test("refuses a configuration that is wrong, or has no such processor", async () => {
    await expect(run([web, "--config", configWith({ cri_attributes: { wait: "soon" } })])).rejects.toThrow(
      "The configuration is not valid",
    );
    const other = run([web, "--config", configWith({ batch: {} })]);
    await expect(other).rejects.toThrow("no processor that a pipeline uses is cri_attributes or k8s_attributes");
    await expect(other).rejects.toBeInstanceOf(CommandError);
  });
});
