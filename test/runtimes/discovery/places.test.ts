import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { autoPlaces } from "../../../src/runtimes/discovery/auto-places.ts";
import { namedPlaces, typeOf } from "../../../src/runtimes/discovery/discovery.ts";
import type { RuntimeSource } from "../../../src/runtimes/facts.ts";
import { hostPath } from "../../../src/runtimes/discovery/host-path.ts";
import { lendHostRoot } from "../../support/node/host-root.ts";
import { testHost } from "../../support/agent/host.ts";
import { lendRuntime } from "../../support/lend.ts";

const never = new AbortController().signal;
const { metrics } = testHost("places");

/** A runtime that listens at a path of a host. */
async function listenAt(root: string, path: string, runtimeName = "containerd") {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  return lendRuntime({ socket: join(root, path), version: { runtimeName } });
}

const labelsOf = (sources: readonly RuntimeSource[]) => sources.map(({ label }) => label);

test("every known socket of a host is found, the users' ones too, and each socket once", async () => {
  const { path: root } = lendHostRoot();
  const places = autoPlaces({}, { timeoutMs: 5000, metrics, hostRoot: root });
  expect(places.find()).toEqual([]);
  await listenAt(root, "/run/user/1000/podman/podman.sock");
  await listenAt(root, "/run/crio/crio.sock", "cri-o");
  await listenAt(root, "/run/k3s/containerd/containerd.sock");
  await listenAt(root, "/run/cri-dockerd.sock", "docker");
  mkdirSync(join(root, "var"));
  // As on most hosts: a link that would lead out of the root if it were followed as it stands.
  symlinkSync("/run", join(root, "var/run"));
  writeFileSync(join(root, "run/docker.sock"), "no socket");
  expect(labelsOf(places.find())).toEqual([
    "unix:///run/crio/crio.sock",
    "unix:///var/run/cri-dockerd.sock",
    "unix:///run/k3s/containerd/containerd.sock",
    "unix:///run/user/1000/podman/podman.sock",
  ]);
});

test("a runtime below the host's root is connected to by its path there, under the name that it has on the host", async () => {
  const { path: root } = lendHostRoot();
  await listenAt(root, "/run/crio/crio.sock", "cri-o");
  const [source] = autoPlaces({}, { timeoutMs: 5000, metrics, hostRoot: root }).find();
  const runtime = await source?.connect(never);
  expect(runtime?.identity).toMatchObject({ endpoint: "unix:///run/crio/crio.sock", type: "cri-o", name: "cri-o" });
  await runtime?.probe?.(never);
  await runtime?.check?.(never);
  runtime?.close();
});

test("what the environment or crictl's file of the host names is the only one", async () => {
  const { path: root } = lendHostRoot();
  await listenAt(root, "/run/crio/crio.sock", "cri-o");
  await listenAt(root, "/run/other.sock");
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/crictl.yaml"), "runtime-endpoint: unix:///run/other.sock\n");
  const find = (environment: Readonly<Record<string, string>>) =>
    labelsOf(autoPlaces(environment, { timeoutMs: 5000, metrics, hostRoot: root }).find());
  expect(find({})).toEqual(["unix:///run/other.sock"]);
  expect(find({ CONTAINER_RUNTIME_ENDPOINT: "/run/named.sock" })).toEqual(["unix:///run/named.sock"]);
});

test("a runtime that is named by its type alone is followed wherever one listens; one with an endpoint also outside of the root", async () => {
  const { path: root } = lendHostRoot();
  const outside = await lendRuntime();
  await listenAt(root, "/run/k0s/containerd.sock");
  await listenAt(root, "/run/crio/crio.sock", "cri-o");
  const places = namedPlaces(
    [
      { type: "containerd", timeoutMs: 5000 },
      { type: "cri", endpoint: outside.endpoint, timeoutMs: 5000 },
    ],
    { metrics, hostRoot: root },
  );
  expect(labelsOf(places.find())).toEqual(["unix:///run/k0s/containerd.sock", outside.endpoint]);
  const runtime = await places.find()[1]?.connect(never);
  expect(runtime?.identity.endpoint).toBe(outside.endpoint);
  runtime?.close();
});

test.each([
  ["unix:///run/docker.sock", "docker"],
  ["unix:///run/user/1000/docker.sock", "docker"],
  ["unix:///run/podman/podman.sock", "podman"],
  ["unix:///var/run/cri-dockerd.sock", "cri"],
  ["unix:///run/containerd/containerd.sock", "cri"],
])("a socket called %s is spoken to as %s", (endpoint, type) => expect(typeOf(endpoint)).toBe(type));

test("links on the host lead to where they lead there", () => {
  const { path: root } = lendHostRoot();
  mkdirSync(join(root, "run/a"), { recursive: true });
  symlinkSync("/run", join(root, "absolute"));
  symlinkSync("run/a", join(root, "relative"));
  symlinkSync("../../../../../../etc", join(root, "run/out"));
  symlinkSync("loop", join(root, "loop"));
  expect(hostPath(root, "/absolute/a/x.sock")).toBe(join(root, "run/a/x.sock"));
  expect(hostPath(root, "/relative/../b")).toBe(join(root, "run/b"));
  expect(hostPath(root, "/run/out/passwd")).toBe(join(root, "etc/passwd"));
  expect(hostPath(root, "/loop/x")).toBe(join(root, "loop/x"));
  expect(hostPath("/", "/absolute/a")).toBe("/absolute/a");
});
