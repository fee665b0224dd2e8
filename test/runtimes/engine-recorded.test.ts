import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseCgroup } from "../../src/containers/names/cgroup-path.ts";
import { connectEngine } from "../../src/runtimes/engines/connect.ts";
import { dockerHint, unlessId } from "../../src/runtimes/engines/docker-facts.ts";
import type { Hint } from "../../src/runtimes/facts.ts";
import { podmanHint } from "../../src/runtimes/engines/podman-facts.ts";
import { noMetrics } from "../../src/telemetry/no-metrics.ts";
import { never, told } from "../support/runtimes/connected.ts";
import { replay, startEngineServer } from "../support/engines/server.ts";
import { eventually } from "../support/eventually.ts";

const metrics = noMetrics;

type Item = { readonly Id: string };
type DockerRecording = {
  readonly version: unknown;
  readonly list: unknown;
  readonly container: Item;
  readonly images: readonly Item[];
  readonly events: readonly unknown[];
};
type PodmanRecording = {
  readonly version: unknown;
  readonly list: unknown;
  readonly pods: readonly Item[];
  readonly containers: readonly Item[];
  readonly images: readonly (Item & { readonly Digest: string })[];
  readonly events: readonly unknown[];
  readonly compatEvents: readonly unknown[];
};

function recording<T>(name: string): T {
  const file = fileURLToPath(new URL(`../fixtures/runtimes/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

const docker = recording<DockerRecording>("docker-28-containerd-store");
const podman = recording<PodmanRecording>("podman-4.3");

async function connected(answers: Readonly<Record<string, unknown>>) {
  const server = await startEngineServer(replay(answers));
  const runtime = await connectEngine({ endpoint: server.endpoint, timeoutMs: 5000, metrics }, never);
  onTestFinished(async () => {
    runtime.close();
    await server.close();
  });
  return { runtime, server };
}

const byId = (prefix: string, items: readonly Item[]) =>
  Object.fromEntries(items.map((item) => [`${prefix}/${item.Id}/json`, item]));

const dockerAnswers = {
  "/version": docker.version,
  "/info": { CgroupDriver: "cgroupfs" },
  "/containers/json": docker.list,
  "/events": docker.events,
  ...byId("/containers", [docker.container]),
  ...byId("/images", docker.images),
};
const podmanAnswers = {
  "/version": podman.version,
  "/libpod/containers/json": podman.list,
  "/libpod/pods/json": podman.pods,
  "/libpod/events": podman.events,
  ...byId("/libpod/containers", podman.containers),
  ...byId("/libpod/images", podman.images),
};

const solo = "40b6428d364ba04eb503512ccf15e657d80b447316de9026b31c3a63b50b6cb9";
const manifest = "sha256:0269e41eed3ec5cb1f8c55e7913fa6a7a22ed76b0d3b5fe99becbcf774e0c7cf";

test("what a Docker 28 with images in containerd has answered is read as what it is", async () => {
  const { runtime, server } = await connected(dockerAnswers);
  expect(runtime.identity).toMatchObject({ name: "docker", version: "28.5.2", type: "docker" });
  const { facts, details, image } = await told(runtime, solo);
  expect(facts).toMatchObject({ runtimeName: "solo", podId: "", name: "", state: "running", labels: { team: "shop" } });
  expect(details).toMatchObject({ pid: 5063, finishedAt: undefined, addresses: [], cgroupsPath: `/docker/${solo}` });
  expect(details.startedAt).toBe(Date.parse("2026-11-23T18:29:35.479Z"));
  expect(image).toMatchObject({
    name: "docker.io/library/shop",
    tags: ["1.2"],
    id: manifest,
    repoDigests: [`shop@${manifest}`],
    manifestDigest: manifest,
  });
  expect(server.requests().every((line) => line.startsWith("GET /v1.51/") || line === "GET /version")).toBe(true);
});

test("what a Podman 4.3 has answered is read as what it is", async () => {
  const { runtime, server } = await connected(podmanAnswers);
  expect(runtime.identity).toMatchObject({ name: "podman", version: "4.3.1", type: "podman" });
  const [ofSolo, ofMember] = await Promise.all(podman.containers.map(({ Id }) => told(runtime, Id)));
  expect(ofSolo).toMatchObject({
    facts: { runtimeName: "solo", podId: "", state: "running", labels: { team: "shop" } },
    details: { pid: 23762, finishedAt: undefined, exitCode: undefined },
  });
  const [pod] = podman.pods;
  expect(ofMember).toMatchObject({
    facts: { runtimeName: "inpod", podId: pod?.Id, labels: {} },
    details: { pid: 23887 },
  });
  expect(parseCgroup(ofMember?.details.cgroupsPath ?? "").containerId).toBe(ofMember?.facts.id);
  expect(ofSolo?.image).toMatchObject({
    name: "docker.io/library/shop",
    tags: ["1.2"],
    id: "sha256:65c9fa670a30144a7e21b11b531fbafd5e39b1b21fa80ed4a43089e943a0ca2c",
    manifestDigest: "sha256:da9638f828ca295f955177e983179711874b0a2d7867774e237988f88b8c4803",
  });
  const { pods, containers } = await runtime.list(never);
  expect(containers.map(({ runtimeName }) => runtimeName)).toEqual(["solo", "inpod"]);
  expect(pods.map(({ id, name, isKubernetes }) => ({ id: id.slice(0, 4), name, isKubernetes }))).toEqual([
    { id: "f957", name: "mypod", isKubernetes: false },
    { id: "6717", name: "mypod", isKubernetes: false },
  ]);
  expect(server.requests().every((line) => /^GET \/(?:v4\.3\.1\/libpod\/|version$)/.test(line))).toBe(true);
});

test("the recorded events are hints once each, and the stream is followed behind them", async () => {
  const changesOf = async (answers: Readonly<Record<string, unknown>>) => {
    const { runtime } = await connected(answers);
    const hints: Hint[] = [];
    const stop = new AbortController();
    const following = runtime.follow?.((hint) => hints.push(hint), stop.signal);
    await eventually(() => hints.some(({ change }) => change === "gone"), { what: "the last event" });
    stop.abort();
    await following;
    return hints.map(({ change }) => change);
  };
  expect(await changesOf(dockerAnswers)).toEqual(["appeared", "changed", "changed", "changed", "exited", "gone"]);
  expect(await changesOf(podmanAnswers)).toEqual(["appeared", "changed", "changed", "exited", "gone"]);
  // Podman's events in Docker's words say the same.
  expect(podman.compatEvents.flatMap((event) => podmanHint(event)?.change ?? [])).toEqual([
    "appeared",
    "changed",
    "changed",
    "exited",
    "gone",
  ]);
});

describe("events that change nothing that is known", () => {
  test.each([
    {},
    null,
    "create",
    [],
    { Type: "container", Action: "create" },
    { Type: "container", Action: "create", Actor: { ID: 7 } },
    { Type: "container", Action: "exec_create: sh", Actor: { ID: "a" } },
    { Type: "container", Action: "health_status: healthy", Actor: { ID: "a" } },
    { Type: "container", Action: "toString", Actor: { ID: "a" } },
    { Type: "image", Action: "create", Actor: { ID: "a" } },
    { Type: "network", Action: "create", Actor: { ID: "a", Attributes: { container: "b" } } },
    { Type: "network", Action: "connect", Actor: { ID: "a", Attributes: {} } },
  ])("are no hints: %j", (event) => {
    expect(dockerHint(event)).toBeUndefined();
    expect(podmanHint(event)).toBeUndefined();
  });
});

describe("the image of a container", () => {
  const id = "sha256:65c9fa670a30144a7e21b11b531fbafd5e39b1b21fa80ed4a43089e943a0ca2c";
  test.each([
    ["nginx:1.27", "nginx:1.27"],
    ["65c9fa670a30", ""],
    ["65c9", ""],
    [id, ""],
    ["sha256:ffff", ""],
    // Hexadecimal by chance, and not this image's ID.
    ["deadbeef", "deadbeef"],
  ])("%s is asked for by the name %j", (text, name) => expect(unlessId(text, id)).toBe(name));
});

test("a Docker that does not tell about itself, or tells another driver, tells no cgroup path", async () => {
  const cgroupOf = async (info: unknown) => {
    const { runtime } = await connected({ ...dockerAnswers, "/info": info });
    return (await told(runtime, solo)).details.cgroupsPath;
  };
  expect(await cgroupOf(undefined)).toBeUndefined();
  expect(await cgroupOf({ CgroupDriver: "none" })).toBeUndefined();
  expect(await cgroupOf({ CgroupDriver: "systemd" })).toBe(`system.slice:docker:${solo}`);
});

test("the name of a container is its own, not what the link of another one calls it", async () => {
  const list = [{ Id: solo, Names: ["/web/db", "/solo"], State: "running" }];
  const { runtime } = await connected({ ...dockerAnswers, "/containers/json": list });
  expect((await runtime.list(never)).containers).toMatchObject([{ runtimeName: "solo" }]);
});

test("an engine whose answers hold nothing that is expected has no containers, and is no error", async () => {
  for (const list of [null, {}, "x", [null, 1, {}, { Id: {}, Names: "x", Labels: [], State: 1 }]]) {
    const { runtime } = await connected({ ...dockerAnswers, "/containers/json": list });
    const { containers, pods } = await runtime.list(never);
    expect(pods).toEqual([]);
    expect(containers.filter(({ id }) => id !== "")).toEqual([]);
  }
});
