import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { whyNotBuilt } from "../support/built.ts";
import { connected, told } from "../support/connected.ts";
import { startContainerd } from "../support/containerd.ts";
import { setUpProbes } from "../support/ebpf/set-up.ts";
import { eventually } from "../support/eventually.ts";
import { importOwnImage } from "../support/kubernetes/own-image.ts";
import { staticPodOf } from "../support/kubernetes/static-pod.ts";
import { renderVariant, type Variant } from "../support/kubernetes/variants.ts";
import { lendSender } from "../support/lend.ts";
import { whyNoContainers, whyNotInstalling } from "../support/machine.ts";
import { shareFolder } from "../support/mounts.ts";
import { layPodNetwork, podNetwork, rememberForwarding, whyNoPodNetwork } from "../support/pod-network.ts";
import { freePort } from "../support/ports.ts";
import { startProcess } from "../support/processes.ts";
import { type Manifest, type PodStatus, type RealKubelet, startKubelet } from "../support/real-kubelet.ts";
import { realNode } from "../support/real-node.ts";
import { type Sink, startSink } from "../support/sink.ts";

const why =
  whyNotBuilt("kubelet", "containerd-2.3") ?? whyNoContainers("podman") ?? whyNotInstalling() ?? whyNoPodNetwork();
const timeoutMs = 60_000;
const slow = { timeout: 180_000 };
/** By which pods with a network of their own reach this machine, and the one that such a pod has. */
const [host] = podNetwork.host;
const [address] = podNetwork.pod;

let kubelet: RealKubelet | undefined;
let sink: Sink | undefined;
let restore = () => {};
let podstamp: Manifest | undefined;
let image = "";
let whyNoProbes: string | undefined;

const node = realNode(
  async (started) => {
    const { repository, tag } = await started.push("shop/web", "1.2", "image");
    await started.kubelet.pull(`${repository}:${tag}`);
    image = `${repository}:${tag}`;
    sink = await startSink(0, "0.0.0.0");
    restore = rememberForwarding();
    kubelet = await startKubelet(started);
  },
  {
    start: (options) => {
      layPodNetwork(options.folder);
      shareFolder(`${options.folder}/containerd`);
      return startContainerd(options, "containerd-2.3");
    },
    why,
  },
);

beforeAll(async () => {
  if (kubelet === undefined) return;
  const { folder, containerd } = node();
  whyNoProbes = setUpProbes(() => {});
  await importOwnImage({ withProbes: whyNoProbes === undefined, folder, socket: containerd.socket });
}, 300_000);
afterAll(async () => {
  await kubelet?.stop();
  await sink?.stop();
  restore();
});

function given(): { readonly kubelet: RealKubelet; readonly sink: Sink } {
  if (kubelet === undefined || sink === undefined)
    throw new Error("Cannot test: kubelet and sink must be started first");
  return { kubelet, sink };
}

/** The pod of the DaemonSet, with the runtime's folder and the backend of this test. */
function place(variant: Variant): Manifest {
  const pod = staticPodOf(renderVariant(variant), {
    name: "podstamp",
    registry: "localhost",
    runtimeFolder: dirname(node().containerd.socket),
    folder: `${node().folder}/config-maps`,
    variables: { OTLP_ENDPOINT: `${host}:${given().sink.port}`, OTLP_INSECURE: "true" },
  });
  given().kubelet.placeAsIs(pod);
  return pod;
}

/** A pod on the host's network that says by attributes who it is, as docs/kubernetes.md has it. */
function placeShop(name: string, script: string): void {
  const env = [{ name: "POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } }];
  const container = { name: "main", image, imagePullPolicy: "Never", env, command: ["/bin/sh", "-c", script] };
  const spec = { hostNetwork: true, terminationGracePeriodSeconds: 1, containers: [container] };
  given().kubelet.placeAsIs({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop" }, spec } as Manifest);
}

type Status = NonNullable<PodStatus["status"]["containerStatuses"]>[number];

async function statusOf(
  name: string,
  fits: (status: Status) => boolean,
  what: string,
): Promise<Status & { id: string }> {
  let last: unknown;
  const found = await eventually(
    async () => {
      const pod = (await given().kubelet.pods()).find(
        (each) => each.metadata.name === `${name}-${given().kubelet.nodeName}`,
      );
      last = pod?.status;
      return pod?.status.containerStatuses?.find((each) => each.containerID !== undefined && fits(each));
    },
    { what: `that ${name} is ${what}`, timeoutMs, everyMs: 200 },
  ).catch((cause: unknown) => {
    throw new Error(`${JSON.stringify(last)}\n${given().kubelet.log().slice(-3000)}`, { cause });
  });
  return { ...found, id: found.containerID?.replace("containerd://", "") ?? "" };
}

async function processOf(id: string): Promise<number> {
  const place = { type: "containerd", endpoint: node().containerd.endpoint } as const;
  return connected(place, async (runtime) => (await told(runtime, id)).details.pid ?? 0);
}

/** What the kernel says of a process, by key. */
function inProc(pid: number): Readonly<Record<string, string>> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").split("\n");
  return Object.fromEntries(lines.map((line) => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1).trim()]));
}

/** As `kubectl exec` does; what it wrote, however it ended. */
async function exec(id: string, ...command: readonly string[]): Promise<string> {
  const { socket } = node().containerd;
  const args = ["-a", socket, "-n", "k8s.io", "task", "exec", "--exec-id", `exec-${count++}`, id, ...command];
  const running = await startProcess({ name: "ctr", command: "ctr", args });
  await running.exited;
  return running.stdout();
}
let count = 0;

test(
  "the DaemonSet's pod becomes ready as it stands: an ordinary user who may write nowhere, without a capability",
  slow,
  async () => {
    podstamp = place({ overlay: "containerd", components: [] });
    const { id, restartCount } = await statusOf("podstamp", ({ ready }) => ready, "ready");
    expect(restartCount).toBe(0);
    const pid = await processOf(id);
    expect(inProc(pid)).toMatchObject({
      Uid: "65532\t65532\t65532\t65532",
      Gid: "65532\t65532\t65532\t65532",
      CapEff: "0000000000000000",
      CapBnd: "0000000000000000",
      NoNewPrivs: "1",
      Seccomp: "2",
    });
    const mounts = readFileSync(`/proc/${pid}/mountinfo`, "utf8")
      .split("\n")
      .map((line) => line.split(" "));
    const at = (path: string) => mounts.find(([, , , , point]) => point === path);
    for (const path of ["/", "/run/containerd", "/etc/podstamp"]) expect(at(path)?.[5], path).toMatch(/^ro,/);
    // What the host unmounts is unmounted here.
    expect(at("/run/containerd")?.[6]).toMatch(/^master:/);
  },
);

test("spans of another pod leave with its name and the node's", slow, async () => {
  const attributes = (name: string, value: string) => `{"key":"${name}","value":{"stringValue":"${value}"}}`;
  const resource = `[${attributes("k8s.pod.uid", "'$POD_UID'")},${attributes("k8s.container.name", "main")}]`;
  const spans = '[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"bought","kind":2}]';
  const body = `{"resourceSpans":[{"resource":{"attributes":${resource}},"scopeSpans":[{"spans":${spans}}]}]}`;
  const post = `/bin/busybox wget -q -O /dev/null --header 'Content-Type: application/json' --post-data '${body}' http://${address}:4318/v1/traces`;
  placeShop("web", `until ${post}; do sleep 0.2; done; sleep 1000000`);
  const { resource: stamped } = await given().sink.waitFor(
    ({ name }) => name === "bought",
    "the pod's span",
    timeoutMs,
  );
  expect(stamped).toMatchObject({
    "k8s.namespace.name": "shop",
    "k8s.pod.name": "web-node-a",
    "k8s.container.name": "main",
    "k8s.node.name": "node-a",
    "container.image.name": image.replace(/:1\.2$/, ""),
  });
});

test("a containerd that starts again is found on its new socket, without a new pod", slow, async () => {
  const before = await statusOf("podstamp", ({ ready }) => ready, "ready");
  const up = async () => {
    const text = await (await fetch(`http://${address}:8888/metrics`)).text();
    return /^podstamp_runtime_up\{[^}]*\} (\d)/m.exec(text)?.[1];
  };
  expect(await up()).toBe("1");
  await node().containerd.kill();
  await eventually(async () => (await up()) === "0", { what: "that the runtime is down", timeoutMs });
  await node().containerd.start();
  await eventually(async () => (await up()) === "1", { what: "that the runtime is up", timeoutMs });
  placeShop("late", "sleep 1000000");
  const late = await statusOf("late", ({ started }) => started === true, "started");
  await lendSender(`${address}:4317`).spanOf(late.id, "late");
  const { resource } = await given().sink.waitFor(({ name }) => name === "late", "the span", timeoutMs);
  expect(resource).toMatchObject({ "k8s.pod.name": "late-node-a" });
  const after = await statusOf("podstamp", ({ ready }) => ready, "ready");
  expect([after.id, after.restartCount]).toEqual([before.id, 0]);
});

test(
  "the doctor in the pod finds what is wrong and nothing else, and the podstamp that runs there takes orders",
  slow,
  async () => {
    const { id } = await statusOf("podstamp", ({ ready }) => ready, "ready");
    const { findings } = JSON.parse(await exec(id, "podstamp", "doctor", "-o", "json")) as {
      readonly findings: readonly { readonly status: string; readonly check: string; readonly text: string }[];
    };
    // This backend takes no metrics, as Jaeger and Tempo do not.
    expect(findings.filter(({ status }) => status === "problem").map(({ text }) => text)).toEqual([
      expect.stringMatching(/otlp_grpc: metrics: .*not implement/),
    ]);
    expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual(
      expect.arrayContaining(["socket ok", "runtime ok", "node name ok"]),
    );
    expect(await exec(id, "podstamp", "reload")).toMatch(/^The new configuration runs/);
  },
);

test(
  "with the probes a pod that nobody instrumented is seen, and only the loader has capabilities",
  slow,
  async ({ skip }) => {
    if (whyNoProbes !== undefined) return skip(whyNoProbes);
    // There is one address for both.
    if (podstamp !== undefined) given().kubelet.remove(podstamp);
    await eventually(
      async () => !(await given().kubelet.pods()).some(({ metadata }) => metadata.name === "podstamp-node-a"),
      {
        what: "the end of the pod",
        timeoutMs,
      },
    );
    place({ overlay: "containerd", components: ["ebpf"] });
    const { id } = await statusOf("podstamp", ({ ready }) => ready, "ready");
    const pid = await processOf(id);
    const loader = await eventually(
      () => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim()) || undefined,
      {
        what: "the loader",
      },
    );
    const both = "000000c000000000";
    expect(inProc(pid)).toMatchObject({ Uid: "65532\t65532\t65532\t65532", CapEff: "0000000000000000", CapBnd: both });
    await eventually(() => inProc(loader)["CapEff"] === both, { what: "the loader's two capabilities" });

    const port = await freePort();
    placeShop("server", `/bin/busybox httpd -f -p 127.0.0.1:${port} -h /bin`);
    placeShop(
      "client",
      `while true; do /bin/busybox wget -q -O /dev/null http://127.0.0.1:${port}/true; sleep 0.5; done`,
    );
    for (const name of ["server", "client"])
      await given().sink.waitFor(
        ({ resource }) => resource["k8s.pod.name"] === `${name}-node-a` && resource["k8s.node.name"] === "node-a",
        `a span of the ${name}`,
        timeoutMs,
      );
  },
);
