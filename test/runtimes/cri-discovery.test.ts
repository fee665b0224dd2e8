import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { autoPlaces, namedEndpoints } from "../../src/runtimes/discovery/auto-places.ts";
import { criSource, knownEndpoints, withScheme } from "../../src/runtimes/discovery/discovery.ts";
import { lendRuntime } from "../support/lend.ts";
import { testHost } from "../support/agent/host.ts";

const never = new AbortController().signal;
const nowhere = join(tmpdir(), "podstamp-no-crictl.yaml");

/** A crictl.yaml with this text. */
function crictl(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-crictl-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "crictl.yaml");
  writeFileSync(file, text);
  return file;
}

describe("the runtime of a node", () => {
  test("is looked for at Tetragon's sockets first, in its order", () => {
    expect(knownEndpoints.slice(0, 3)).toEqual([
      "unix:///run/containerd/containerd.sock",
      "unix:///run/crio/crio.sock",
      "unix:///var/run/cri-dockerd.sock",
    ]);
  });

  test("is the one that the environment names, before crictl's file", () => {
    const file = crictl(
      "runtime-endpoint: unix:///from-file.sock\nimage-endpoint: unix:///images-from-file.sock\ntimeout: 2\n",
    );
    expect(namedEndpoints({}, file)).toEqual({
      endpoint: "unix:///from-file.sock",
      imageEndpoint: "unix:///images-from-file.sock",
    });
    expect(
      namedEndpoints({ CONTAINER_RUNTIME_ENDPOINT: "/run/a.sock", IMAGE_SERVICE_ENDPOINT: "/run/b.sock" }, file),
    ).toEqual({ endpoint: "unix:///run/a.sock", imageEndpoint: "unix:///run/b.sock" });
    expect(namedEndpoints({ CONTAINER_RUNTIME_ENDPOINT: "" }, file)).toMatchObject({
      endpoint: "unix:///from-file.sock",
    });
  });

  test.each([
    "",
    "\u0000",
    "- a list",
    "runtime-endpoint: [1]",
    "runtime-endpoint: ''",
    "runtime-endpoint: {",
    "just text",
  ])("is not named by a crictl.yaml of %j", (text) => {
    expect(namedEndpoints({}, crictl(text))).toBeUndefined();
  });

  test("is not named by a crictl.yaml that is not there or is a folder", () => {
    expect(namedEndpoints({}, nowhere)).toBeUndefined();
    expect(namedEndpoints({}, tmpdir())).toBeUndefined();
  });

  test("is named by a path as by a URL", () => {
    expect([withScheme("/run/a.sock"), withScheme("unix:///run/a.sock"), withScheme("tcp://a:1")]).toEqual([
      "unix:///run/a.sock",
      "unix:///run/a.sock",
      "tcp://a:1",
    ]);
  });

  test("is connected to where the environment names it, and asked for its version", async () => {
    const server = await lendRuntime({ version: { runtimeName: "cri-o", runtimeVersion: "1.36.3" } });
    const { metrics } = testHost("auto");
    const [source, ...others] = autoPlaces(
      { CONTAINER_RUNTIME_ENDPOINT: server.endpoint },
      { timeoutMs: 5000, metrics },
    ).find();
    expect(others).toEqual([]);
    const runtime = await (source ?? criSource("", { timeoutMs: 1, metrics })).connect(never);
    expect(runtime.identity).toEqual({
      name: "cri-o",
      version: "1.36.3",
      endpoint: server.endpoint,
      type: "cri-o",
      instance: expect.stringMatching(/^\d+:\d+:\d+$/),
    });
    runtime.close();
  });

  test("that nobody listens for is an error with the socket and the reason in it", async () => {
    const { metrics } = testHost("cri");
    await expect(criSource("unix:///no/such.sock", { timeoutMs: 5000, metrics }).connect(never)).rejects.toThrow(
      "Cannot ask unix:///no/such.sock (Version): no such socket",
    );
    const server = await lendRuntime();
    await server.stop();
    await expect(criSource(server.endpoint, { timeoutMs: 5000, metrics }).connect(never)).rejects.toThrow(
      /^Cannot ask unix:.* \(Version\): no such socket$/,
    );
  });

  test("that does not answer is an error after the timeout of one call, or when nobody waits any more", async () => {
    const server = await lendRuntime();
    server.freeze();
    const { metrics } = testHost("cri");
    await expect(criSource(server.endpoint, { timeoutMs: 100, metrics }).connect(never)).rejects.toThrow(
      /\(Version\): no answer in time$/,
    );
    const giving = new AbortController();
    const connecting = criSource(server.endpoint, { timeoutMs: 600_000, metrics }).connect(giving.signal);
    giving.abort();
    await expect(connecting).rejects.toThrow();
    await expect(
      criSource(server.endpoint, { timeoutMs: 600_000, metrics }).connect(AbortSignal.abort()),
    ).rejects.toThrow();
  });
});
