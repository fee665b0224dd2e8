import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setUpProbes } from "../../support/ebpf/set-up.ts";
import { eventually } from "../../support/eventually.ts";
import { type DaemonNode, daemonNode, nodeKinds, whyNoDaemonNode } from "../../support/kubernetes/daemon-node.ts";
import { buildOwnImage, type OwnImage } from "../../support/kubernetes/own-image.ts";
import { lendSender } from "../../support/lend.ts";
import { freePort } from "../../support/net/ports.ts";
import { startProcess } from "../../support/machine/processes.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

const timeoutMs = 60_000;
const slow = { timeout: 180_000 };
const canRun = nodeKinds.some((kind) => whyNoDaemonNode(kind) === undefined);
const workspace = canRun ? createWorkspace() : "";
let image: OwnImage | undefined;
let whyNoProbes: string | undefined;

beforeAll(async () => {
  if (!canRun) return;
  whyNoProbes = setUpProbes(() => {});
  image = await buildOwnImage(workspace, { withProbes: whyNoProbes === undefined });
}, 300_000);
afterAll(() => (canRun ? wipe(workspace) : undefined));

function givenImage(): OwnImage {
  if (image === undefined) throw new Error("Cannot test: the image must be built first");
  return image;
}

/** What the kernel says of a process, by key. */
function inProc(pid: number): Readonly<Record<string, string>> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").split("\n");
  return Object.fromEntries(lines.map((line) => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1).trim()]));
}

const isReady = ({ ready }: { readonly ready: boolean }) => ready;
const none = "0000000000000000";
const ordinary = { Uid: "65532\t65532\t65532\t65532", Gid: "65532\t65532\t65532\t65532" };

describe.each(nodeKinds)("the DaemonSet's pod on $type under a real kubelet", (kind) => {
  const node = daemonNode(kind, givenImage);

  test("becomes ready as it stands: an ordinary user who may write nowhere, without a capability", slow, async () => {
    await node.placePodstamp("podstamp", []);
    const { id, restartCount } = await node.statusOf("podstamp", isReady, "ready");
    expect(restartCount).toBe(0);
    const pid = await node.processOf(id);
    expect(inProc(pid)).toMatchObject({
      ...ordinary,
      CapEff: none,
      CapBnd: none,
      NoNewPrivs: "1",
      Seccomp: kind.seccomp,
    });
    const mounts = readFileSync(`/proc/${pid}/mountinfo`, "utf8")
      .split("\n")
      .map((line) => line.split(" "));
    const at = (path: string) => mounts.find(([, , , , point]) => point === path);
    const runtime = `/run/${kind.home}`;
    for (const path of ["/", runtime, "/etc/podstamp"]) expect(at(path)?.[5], path).toMatch(/^ro,/);
    // What the host unmounts is unmounted here.
    expect(at(runtime)?.[6]).toMatch(/^master:/);
  });

  test("sends another pod's spans on with its name and the node's", slow, async () => {
    const attributes = (name: string, value: string) => `{"key":"${name}","value":{"stringValue":"${value}"}}`;
    const resource = `[${attributes("k8s.pod.uid", "'$POD_UID'")},${attributes("k8s.container.name", "main")}]`;
    const spans =
      '[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"bought","kind":2}]';
    const body = `{"resourceSpans":[{"resource":{"attributes":${resource}},"scopeSpans":[{"spans":${spans}}]}]}`;
    const post = `/bin/busybox wget -q -O /dev/null --header 'Content-Type: application/json' --post-data '${body}' http://${node.address}:4318/v1/traces`;
    node.placeShop("web", `until ${post}; do sleep 0.2; done; sleep 1000000`);
    const { resource: stamped } = await node
      .sink()
      .waitFor(({ name }) => name === "bought", "the pod's span", timeoutMs);
    expect(stamped).toMatchObject({
      "k8s.namespace.name": "shop",
      "k8s.pod.name": "web-node-a",
      "k8s.container.name": "main",
      "k8s.node.name": "node-a",
      "container.image.name": node.repository(),
    });
  });

  test("finds a runtime that starts again on its new socket, and stays the same pod", slow, async () => {
    const before = await node.statusOf("podstamp", isReady, "ready");
    expect(await upOf(node)).toBe("1");
    await node.daemon().kill();
    await eventually(async () => (await upOf(node)) === "0", { what: "that the runtime is down", timeoutMs });
    await node.daemon().start();
    await eventually(async () => (await upOf(node)) === "1", { what: "that the runtime is up", timeoutMs });
    node.placeShop("late", "sleep 1000000");
    const late = await node.statusOf("late", ({ started }) => started === true, "started");
    await lendSender(`${node.address}:4317`).spanOf(late.id, "late");
    const { resource } = await node.sink().waitFor(({ name }) => name === "late", "the span", timeoutMs);
    expect(resource).toMatchObject({ "k8s.pod.name": "late-node-a" });
    const after = await node.statusOf("podstamp", isReady, "ready");
    expect([after.id, after.restartCount]).toEqual([before.id, 0]);
  });

  if (kind.type === "containerd") describe("in the pod", () => testInThePod(node));
});

async function upOf({ address }: DaemonNode): Promise<string | undefined> {
  const text = await (await fetch(`http://${address}:8888/metrics`)).text();
  return /^podstamp_runtime_up\{[^}]*\} (\d)/m.exec(text)?.[1];
}

/** What one runtime's pods have to show. */
function testInThePod(node: DaemonNode): void {
  test("the doctor finds what is wrong and nothing else, and the podstamp that runs takes orders", slow, async () => {
    const { id } = await node.statusOf("podstamp", isReady, "ready");
    const { findings } = JSON.parse(await exec(node, id, "podstamp", "doctor", "-o", "json")) as {
      readonly findings: readonly { readonly status: string; readonly check: string; readonly text: string }[];
    };
    // This backend takes no metrics, as Jaeger and Tempo do not.
    expect(findings.filter(({ status }) => status === "problem").map(({ text }) => text)).toEqual([
      expect.stringMatching(/otlp_grpc: metrics: .*not implement/),
    ]);
    expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual(
      expect.arrayContaining(["socket ok", "runtime ok", "node name ok"]),
    );
    expect(await exec(node, id, "podstamp", "reload")).toMatch(/^The new configuration runs/);
  });

  test(
    "with the queue on the node's disk a pod takes what comes until it goes, and leaves to the next one what the backend had not taken",
    slow,
    async () => {
      await node.placePodstamp("queueing", ["queue"]);
      const { id } = await node.statusOf("queueing", isReady, "ready");
      expect(inProc(await node.processOf(id))).toMatchObject({ Uid: "0\t0\t0\t0", CapEff: none, CapBnd: none });
      await node.sink().fail({ code: 14 });
      const sender = lendSender(`${node.address}:4317`);
      const names = Array.from({ length: 15 }, (_, at) => `kept ${at}`);
      const following = node.placePodstamp("following", ["queue"]);
      // The kubelet sees within a second that the pod shall go; the Service would send to it for a while yet.
      for (const name of names) {
        await sender.spanOf(id, name);
        await sleep(200);
      }
      await following;
      await node.statusOf("following", isReady, "ready");
      await node.sink().heal();
      for (const name of names) {
        const { resource } = await node.sink().waitFor((record) => record.name === name, name, timeoutMs);
        expect(resource).toMatchObject({ "k8s.pod.name": "queueing-node-a" });
      }
    },
  );

  test("the probes see who is not instrumented, and only their loader has capabilities", slow, async ({ skip }) => {
    if (whyNoProbes !== undefined) return skip(whyNoProbes);
    await node.placePodstamp("seeing", ["ebpf"]);
    const { id } = await node.statusOf("seeing", isReady, "ready");
    const pid = await node.processOf(id);
    const children = () => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
    const loader = await eventually(() => children() || undefined, { what: "the loader" });
    const both = "000000c000000000";
    expect(inProc(pid)).toMatchObject({ ...ordinary, CapEff: none, CapBnd: both });
    await eventually(() => inProc(loader)["CapEff"] === both, { what: "the loader's two capabilities" });

    const port = await freePort();
    node.placeShop("server", `/bin/busybox httpd -f -p 127.0.0.1:${port} -h /bin`);
    node.placeShop(
      "client",
      `while true; do /bin/busybox wget -q -O /dev/null http://127.0.0.1:${port}/true; sleep 0.5; done`,
    );
    for (const name of ["server", "client"])
      await node
        .sink()
        .waitFor(
          ({ resource }) => resource["k8s.pod.name"] === `${name}-node-a` && resource["k8s.node.name"] === "node-a",
          `a span of the ${name}`,
          timeoutMs,
        );
  });
}

/** As `kubectl exec` does; what it wrote, however it ended. */
async function exec(node: DaemonNode, id: string, ...command: readonly string[]): Promise<string> {
  const args = [
    "-a",
    node.daemon().socket,
    "-n",
    "k8s.io",
    "task",
    "exec",
    "--exec-id",
    `exec-${count++}`,
    id,
    ...command,
  ];
  const running = await startProcess({ name: "ctr", command: "ctr", args });
  await running.exited;
  return running.stdout();
}
let count = 0;
