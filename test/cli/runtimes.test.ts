import { status } from "@grpc/grpc-js";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { inspect } from "../../src/cli/inspect.ts";
import { CommandError, UsageError } from "../../src/cli/terminal/output.ts";
import { ps } from "../../src/cli/listing/ps.ts";
import { runtimes } from "../../src/cli/runtimes.ts";
import { newId } from "../support/cri/answers.ts";
import { lendHostRoot } from "../support/node/host-root.ts";
import { lendRuntime } from "../support/lend.ts";
import { givenIo } from "./given-cli.ts";

const [web, job] = [newId(), newId()];

/** A host with a containerd and a CRI-O. */
async function givenHost() {
  const root = lendHostRoot();
  const listen = (path: string, id: string, version: { runtimeName: string; runtimeVersion: string }) => {
    mkdirSync(dirname(join(root.path, path)), { recursive: true });
    const pods = [{ name: `pod-of-${version.runtimeName}`, namespace: "shop", containers: [{ id, name: "app" }] }];
    return lendRuntime({ socket: join(root.path, path), pods, version });
  };
  const containerd = await listen("/run/containerd/containerd.sock", web, {
    runtimeName: "containerd",
    runtimeVersion: "2.3.7",
  });
  const crio = await listen("/run/crio/crio.sock", job, { runtimeName: "cri-o", runtimeVersion: "1.36.3" });
  return { root, containerd, crio };
}

const cells = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

test("podstamp runtimes shows where each runtime is, what it is, and how it answers", async () => {
  const { root } = await givenHost();
  const { io, out } = givenIo();
  expect(await runtimes(["--host-root", root.path], io)).toBe(0);
  expect(cells(out())).toEqual([
    ["ENDPOINT", "TYPE", "VERSION", "STATE", "CONTAINERS", "CHANGES", "LAST SYNC", "LAST ERROR"],
    ["unix:///run/containerd/containerd.sock", "containerd", "2.3.7", "up", "1", "events", expect.any(String), "-"],
    ["unix:///run/crio/crio.sock", "cri-o", "1.36.3", "up", "1", "relist", expect.any(String), "-"],
  ]);
});

test("as JSON, with those that do not answer and those that fail, and why", async () => {
  const { root, containerd, crio } = await givenHost();
  containerd.fail("ListContainers", status.INTERNAL);
  crio.fail("Version", status.UNAVAILABLE);
  const { io, out } = givenIo();
  expect(await runtimes(["-o", "json", "--host-root", root.path], io)).toBe(1);
  expect(JSON.parse(out())).toMatchObject([
    { type: "containerd", state: "failing", lastSync: null, lastError: expect.stringMatching(/told to fail/) },
    { type: "cri-o", state: "down", lastError: expect.stringMatching(/^Cannot ask unix:.*told to fail/) },
  ]);
});

test("where there is none at all that is an error, and so is a wrong format", async () => {
  const { io } = givenIo();
  await expect(runtimes(["--host-root", lendHostRoot().path], io)).rejects.toThrow(
    new CommandError(
      "Cannot find a container runtime: there is a socket at none of the known places, which podstamp doctor lists; name another one with -r",
    ),
  );
  await expect(runtimes(["-o", "wide"], io)).rejects.toThrow(UsageError);
});

test("ps and inspect look at all runtimes at once, and say which of them did not answer", async () => {
  const { root, crio } = await givenHost();
  const all = givenIo();
  expect(await ps(["--host-root", root.path], all.io, undefined)).toBe(0);
  expect(cells(all.out()).map(([id, , , pod]) => [id, pod])).toEqual(
    expect.arrayContaining([
      [web.slice(0, 13), "pod-of-containerd"],
      [job.slice(0, 13), "pod-of-cri-o"],
    ]),
  );
  const one = givenIo();
  expect(await inspect([job, "--host-root", root.path], one.io)).toBe(0);
  expect(one.out()).toMatch(/of cri-o 1\.36\.3 at unix:\/\/\/run\/crio\/crio\.sock/);
  crio.fail("ListContainers", status.INTERNAL);
  let said = "";
  const half = givenIo({ err: (text) => void (said += text) });
  expect(await ps(["--host-root", root.path], half.io, undefined)).toBe(0);
  expect(cells(half.out())).toHaveLength(2);
  expect(said).toMatch(/^Cannot ask unix:\/\/\/run\/crio\/crio\.sock \(ListContainers\): told to fail\n$/);
});
