import { describe, expect, test } from "vitest";
import { detectContainer } from "../../src/processors/resourcedetection/container.ts";
import { detectEnvironment } from "../../src/processors/resourcedetection/env.ts";
import type { Machine } from "../../src/processors/resourcedetection/machine.ts";
import { thisMachine } from "../../src/processors/resourcedetection/machine.ts";
import {
  createResourceDetection,
  resourceDetectionProcessor,
} from "../../src/processors/resourcedetection/resourcedetection.ts";
import type { Attributes } from "../support/otlp/plain.ts";
import { givenNext, sharingHost } from "./given-next.ts";
import { item, resourcesOf, traces } from "./telemetry.ts";

const signal = new AbortController().signal;
const id = "84ced0016286ab0d2c1ff8a2d3f5a4d0c6cbb0d4e1a95a5dca1d1d8ad0cbd9b1";

function machine(facts: Partial<Machine> & { readonly files?: Readonly<Record<string, string>> } = {}): Machine {
  const { files = {}, ...rest } = facts;
  return {
    hostname: "worker-1",
    platform: "linux",
    arch: "x64",
    osVersion: "#1 SMP Debian 6.1",
    addresses: () => [
      { ip: "10.0.0.5", mac: "ac:de:48:23:45:67" },
      { ip: "fe80::1", mac: "ac:de:48:23:45:67" },
    ],
    fullName: async () => undefined,
    readText: async (path) => files[path],
    ...rest,
  };
}

type Given = {
  readonly settings?: object;
  readonly environment?: Readonly<Record<string, string>>;
  readonly on?: Machine;
};

/** What a resource has after the processor, and what was logged. */
async function detected(before: Attributes, { settings = {}, environment = {}, on = machine() }: Given) {
  const next = givenNext();
  const host = { ...sharingHost("resourcedetection"), environment };
  const processor = createResourceDetection(resourceDetectionProcessor.schema.parse(settings), {
    host,
    next,
    machine: on,
  });
  await processor.start();
  const sent = traces({ attributes: before, items: [item("s")] });
  await processor.consume(sent, signal);
  await processor.stop(signal);
  return { attributes: resourcesOf(next.taken[0]?.batch)[0]?.attributes, host, isSame: next.taken[0]?.batch === sent };
}

describe("resourcedetection", () => {
  test("looks into the environment when nothing is said", async () => {
    const environment = { OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=prod,team=a%2Cb" };
    expect((await detected({ x: 1 }, { environment })).attributes).toEqual({
      x: 1,
      "deployment.environment.name": "prod",
      team: "a,b",
    });
  });

  test("leaves requests as they came when nothing was found", async () => {
    expect((await detected({ x: 1 }, {})).isSame).toBe(true);
  });

  test("replaces what is there, unless override is false: then it stays, empty or not", async () => {
    const environment = { OTEL_RESOURCE_ATTRIBUTES: "a=new,b=new,c=new" };
    expect((await detected({ a: "old", b: "" }, { environment })).attributes).toEqual({ a: "new", b: "new", c: "new" });
    expect((await detected({ a: "old", b: "" }, { environment, settings: { override: false } })).attributes).toEqual({
      a: "old",
      b: "",
      c: "new",
    });
  });

  test("takes an attribute that two detectors find from the first of them", async () => {
    const environment = { OTEL_RESOURCE_ATTRIBUTES: "host.name=from-env" };
    expect((await detected({}, { environment, settings: { detectors: ["env", "system"] } })).attributes).toEqual({
      "host.name": "from-env",
      "os.type": "linux",
    });
    expect((await detected({}, { environment, settings: { detectors: ["system", "env"] } })).attributes).toEqual({
      "host.name": "worker-1",
      "os.type": "linux",
    });
  });

  test("writes of the system its name and type, more when it is enabled", async () => {
    const on = machine({ files: { "/etc/machine-id": "0123456789abcdef\n" } });
    const resource_attributes = Object.fromEntries(
      ["host.id", "host.arch", "host.ip", "host.mac", "os.description"].map((name) => [name, { enabled: true }]),
    );
    const settings = {
      detectors: ["system"],
      system: { resource_attributes: { ...resource_attributes, "os.type": { enabled: false } } },
    };
    expect((await detected({}, { on, settings })).attributes).toEqual({
      "host.name": "worker-1",
      "host.id": "0123456789abcdef",
      "host.arch": "amd64",
      "host.ip": ["10.0.0.5", "fe80::1"],
      "host.mac": ["AC-DE-48-23-45-67"],
      "os.description": "#1 SMP Debian 6.1",
    });
  });

  test("calls a machine by its full name where it has one, unless told otherwise", async () => {
    const on = machine({ fullName: async () => "worker-1.example.org" });
    expect((await detected({}, { on, settings: { detectors: ["system"] } })).attributes?.["host.name"]).toBe(
      "worker-1.example.org",
    );
    const settings = { detectors: ["system"], system: { hostname_sources: ["os"] } };
    expect((await detected({}, { on, settings })).attributes?.["host.name"]).toBe("worker-1");
  });

  test("starts without what is not found within the timeout, and says so", async () => {
    const on = machine({ readText: () => new Promise(() => {}) });
    const { attributes, host } = await detected(
      {},
      { on, settings: { detectors: ["container", "system"], timeout: "20ms" } },
    );
    expect(attributes).toEqual({ "host.name": "worker-1", "os.type": "linux" });
    expect(host.logged.filter(({ level }) => level === "warn").map(({ fields }) => fields["detector"])).toEqual([
      "container",
    ]);
  });

  test("writes the container that it runs in, and says when there is none", async () => {
    const on = machine({ files: { "/proc/self/cgroup": `0::/system.slice/docker-${id}.scope\n` } });
    expect((await detected({}, { on, settings: { detectors: ["container"] } })).attributes).toEqual({
      "container.id": id,
    });
    const { attributes, host } = await detected({}, { settings: { detectors: ["container"] } });
    expect(attributes).toEqual({});
    expect(host.logged.map(({ message }) => message)).toContain(
      "podstamp does not run in a container, or cannot see which",
    );
  });

  test("says that the environment cannot be read, and goes on with what else there is", async () => {
    const environment = { OTEL_RESOURCE_ATTRIBUTES: "a=%zz" };
    const { attributes, host } = await detected({}, { environment, settings: { detectors: ["env", "system"] } });
    expect(attributes).toEqual({ "host.name": "worker-1", "os.type": "linux" });
    expect(host.logged.map(({ message }) => message)).toContain(
      "Cannot use OTEL_RESOURCE_ATTRIBUTES: must be key=value,key=value with %XX for special characters",
    );
  });
});

describe("the environment", () => {
  test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ["pairs, with blanks around them", { OTEL_RESOURCE_ATTRIBUTES: " a = b , c=d e, " }, { a: "b", c: "d e" }],
    ["a value with = in it", { OTEL_RESOURCE_ATTRIBUTES: "q=a=b" }, { q: "a=b" }],
    ["an empty value", { OTEL_RESOURCE_ATTRIBUTES: "a=" }, { a: "" }],
    [
      "percent encoding, a plus being a plus",
      { OTEL_RESOURCE_ATTRIBUTES: "a=1%2B1+1,b=gr%C3%B6%C3%9Fe" },
      { a: "1+1+1", b: "größe" },
    ],
    [
      "the service's name before that of the list",
      { OTEL_SERVICE_NAME: "web", OTEL_RESOURCE_ATTRIBUTES: "service.name=other" },
      { "service.name": "web" },
    ],
    ["the old name of the variable", { OTEL_RESOURCE: "a=b" }, { a: "b" }],
    ["nothing", {}, {}],
  ])("has %s", (_, environment, expected) => {
    expect(detectEnvironment(environment, undefined)).toEqual({ attributes: new Map(Object.entries(expected)) });
  });

  test.each(["a", "=b", "a=b,c", "a=%"])("that says %j is refused", (text) => {
    expect(detectEnvironment({ OTEL_RESOURCE_ATTRIBUTES: text }, undefined)).toHaveProperty("problem");
  });

  test("gives only what the allowlist has", () => {
    expect(detectEnvironment({ OTEL_RESOURCE_ATTRIBUTES: "a=1,b=2" }, ["b"])).toEqual({
      attributes: new Map([["b", "2"]]),
    });
  });
});

describe("our own container", () => {
  const mount = (root: string, point: string, type = "ext4") =>
    `523 512 8:1 ${root} ${point} rw,relatime - ${type} /dev/sda1 rw`;

  test.each<[string, string, string | undefined]>([
    [
      "Docker's files where the cgroup is hidden",
      mount(`/var/lib/docker/containers/${id}/hostname`, "/etc/hostname"),
      id,
    ],
    [
      "a cgroup that is mounted",
      mount(`/kubepods/burstable/pod0d2f4c6a-1111-2222-3333-444455556666/${id}`, "/sys/fs/cgroup/memory", "cgroup"),
      id,
    ],
    [
      "a pod's sandbox, which is not it",
      mount(`/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${id}/hostname`, "/etc/hostname"),
      undefined,
    ],
    ["a folder that only looks like one", mount(`/data/containers/${id}/hostname`, "/data/hostname"), undefined],
  ])("is known by %s", async (_, line, expected) => {
    const on = machine({
      files: { "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": `${mount("/", "/")}\n${line}\n` },
    });
    expect(await detectContainer(on)).toBe(expected);
  });
});

test("this machine has a name, and a file that is not there is not a failure", async () => {
  const real = thisMachine();
  expect(real.hostname.length).toBeGreaterThan(0);
  expect(await real.readText("/nowhere/machine-id")).toBeUndefined();
  expect(await real.readText(import.meta.filename)).toContain("a file that is not there");
});
