import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, onTestFinished, test } from "vitest";
import { newId } from "../../support/cri/answers.ts";
import { type CriServer, startCriServer } from "../../support/cri/server.ts";
import { loaderPath, root, whyNoProbes } from "../../support/ebpf/set-up.ts";
import { eventually } from "../../support/eventually.ts";
import { lendSink } from "../../support/lend.ts";
import { bootMachine, type BootedMachine, whyNoMachine } from "../../support/machine/booted.ts";
import { startProcess } from "../../support/machine/processes.ts";
import type { Sink } from "../../support/otlp/sink.ts";

const why = whyNoMachine();
const container = newId();
const docs = readFileSync(join(root, "docs/install.md"), "utf8");
/** What docs/install.md has typed where the bundle was built, and then where the configuration was written: a reload right after the start, too. */
const [installs = "", starts = ""] = [
  /install -m 755 \S+ \S+/,
  /^install -D -m 644 podstamp\.yaml[^`]*^systemctl reload podstamp /m,
].map((part) => part.exec(docs)?.[0] ?? "");

const configuration = (stage: string, receivers = "") => `receivers:
  otlp: {protocols: {grpc: , http: }}
${receivers}processors:
  cri_attributes:
  resource: {attributes: [{key: stage, value: ${stage}, action: insert}]}
extensions:
  file_storage: {directory: /var/lib/podstamp/queues, create_directory: true}
exporters:
  otlp_grpc: {endpoint: "\${env:OTLP_ENDPOINT}", tls: {insecure: true}, sending_queue: {storage: file_storage}}
service:
  extensions: [file_storage]
  pipelines:
    traces: {receivers: [otlp${receivers === "" ? "" : ", ebpf"}], processors: [cri_attributes, resource], exporters: [otlp_grpc]}
`;

let machine: BootedMachine;
let runtime: CriServer;

beforeEach(({ skip }) => skip(why !== undefined, why));

beforeAll(async () => {
  if (why !== undefined) return;
  machine = await bootMachine();
  const { given } = machine;
  const args = [join(root, "scripts/build.ts"), "--one-file", join(given, "build/podstamp.mjs")];
  const build = await startProcess({ name: "the build", command: process.execPath, args });
  expect({ ...(await build.exited), output: build.output() }).toMatchObject({ code: 0, output: "" });
  cpSync(join(root, "config/systemd"), join(given, "config/systemd"), { recursive: true });
  const pods = [{ name: "checkout-1", namespace: "pay", containers: [{ id: container, name: "checkout" }] }];
  runtime = await startCriServer({ pods, socket: join(given, "containerd.sock") });
  // To root alone, as containerd makes it.
  chmodSync(join(given, "containerd.sock"), 0o660);
  await machine.run(
    "sh",
    "-ec",
    `mkdir /run/containerd; ln -s /mnt/containerd.sock /run/containerd; cd /mnt; ${installs}`,
  );
});

afterAll(async () => {
  await runtime?.close();
  await machine?.stop();
});

const systemctl = (...args: readonly string[]) => machine.run("systemctl", ...args);
const property = async (name: string) => (await systemctl("show", "--property", name, "--value", "podstamp")).trim();
const journal = () => machine.run("journalctl", "--no-pager", "--output", "cat", "--unit", "podstamp");

/** A sink in the machine's network, which the unit's environment names. */
async function givenSink(): Promise<Sink> {
  const sink = await lendSink(0, "127.0.0.1", machine.network);
  writeFileSync(join(machine.given, "environment"), `OTLP_ENDPOINT=${sink.address}\n`);
  await machine.run("install", "-D", "-m", "600", "/mnt/environment", "/etc/podstamp/environment");
  return sink;
}

/** Types what the guide says, with one of the drop-ins when it is named. */
async function install(config: string, dropIn?: string): Promise<void> {
  onTestFailed(async () => console.log(await journal()));
  writeFileSync(join(machine.given, "podstamp.yaml"), config);
  const unit = "/etc/systemd/system/podstamp.service";
  const before = dropIn === undefined ? "" : `install -D -m 644 -t ${unit}.d config/systemd/${dropIn}`;
  await machine.run("sh", "-ec", `cd /mnt\nrm -rf ${unit}.d\n${before}\n${starts}`);
  onTestFinished(async () => {
    await systemctl("stop", "podstamp");
    // Else so many starts would be too many.
    await systemctl("reset-failed", "podstamp").catch(() => {});
  });
}

/** Sends a span of the container to the machine's own loopback and waits until it comes out stamped. */
async function works(sink: Sink, name: string): Promise<Readonly<Record<string, unknown>>> {
  const resource = { attributes: [{ key: "container.id", value: { stringValue: container } }] };
  const span = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", name, kind: 2 };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  const request = `{ method: "POST", headers: { "content-type": "application/json" }, body: process.argv[1] }`;
  const send = `const { status } = await fetch("http://127.0.0.1:4318/v1/traces", ${request}); process.exit(status === 200 ? 0 : 1)`;
  await eventually(() => machine.run("node", "--input-type=module", "--eval", send, body), {
    what: "that podstamp takes a span",
    everyMs: 200,
  });
  const received = await sink.waitFor((record) => record.name === name, "the span");
  expect(received.resource).toMatchObject({ "k8s.namespace.name": "pay", "k8s.pod.name": "checkout-1" });
  return received.resource;
}

/** Of the unit's process: its user, what it may and what it is kept from. */
async function confinement(): Promise<Readonly<Record<string, string>>> {
  const status = await machine.run("cat", `/proc/${await property("MainPID")}/status`);
  return Object.fromEntries(
    status.split("\n").flatMap((line) => {
      const [, key = "", value = ""] = /^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):\s+(\S+)/.exec(line) ?? [];
      return key === "" ? [] : [[key, value]];
    }),
  );
}

const none = "0000000000000000";

describe("under a real systemd, installed as docs/install.md says", () => {
  test("the unit starts in its sandbox and stamps, reload takes a changed file and refuses a wrong one, stop ends it well", async () => {
    const sink = await givenSink();
    await install(configuration("first"));
    expect(await works(sink, "first")).toMatchObject({ stage: "first" });
    expect(await confinement()).toEqual({ Uid: "0", CapEff: none, CapBnd: none, NoNewPrivs: "1", Seccomp: "2" });
    expect(await machine.run("podstamp", "ps", "-q")).toContain(container.slice(0, 12));

    const file = "/etc/podstamp/podstamp.yaml";
    const pid = await property("MainPID");
    await machine.run("sed", "-i", "s/value: first/value: second/", file);
    await systemctl("reload", "podstamp");
    expect(await works(sink, "second")).toMatchObject({ stage: "second" });
    await machine.run("sed", "-i", "s/^exporters:/nothing:/", file);
    await expect(systemctl("reload", "podstamp")).rejects.toThrow(/Job for podstamp\.service failed/);
    expect(await journal()).toMatch(/The new configuration is not valid, the old one runs on/);
    expect(await works(sink, "third")).toMatchObject({ stage: "second" });
    expect(await property("MainPID")).toBe(pid);

    await systemctl("stop", "podstamp");
    const ended = await Promise.all(["ActiveState", "Result", "ExecMainStatus"].map(property));
    expect(ended).toEqual(["inactive", "success", "0"]);
  });

  test("with user.conf it is a user of its own, and a queue that root wrote is that user's", async () => {
    const sink = await givenSink();
    await install(configuration("as-root"));
    await works(sink, "as-root");
    await systemctl("stop", "podstamp");

    await machine.run(
      "sh",
      "-ec",
      "getent group docker || groupadd --system docker; chgrp docker /mnt/containerd.sock",
    );
    onTestFinished(async () => {
      await machine.run("chgrp", "root", "/mnt/containerd.sock");
    });
    await install(configuration("as-user"), "user.conf");
    expect(await works(sink, "as-user")).toMatchObject({ stage: "as-user" });
    const { Uid, ...rest } = await confinement();
    expect(Number(Uid)).toBeGreaterThan(0);
    expect(rest).toEqual({ CapEff: none, CapBnd: none, NoNewPrivs: "1", Seccomp: "2" });
    await systemctl("reload", "podstamp");
    await systemctl("stop", "podstamp");
    expect(await property("Result")).toBe("success");
  });

  test("with ebpf.conf the probes load, http too, and what they see is sent", async ({ skip }) => {
    const whyNot = whyNoProbes();
    skip(whyNot !== undefined, whyNot);
    const sink = await givenSink();
    mkdirSync(join(machine.given, "bpf/build"), { recursive: true });
    cpSync(loaderPath, join(machine.given, "bpf/build/podstamp-probes"));
    await machine.run("sh", "-ec", "install -D -t /usr/libexec/podstamp /mnt/bpf/build/podstamp-probes");
    await install(configuration("probes", "  ebpf: {probes: {http: {}}}\n"), "ebpf.conf");
    await works(sink, "beside-the-probes");
    const attached = await eventually(async () => /^.*eBPF probes attached.*$/m.exec(await journal())?.[0], {
      what: "that the probes are attached",
      timeoutMs: 20_000,
      everyMs: 200,
    });
    expect(attached).toMatch(/http/);
    await machine.run("sh", "-c", "sleep 0.2; exit 3 # seen by its end").catch(() => {});
    await sink.waitFor(({ name }) => name.startsWith("process "), "a process that the probes saw");
  });
});
