import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { folderOfTest } from "../../../extensions/file-storage/given-storage.ts";
import { newId } from "../../../support/cri/answers.ts";
import { lendRuntime } from "../../../support/lend.ts";
import { doctor, of, todoOf } from "../given-doctor.ts";

const pods = [{ name: "checkout-1", namespace: "pay", containers: [{ id: newId(), name: "checkout" }] }];

test("a runtime that answers is told with its version, its times and how many pods it has", async () => {
  const { endpoint } = await lendRuntime({ pods });
  const examined = await doctor(["--runtime-endpoint", endpoint]);
  expect(examined.code).toBe(0);
  const path = endpoint.replace("unix://", "");
  expect(of("socket", examined)).toEqual([
    { status: "ok", check: "socket", text: `${path} is there, and user ${process.getuid?.()} may connect` },
  ]);
  const [runtime] = of("runtime", examined);
  expect(runtime?.text).toMatch(
    /^containerd \S+ at unix:\S+ .*: \d+ ms for its version, \d+ ms for 1 pod and 1 container/,
  );
  expect(of("clock", examined).map(({ status }) => status)).toEqual(["ok"]);
});

test("one of several may be empty", async () => {
  const [full, empty] = [await lendRuntime({ pods }), await lendRuntime()];
  const examined = await doctor(["-r", full.endpoint, "-r", empty.endpoint]);
  expect(
    of("runtime", examined)
      .map(({ text }) => text)
      .filter((text) => text.startsWith("There are")),
  ).toEqual([]);
  expect(of("cgroups", examined).map(({ text }) => text)).not.toContainEqual(
    expect.stringContaining("no running container to look for"),
  );
});

test("no containers at all are a warning, which does not make doctor fail", async () => {
  const { endpoint } = await lendRuntime();
  const examined = await doctor(["--runtime-endpoint", endpoint]);
  expect(examined.code).toBe(0);
  expect(examined.out).toContain("There are no containers: nothing can be found");
});

test("a container's process that is in no cgroup of its own is not called invisible", async ({ skip }) => {
  skip(
    readFileSync("/proc/self/cgroup", "utf8").match(/:\/.+/) === null,
    "this test runs in a cgroup namespace of its own",
  );
  const process = spawn("sleep", ["60"]);
  onTestFinished(() => void process.kill());
  const { endpoint } = await lendRuntime({
    pods: [{ name: "web-1", namespace: "shop", containers: [{ id: newId(), name: "web", pid: process.pid ?? 0 }] }],
  });
  const [cgroups] = of("cgroups", await doctor(["--runtime-endpoint", endpoint]));
  expect(cgroups?.text).toMatch(
    new RegExp(
      `process ${process.pid} of container \\w+ is in no cgroup of its own, as with a rootless engine on cgroup`,
    ),
  );
  expect(todoOf(cgroups)).toContain("cgroup version 2");
});

test("a socket that is not there is a problem", async () => {
  const examined = await doctor(["--runtime-endpoint", "/nowhere/containerd.sock"]);
  expect(examined.code).toBe(1);
  const [socket] = of("socket", examined);
  expect(socket).toMatchObject({ status: "problem", text: "/nowhere/containerd.sock: no such socket" });
  expect(todoOf(socket)).not.toBe("");
  expect(of("runtime", examined)).toEqual([]);
  const [relative] = of("socket", await doctor(["--runtime-endpoint", "unix://nowhere/containerd.sock"]));
  expect(relative?.text).toMatch(/: no such socket: this is no path from the root/);
});

test("a socket on which nobody listens any more is told with the unit to look at", async () => {
  const folder = folderOfTest();
  for (const [name, unit] of [
    ["podman.sock", "podman.socket"],
    ["docker.sock", "docker"],
    ["containerd.sock", "containerd"],
  ] as const) {
    const path = join(folder, name);
    const left = `const s = require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", left]);
    const [runtime] = of("runtime", await doctor(["--runtime-endpoint", path]));
    expect([runtime?.status, todoOf(runtime)]).toEqual([
      "problem",
      expect.stringContaining(`systemctl status ${unit}\``),
    ]);
  }
});

test("a file where a socket should be is told as one", async () => {
  const file = join(folderOfTest(), "containerd.sock");
  writeFileSync(file, "");
  const [socket] = of("socket", await doctor(["--runtime-endpoint", file]));
  expect(socket?.text).toBe(`${file}: no socket, but something else`);
});

test("without any runtime all places that were looked at are named, below the host's root", async () => {
  const root = folderOfTest();
  const examined = await doctor(["--host-root", root]);
  expect(examined.code).toBe(1);
  const [socket] = of("socket", examined);
  expect(socket?.text).toContain(`None of the known sockets is there below ${root}: /run/containerd/containerd.sock, `);
  expect(socket?.text).toContain("/var/run/docker.sock");
});

test("a host_root that is not there is told as that", async () => {
  const root = join(folderOfTest(), "host");
  const [socket] = of("socket", await doctor(["--host-root", root]));
  expect(socket).toMatchObject({ status: "problem", text: `host_root ${root} is not there` });
});

test("where /var/run is a link to /run each place is named once", async () => {
  const root = folderOfTest();
  mkdirSync(join(root, "var"));
  symlinkSync("/run", join(root, "var/run"));
  const [socket] = of("socket", await doctor(["--host-root", root]));
  const named = /: (\/.*)$/.exec(socket?.text ?? "")?.[1]?.split(", ") ?? [];
  expect(named).toContain("/run/docker.sock");
  expect(named).toContain("/run/cri-dockerd.sock");
  expect(named.filter((path) => path.startsWith("/var/run/"))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
});

describe("a socket that takes connections", () => {
  async function given(answer: (socket: Socket) => void): Promise<string> {
    const path = join(folderOfTest(), "s.sock");
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket.on("error", () => {}));
      answer(socket);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => {
      for (const socket of open) socket.destroy();
      server.close();
    });
    return path;
  }

  test("and is silent is a runtime that hangs, told within its timeout", async () => {
    const path = await given(() => {});
    const examined = await doctor(["--runtime-endpoint", path]);
    expect(examined.code).toBe(1);
    const [runtime] = of("runtime", examined);
    expect(runtime?.text).toMatch(/takes connections and does not answer: .*no answer in time/);
    expect(todoOf(runtime)).toContain("the runtime hangs");
  });

  test("and speaks something else is told with what came", async () => {
    const path = await given((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const [runtime] = of("runtime", await doctor(["--runtime-endpoint", path]));
    expect(runtime?.status).toBe("problem");
    expect(todoOf(runtime)).toContain("whether this is its socket");
  });
});

test("a container made in the future is a clock that was set back", async () => {
  const runtime = await lendRuntime();
  const pod = runtime.addPod({ name: "early-1", namespace: "pay" });
  runtime.add(pod, { name: "early", createdAt: Date.now() + 3_600_000 });
  const examined = await doctor(["--runtime-endpoint", runtime.endpoint]);
  expect(examined.code).toBe(1);
  const [clock] = of("clock", examined);
  expect(clock).toMatchObject({ status: "problem", text: expect.stringMatching(/made 3\d\d\d s later/) });
});

test("where the host's cgroups cannot be seen, mounts are what to do", async () => {
  const { endpoint } = await lendRuntime({ pods });
  const root = folderOfTest();
  mkdirSync(join(root, "proc"));
  const [cgroups] = of("cgroups", await doctor(["--runtime-endpoint", endpoint, "--host-root", root]));
  expect(cgroups).toMatchObject({ status: "warning", text: `There are no cgroups at ${root}/sys/fs/cgroup` });
  expect(todoOf(cgroups)).toMatch(/hostPID: true.*host_root: \/host/);
});

describe("the node's name", () => {
  const name = async (env: Readonly<Record<string, string>>) => {
    const [found] = of("node name", await doctor(["--runtime-endpoint", "/nowhere.sock"], env));
    return found;
  };

  test("is K8S_NODE_NAME's", async () => {
    expect(await name({ K8S_NODE_NAME: "worker-1" })).toMatchObject({
      status: "ok",
      text: "k8s.node.name is worker-1, as K8S_NODE_NAME says",
    });
  });

  test("that only NODE_NAME has is read by nobody, which is told", async () => {
    const found = await name({ NODE_NAME: "worker-1" });
    expect(found?.status).toBe("warning");
    expect(todoOf(found)).toContain("node_name: ${env:NODE_NAME}");
  });

  test("in a pod without either comes by the downward API", async () => {
    const found = await name({ KUBERNETES_SERVICE_HOST: "10.0.0.1" });
    expect(found?.status).toBe("warning");
    expect(todoOf(found)).toContain("fieldPath: spec.nodeName");
  });
});
