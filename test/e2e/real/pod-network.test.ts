import { afterAll, beforeAll, expect, test } from "vitest";
import { startContainerd } from "../../support/runtimes/containerd.ts";
import { eventually } from "../../support/eventually.ts";
import type { Pod } from "../../support/node/kubelet.ts";
import { lendSender, lendSink } from "../../support/lend.ts";
import { layPodNetwork, podNetwork, rememberForwarding, whyNoPodNetwork } from "../../support/node/pod-network.ts";
import { startPodstamp } from "../../support/agent/podstamp.ts";
import { freePort } from "../../support/net/ports.ts";
import { realNode } from "../../support/node/real-node.ts";
import type { Received, Sink } from "../../support/otlp/sink.ts";

const [, host6] = podNetwork.host;
const [host4] = podNetwork.host;
const [pod4, pod6] = podNetwork.pod;
let image = "";
let restore = () => {};

beforeAll(() => {
  restore = rememberForwarding();
});
afterAll(() => restore());

const node = realNode(
  async ({ push, kubelet }) => {
    const pushed = await push("shop/web", "1.0", "image");
    image = `${pushed.repository}:${pushed.tag}`;
    await kubelet.pull(image);
  },
  {
    start: (options) => {
      layPodNetwork(options.folder);
      return startContainerd(options);
    },
    why: whyNoPodNetwork(),
  },
);

/** podstamp with doors on all addresses of the machine. */
async function givenAgent(sink: Sink): Promise<{ readonly grpc: string; readonly httpPort: number }> {
  const [grpcPort, httpPort] = [await freePort(), await freePort()];
  const agent = await startPodstamp({
    config: `receivers:
  otlp:
    protocols: {grpc: {endpoint: "127.0.0.1:${grpcPort}"}, http: {endpoint: "[::]:${httpPort}"}}
processors:
  cri_attributes: {runtimes: [{endpoint: "${node().containerd.endpoint}"}], wait: 5s}
exporters:
  otlp_grpc: {endpoint: "${sink.address}", tls: {insecure: true}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], processors: [cri_attributes], exporters: [otlp_grpc]}
`,
  });
  agents.push(agent.stop);
  return { grpc: `127.0.0.1:${grpcPort}`, httpPort };
}

const agents: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of agents) await stop();
});

/** Runs a pod whose container sends one span of each name to its URL, over and over until it was taken; "as SDKs do" and "as Ruby does" with what they say of their process. */
async function runSender(name: string, urls: Readonly<Record<string, string>>): Promise<Pod> {
  const { kubelet } = node();
  const pod = await kubelet.runPod({ name, namespace: "shop", hasNetwork: true });
  const sends = Object.entries(urls).map(([span, url]) => {
    const spans = `[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"${span}","kind":2}]`;
    const hostName = `{"key":"host.name","value":{"stringValue":"${name}"}}`;
    const pid = `{"key":"process.pid","value":{"intValue":1}}`;
    const said: Readonly<Record<string, string>> = { "as SDKs do": `${hostName},${pid}`, "as Ruby does": pid };
    const attributes = `[${said[span] ?? ""}]`;
    const agent = span === "as Ruby does" ? "-U OTel-OTLP-Exporter-Ruby/0.31.0" : "";
    const body = `{"resourceSpans":[{"resource":{"attributes":${attributes}},"scopeSpans":[{"spans":${spans}}]}]}`;
    const post = `/bin/busybox wget -q -O /dev/null ${agent} --header 'Content-Type: application/json' --post-data '${body}' ${url}`;
    return `until ${post}; do /bin/sleep 0.2; done`;
  });
  await kubelet.run(pod, { name: "web", image, command: ["/bin/sh", "-c", `${sends.join("; ")}; /bin/sleep 1000`] });
  return pod;
}

const named = (name: string) => (record: Received) => record.name === name;

test("a pod with addresses of its own is known by them: by its connection and by k8s.pod.ip, in both versions", async () => {
  const sink = await lendSink();
  const { grpc, httpPort } = await givenAgent(sink);
  const pod = await runSender("dual-1", {
    "by-4": `http://${host4}:${httpPort}/v1/traces`,
    "by-6": `http://[${host6}]:${httpPort}/v1/traces`,
    "as SDKs do": `http://${host4}:${httpPort}/v1/traces`,
    "as Ruby does": `http://${host4}:${httpPort}/v1/traces`,
  });
  for (const name of ["by-4", "by-6", "as SDKs do", "as Ruby does"]) {
    const { resource } = await sink.waitFor(named(name), `the span ${name}`, 30_000);
    expect(resource).toMatchObject({ "k8s.pod.name": "dual-1", "k8s.pod.uid": pod.uid });
  }
  const sender = lendSender(grpc);
  for (const ip of [pod4, pod6]) {
    await sender.traces([{ resource: { "k8s.pod.ip": ip }, records: [{ name: ip }] }]);
    const { resource } = await sink.waitFor(named(ip), `the span of ${ip}`);
    expect(resource).toMatchObject({ "k8s.pod.name": "dual-1", "k8s.pod.ip": ip });
  }
  await sender.traces([
    { resource: { "k8s.pod.ip": pod4, "container.id": "f".repeat(64) }, records: [{ name: "both" }] },
  ]);
  const both = await sink.waitFor(named("both"), "the span that names an unknown container and a known address");
  expect(both.resource).toMatchObject({ "k8s.pod.name": "dual-1" });
  await node().kubelet.removePod(pod.id);
});

test("an address that went from pod to pod always leads to the one that has it", { timeout: 120_000 }, async () => {
  const sink = await lendSink();
  const { grpc, httpPort } = await givenAgent(sink);
  const sender = lendSender(grpc);
  for (let turn = 0; turn < 4; turn++) {
    const pod = await runSender(`turn-${turn}`, { [`turn-${turn}`]: `http://${host4}:${httpPort}/v1/traces` });
    const { resource } = await sink.waitFor(named(`turn-${turn}`), "the span of the pod", 30_000);
    expect(resource).toMatchObject({ "k8s.pod.name": `turn-${turn}`, "k8s.pod.uid": pod.uid });
    await node().kubelet.removePod(pod.id);
    // Nobody has it now, or the next one: it is never the one that is gone.
    await eventually(async () => !(await isKnown(sender, sink, `left-${turn}`)), {
      what: "that nobody has it",
      everyMs: 50,
    });
  }
});

let count = 0;

async function isKnown(sender: ReturnType<typeof lendSender>, sink: Sink, prefix: string): Promise<boolean> {
  const name = `${prefix}-${count++}`;
  await sender.traces([{ resource: { "k8s.pod.ip": pod4 }, records: [{ name }] }]);
  const { resource } = await sink.waitFor(named(name), "the span by address");
  return resource["k8s.pod.name"] !== undefined;
}
