import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { lendWatcher, type Watcher } from "../../support/ebpf/agent.ts";
import { limitMemory, makeGroup } from "../../support/ebpf/groups.ts";
import {
  clientLine,
  clientNames,
  environment,
  hostPrograms,
  nginxConfiguration,
  serverCommand,
  serverNames,
} from "../../support/ebpf/programs.ts";
import { root, setUpProbes, whyNoProbes } from "../../support/ebpf/set-up.ts";
import { eventually } from "../../support/eventually.ts";
import type { ContainerSpec, Pod } from "../../support/node/kubelet.ts";
import { freePort } from "../../support/net/ports.ts";
import { realNode } from "../../support/node/real-node.ts";
import type { Received } from "../../support/otlp/sink.ts";

/* Real containers run programs that nobody instrumented; what the kernel saw of them comes through the whole pipeline. */

const why = whyNoProbes();
beforeEach(({ skip }) => skip(why !== undefined, why));
beforeAll(() => {
  if (why === undefined) setUpProbes((line) => console.log(`Set-up: ${line}`));
}, 120_000);

let image = "";
const node = realNode(async ({ push, kubelet }) => {
  const pushed = await push("shop/any", "1", "image");
  image = `${pushed.repository}:${pushed.tag}`;
  await kubelet.pull(image);
});

const textOf = (value: unknown) => (typeof value === "string" || typeof value === "number" ? `${value}` : "");

let pods = 0;

/** A pod of a namespace of its own, so that the probes watch nobody else on this machine. */
async function lendPod(name: string, namespace: string, more: { uid?: string; labels?: Record<string, string> } = {}) {
  const { kubelet } = node();
  const pod = await kubelet.runPod({ name, namespace, ...more, source: more.uid?.length === 32 ? "file" : "api" });
  onTestFinished(() => kubelet.removePod(pod.id));
  return pod;
}

/** A folder of the host that containers see as /work. */
function lendWork(): string {
  const work = join(node().folder, `work-${pods++}`);
  mkdirSync(work, { recursive: true });
  return work;
}

function run(pod: Pod, work: string, spec: Omit<ContainerSpec, "image" | "mounts" | "environment">): Promise<string> {
  return node().kubelet.run(pod, { ...spec, image, mounts: hostPrograms(work), environment });
}

function watch(namespace: string, settings = "", http = "{}"): Promise<Watcher> {
  const more = settings === "" ? "" : `, ${settings}`;
  const { endpoint } = node().containerd;
  return lendWatcher({ runtime: endpoint, settings: `include: {namespaces: [${namespace}]}${more}`, http });
}

const isServer = ({ span }: Received) => span?.kind === 2;
const pathOf = ({ attributes }: Received) => textOf(attributes["url.path"]);
/** A shell's wait until somebody listens. */
const until = (port: number) => `until /usr/bin/curl -s -o /dev/null http://127.0.0.1:${port}/up; do sleep 0.1; done`;

describe.each(serverNames)("a server of %s", (name) => {
  test("is seen with each client, both with their pods, in one trace", { timeout: 120_000 }, async () => {
    const namespace = `shop-${name}`;
    const work = lendWork();
    const port = await freePort();
    const checkout = await lendPod("checkout-1", namespace, { labels: { "app.kubernetes.io/name": "checkout" } });
    const frontend = await lendPod("frontend-1", namespace);
    const watcher = await watch(namespace);
    const server = await run(checkout, work, { name: "server", command: serverCommand(name, port, work) });
    const lines = clientNames.map((client) => clientLine(client, `http://127.0.0.1:${port}/${client}`));
    const client = await run(frontend, work, {
      name: "client",
      command: ["/bin/sh", "-c", [until(port), ...lines, "sleep 1000"].join("; ")],
    });
    const isOf = (path: string) => (record: Received) => record.attributes["url.path"] === `/${path}`;
    for (const one of clientNames) {
      const [ofServer, ofClient] = [
        await watcher.waitFor(`the server's span for ${one}`, (record) => isOf(one)(record) && isServer(record)),
        await watcher.waitFor(`the client's span of ${one}`, (record) => isOf(one)(record) && !isServer(record)),
      ];
      expect(ofServer.attributes).toMatchObject({ "http.request.method": "GET", "http.response.status_code": 200 });
      expect(ofServer.resource).toMatchObject({
        "k8s.pod.name": "checkout-1",
        "k8s.namespace.name": namespace,
        "k8s.container.name": "server",
        "container.id": server,
        "service.name": "checkout",
      });
      expect(ofClient.resource).toMatchObject({
        "k8s.pod.name": "frontend-1",
        "k8s.container.name": "client",
        "container.id": client,
        "service.name": "frontend-1",
      });
      expect([ofServer.traceId, ofServer.span?.parent]).toEqual([ofClient.traceId, ofClient.span?.id]);
      expect(Number((ofServer.span?.end ?? 0n) - (ofServer.span?.start ?? 0n))).toBeGreaterThan(0);
    }
    const seen = watcher.requests().filter((record) => pathOf(record) !== "/up");
    expect(seen).toHaveLength(clientNames.length * 2);
  });
});

test(
  "a trace context goes through a proxy that knows nothing of it: its client's span hangs below its server's",
  { timeout: 60_000 },
  async () => {
    const work = lendWork();
    const [front, back] = [await freePort(), await freePort()];
    const proxy = await lendPod("proxy-1", "mesh");
    const backend = await lendPod("backend-1", "mesh");
    const caller = await lendPod("caller-1", "mesh");
    const watcher = await watch("mesh");
    mkdirSync(join(work, "nginx"));
    const upstream = `upstream back { server 127.0.0.1:${back}; keepalive 4; }`;
    const location = `proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection "";`;
    writeFileSync(join(work, "nginx/nginx.conf"), nginxConfiguration(front, location, upstream));
    await run(backend, work, { name: "back", command: serverCommand("node", back, work) });
    await run(proxy, work, {
      name: "proxy",
      command: ["/usr/sbin/nginx", "-e", "/work/nginx/error.log", "-c", "/work/nginx/nginx.conf"],
    });
    const [trace, parent] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
    const header = `-H "traceparent: 00-${trace}-${parent}-01"`;
    await run(caller, work, {
      name: "caller",
      command: [
        "/bin/sh",
        "-c",
        `${until(front)}; for i in 1 2 3; do /usr/bin/curl -sS ${header} http://127.0.0.1:${front}/$i; done; sleep 1000`,
      ],
    });
    for (const path of ["/1", "/2", "/3"]) {
      const of = (pod: string, kind: number) =>
        watcher.waitFor(
          `${path} of ${pod}`,
          (record) => pathOf(record) === path && record.span?.kind === kind && record.resource["k8s.pod.name"] === pod,
        );
      const all = [await of("caller-1", 3), await of("proxy-1", 2), await of("proxy-1", 3), await of("backend-1", 2)];
      expect(all.map(({ traceId }) => traceId)).toEqual([trace, trace, trace, trace]);
      const [, ofProxy, forwarded] = all;
      expect(all.map(({ span }) => span?.parent)).toEqual([parent, parent, ofProxy?.span?.id, parent]);
      expect(forwarded?.span?.id).not.toBe(ofProxy?.span?.id);
    }
  },
);

type Case = {
  readonly case: string;
  readonly port: number;
  readonly spans: readonly (readonly [string, string, number])[];
};

describe.each(["socket", "syscall"])("HTTP/1 as it is seldom written, with the backend %s", (backend) => {
  test("has the right spans at both ends, each with its pod", { timeout: 120_000 }, async () => {
    const namespace = `edge-${backend}`;
    const work = lendWork();
    const pod = await lendPod("edge-1", namespace);
    writeFileSync(join(work, "cases.py"), readFileSync(join(root, "test/support/ebpf/http-cases.py")));
    // One of the connections is open before the probes are.
    const go = "(until [ -e /work/go ]; do sleep 0.1; done; echo go)";
    const container = await run(pod, work, {
      name: "edge",
      command: [
        "/bin/sh",
        "-c",
        `${go} | /usr/bin/python3 -B /work/cases.py > /work/out; touch /work/done; sleep 1000`,
      ],
    });
    await eventually(() => existsSync(join(work, "out")) && readFileSync(join(work, "out"), "utf8").includes("ready"), {
      what: "the cases' begin",
      timeoutMs: 20_000,
    });
    const watcher = await watch(namespace, `backend: ${backend}`);
    writeFileSync(join(work, "go"), "");
    await eventually(() => existsSync(join(work, "done")), { what: "the cases' end", timeoutMs: 60_000 });
    const cases = readFileSync(join(work, "out"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Case);
    expect(cases.length).toBeGreaterThan(25);
    const expected = cases.flatMap((one) =>
      [2, 3].flatMap((kind) => one.spans.map(([method, target, code]) => `${kind} ${method} ${target} ${code}`)),
    );
    const seen = () =>
      watcher.requests().map(({ span, attributes }) => {
        const target =
          attributes["url.path"] ?? `${textOf(attributes["server.address"])}:${textOf(attributes["server.port"])}`;
        const method = attributes["http.request.method_original"] ?? attributes["http.request.method"];
        return `${span?.kind} ${textOf(method)} ${textOf(target)} ${textOf(attributes["http.response.status_code"] ?? 0)}`;
      });
    await eventually(() => seen().length >= expected.length, { what: "all spans", timeoutMs: 30_000 }).catch(() => {});
    const counts = ["podstamp_ebpf_lost_records", "podstamp_ebpf_dropped"];
    const told = await Promise.all(counts.map(async (name) => `${name} ${await watcher.metric(name)}`));
    expect(
      seen()
        .filter((one) => !one.includes("/before"))
        .toSorted(),
      told.join(", "),
    ).toEqual(expected.toSorted());
    for (const { resource } of watcher.requests())
      expect(resource).toMatchObject({ "k8s.pod.name": "edge-1", "container.id": container });
  });
});

test(
  "200 containers that live for ten milliseconds each have their own pod, also when they are gone at once",
  { timeout: 300_000 },
  async () => {
    const { kubelet } = node();
    const all = await Promise.all([1, 2, 3, 4].map((i) => lendPod(`batch-${i}`, "batch")));
    const watcher = await watch("batch");
    const made = new Map<string, { readonly pod: string; readonly name: string }>();
    await Promise.all(
      all.map(async (pod, lane) => {
        for (let i = 0; i < 50; i++) {
          const name = `job-${lane}-${i}`;
          const id = await kubelet.create(pod, { name, image, command: ["/bin/sleep", "0.01"] });
          made.set(id, { pod: pod.name, name });
          await kubelet.start(id);
          // It ends by itself: what is killed before it has begun was never there.
          await sleep(250);
          await kubelet.remove(id).catch(() => {});
        }
      }),
    );
    const lifetimes = () =>
      watcher.sink
        .received()
        .filter(({ name, resource }) => name === "process sleep" && made.has(textOf(resource["container.id"])));
    await eventually(() => lifetimes().length >= 200, { what: "200 processes", timeoutMs: 60_000 }).catch(() => {});
    const seen = new Map(
      lifetimes().map(({ resource }) => [
        textOf(resource["container.id"]),
        { pod: resource["k8s.pod.name"], name: resource["k8s.container.name"] },
      ]),
    );
    expect(seen).toEqual(made);
    expect(await watcher.metric("podstamp_ebpf_lost_records")).toBe(0);
  },
);

test("a static pod, whose uid has no dashes, is known by its cgroup too", { timeout: 60_000 }, async () => {
  const work = lendWork();
  const uid = "9f86d081884c7d659a2feaa0c55ad015";
  const pod = await lendPod("etcd-node", "static", { uid });
  const watcher = await watch("static");
  await run(pod, work, { name: "etcd", command: ["/bin/sh", "-c", "sleep 0.05; exit 7"] });
  const ended = await watcher.waitFor(
    "its end",
    ({ name, attributes }) => name === "process sh" && attributes["process.exit.code"] === 7,
  );
  expect(ended.resource).toMatchObject({
    "k8s.pod.name": "etcd-node",
    "k8s.pod.uid": uid,
    "k8s.container.name": "etcd",
  });
  expect(ended.span?.status).toBe(2);
  const event = await watcher.waitFor(
    "the event",
    ({ signal, attributes }) => signal === "logs" && attributes["process.exit.code"] === 7,
  );
  expect(event.resource["k8s.pod.name"]).toBe("etcd-node");
});

test(
  "a container that its pod's limit of memory ends is told as the victim, and at its end",
  { timeout: 60_000 },
  async () => {
    const pod = await lendPod("hungry-1", "hungry");
    // What a kubelet does for a pod with limits; on the pod, so that it is there before the container.
    limitMemory(makeGroup(`kubepods/besteffort/pod${pod.uid}`), 24 << 20);
    const watcher = await watch("hungry", "", "{enabled: false}");
    const command = ["/usr/bin/python3", "-S", "-c", "x = bytearray(200 << 20)"];
    const container = await run(pod, lendWork(), { name: "eater", command });
    const victim = await watcher.waitFor(
      "the victim",
      ({ signal, name }) => signal === "logs" && name.endsWith("is killed for want of memory"),
    );
    const end = await watcher.waitFor(
      "its end",
      ({ signal, attributes }) => signal === "traces" && attributes["error.type"] === "OOMKilled",
    );
    const killed = await watcher.waitFor(
      "the event of its end",
      ({ signal, attributes }) => signal === "logs" && attributes["podstamp.process.oom_killed"] === true,
    );
    for (const { resource } of [victim, end, killed])
      expect(resource).toMatchObject({
        "k8s.pod.name": "hungry-1",
        "k8s.container.name": "eater",
        "container.id": container,
        "process.pid": victim.resource["process.pid"],
      });
    expect(end.name).toMatch(/^process python3/);
    expect(killed.attributes).toMatchObject({
      "process.exit.code": 137,
      "podstamp.process.signal": "SIGKILL",
      "podstamp.process.oom_killed": true,
    });
  },
);

test(
  "connections are spans of both ends with what went each way, and failures say why",
  { timeout: 60_000 },
  async () => {
    const work = lendWork();
    const [port, nobody] = [await freePort(), await freePort()];
    const pod = await lendPod("cache-1", "tcp");
    const watcher = await watch("tcp", "", "{enabled: false}");
    const python = `import socket, threading
s = socket.create_server(("127.0.0.1", ${port}))
def serve():
    c, _ = s.accept(); n = 0
    while n < 100000: n += len(c.recv(65536))
    c.sendall(b"y" * 7); c.close()
threading.Thread(target=serve).start()
c = socket.create_connection(("127.0.0.1", ${port})); c.sendall(b"x" * 100000)
while c.recv(100): pass
c.close()
try: socket.create_connection(("127.0.0.1", ${nobody}))
except OSError: pass
`;
    writeFileSync(join(work, "tcp.py"), python);
    await run(pod, work, { name: "cache", command: ["/usr/bin/python3", "-B", "/work/tcp.py"] });
    const of = (kind: number, of: number) => (record: Received) =>
      record.name.startsWith("TCP") && record.span?.kind === kind && record.attributes["server.port"] === of;
    const ofClient = await watcher.waitFor("the client's end", of(3, port));
    const ofServer = await watcher.waitFor("the server's end", of(2, port));
    expect(ofClient.attributes).toMatchObject({ "podstamp.tcp.sent_bytes": 100_000, "podstamp.tcp.received_bytes": 7 });
    expect(ofServer.attributes).toMatchObject({ "podstamp.tcp.sent_bytes": 7, "podstamp.tcp.received_bytes": 100_000 });
    expect([ofClient.resource["k8s.pod.name"], ofServer.resource["k8s.pod.name"]]).toEqual(["cache-1", "cache-1"]);
    const failed = await watcher.waitFor("the failure", of(3, nobody));
    expect([failed.attributes["error.type"], failed.span?.status]).toEqual(["ECONNREFUSED", 2]);
  },
);

test("what is excluded by container, port or path is not reported, and the rest is", { timeout: 60_000 }, async () => {
  const work = lendWork();
  const [port, other] = [await freePort(), await freePort()];
  const pod = await lendPod("web-1", "filters");
  const watcher = await watch(
    "filters",
    `exclude: {containers: ["quiet-*"], ports: [${other}]}`,
    "{exclude_paths: [/healthz]}",
  );
  await run(pod, work, { name: "web", command: serverCommand("node", port, work) });
  await run(pod, work, { name: "quiet-web", command: serverCommand("node", other, work) });
  const ask = (to: number, path: string) => `/usr/bin/curl -s http://127.0.0.1:${to}${path}`;
  await run(pod, work, {
    name: "client",
    command: [
      "/bin/sh",
      "-c",
      [
        until(port),
        until(other),
        ask(other, "/no"),
        ask(port, "/healthz"),
        ask(port, "/quiet"),
        ask(port, "/yes"),
        "sleep 1000",
      ].join("; "),
    ],
  });
  await watcher.waitFor("the client's span", (record) => pathOf(record) === "/yes" && !isServer(record));
  await watcher.waitFor("the server's span", (record) => pathOf(record) === "/yes" && isServer(record));
  expect(new Set(watcher.requests().map(pathOf))).toEqual(new Set(["/up", "/quiet", "/yes"]));
  const ports = watcher.sink.received().map(({ attributes }) => attributes["server.port"]);
  expect(ports).not.toContain(other);
  expect(watcher.sink.received().filter(({ resource }) => resource["k8s.container.name"] === "quiet-web")).toEqual([]);
});

test(
  "the loader is killed: podstamp runs on, counts it, starts it again and sees what comes",
  { timeout: 90_000 },
  async () => {
    const work = lendWork();
    const pod = await lendPod("after-1", "restart");
    const watcher = await watch("restart");
    const before = watcher.podstamp.log().match(/eBPF probes attached/g)?.length ?? 0;
    process.kill(loaderOf(watcher.podstamp.pid), "SIGKILL");
    await watcher.podstamp.line(/The loader .* ended by SIGKILL/);
    await eventually(() => (watcher.podstamp.log().match(/eBPF probes attached/g)?.length ?? 0) > before, {
      what: "the probes again",
      timeoutMs: 60_000,
    });
    expect(await watcher.metric("podstamp_ebpf_loader_exits", 'reason="died"')).toBe(1);
    await run(pod, work, { name: "after", command: ["/bin/sh", "-c", "exit 3"] });
    await watcher.waitFor(
      "a process behind it",
      ({ name, resource }) => name === "process sh" && resource["k8s.pod.name"] === "after-1",
    );
  },
);

/** The child of a process that is the loader. */
function loaderOf(parent: number): number {
  const children = globSync(`/proc/${parent}/task/*/children`).flatMap((file) =>
    readFileSync(file, "utf8").split(" ").filter(Boolean).map(Number),
  );
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("podstamp-probes"));
  if (found === undefined) throw new Error(`Cannot find the loader among ${children.join(", ")}`);
  return found;
}

test(
  "without the loader's program podstamp says what to do, and the rest of it runs",
  { timeout: 30_000 },
  async () => {
    const watcher = await lendWatcher({
      runtime: node().containerd.endpoint,
      settings: "loader: /nonexistent/podstamp-probes",
      mayBeWithoutProbes: true,
    });
    await watcher.podstamp.line(/Cannot use loader: must be an executable file, is "\/nonexistent\/podstamp-probes"/);
    expect(watcher.podstamp.hasExited()).toBe(false);
  },
);

test("podstamp's own traffic and its exporters' is never traced", { timeout: 60_000 }, async () => {
  // Everybody on this machine is watched, and the more that is exported, the more would be seen.
  const watcher = await lendWatcher({ runtime: node().containerd.endpoint, settings: "flush_interval: 50ms" });
  const work = lendWork();
  const pod = await lendPod("loop-1", "loop");
  await run(pod, work, { name: "loop", command: ["/bin/sh", "-c", "for i in 1 2 3 4 5; do sleep 0.2; done; exit 5"] });
  await watcher.waitFor(
    "the end",
    ({ resource, attributes }) => resource["k8s.pod.name"] === "loop-1" && attributes["process.exit.code"] === 5,
  );
  const toSink = watcher.sink
    .received()
    .filter(
      ({ attributes }) =>
        attributes["server.port"] === watcher.sink.port || attributes["network.peer.port"] === watcher.sink.port,
    );
  expect(toSink).toEqual([]);
  expect(watcher.sink.received().filter(({ resource }) => resource["process.pid"] === watcher.podstamp.pid)).toEqual(
    [],
  );
});
