import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { fit } from "../../src/cli/fit.ts";
import { CommandError, UsageError } from "../../src/cli/output.ts";
import { ps } from "../../src/cli/ps.ts";
import { newId } from "../support/cri-answers.ts";
import { lendRuntime } from "../support/lend.ts";
import { givenIo, steering } from "./given-cli.ts";

const web = newId();
const job = newId();
const pods = [
  {
    name: "web-7d9f6c5b8d-jzzb8",
    namespace: "shop",
    uid: "u-1",
    ip: "10.0.0.7",
    labels: { app: "web" },
    containers: [
      {
        id: web,
        name: "web",
        image: "registry.example/a/very/deep/path/of/a/team/shop/web:1.2.3-rc.4",
        restartCount: 3,
      },
    ],
  },
  {
    name: "job-1",
    namespace: "shop",
    uid: "u-2",
    containers: [{ id: job, name: "job", image: `registry.example/job@sha256:${"5".repeat(64)}` }],
  },
];

/** Runs the command against a runtime with these pods, of which the job has ended. */
async function run(argv: readonly string[], columns?: number) {
  const server = await lendRuntime({ pods });
  server.exit(job, 1);
  const { io, out } = givenIo({ columns });
  expect(await ps([...argv, "--runtime-endpoint", server.endpoint], io)).toBe(0);
  return out();
}

describe("podstamp ps", () => {
  test("shows each running container with its pod, and those that have exited with --all", async () => {
    const lines = (await run([]))
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(lines).toEqual([
      ["CONTAINER", "POD", "NAMESPACE", "NAME", "IMAGE", "STATE"],
      [
        web.slice(0, 12),
        "web-7d9f6c5b8d-jzzb8",
        "shop",
        "web",
        "registry.example/a/very/deep/path/of/a/team/shop/web:1.2.3-rc.4",
        "running",
      ],
    ]);
    const all = await run(["-a"]);
    expect(all).toContain(job.slice(0, 12));
    expect(all).toMatch(/registry\.example\/job@sha256:555555555555 +exited/);
  });

  test.each([80, 60])("fits into %d columns, and a pipe gets everything", async (columns) => {
    const lines = (await run(["--all"], columns)).trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.join("\n")).toContain("…");
  });

  test("-o wide shows more, uncut", async () => {
    const [header, line] = (await run(["-o", "wide"], 80)).split("\n");
    expect(header?.split(/ {2,}/).slice(6)).toEqual([
      "RESTARTS",
      "PID",
      "CREATED",
      "POD UID",
      "IMAGE DIGEST",
      "RUNTIME",
    ]);
    expect(line?.split(/ {2,}/).slice(6)).toEqual([
      "3",
      "4242",
      expect.stringMatching(/^20\d\d-.*Z$/),
      "u-1",
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      "containerd 1.7.35",
    ]);
  });

  test("-o json is JSON with all facts", async () => {
    const told: unknown = JSON.parse(await run(["-o", "json", "-a"]));
    expect(told).toHaveLength(2);
    expect(told).toContainEqual({
      id: web,
      name: "web",
      state: "running",
      restartCount: 3,
      createdAt: expect.stringMatching(/^20\d\d-/),
      pid: 4242,
      cgroupPath: `/kubepods/besteffort/podu-1/${web}`,
      image: expect.objectContaining({
        name: "registry.example/a/very/deep/path/of/a/team/shop/web",
        tags: ["1.2.3-rc.4"],
      }),
      labels: expect.objectContaining({ "io.kubernetes.container.name": "web" }),
      annotations: expect.objectContaining({ "io.kubernetes.container.restartCount": "3" }),
      pod: expect.objectContaining({
        name: "web-7d9f6c5b8d-jzzb8",
        namespace: "shop",
        uid: "u-1",
        addresses: ["10.0.0.7"],
      }),
      runtime: expect.objectContaining({ name: "containerd" }),
    });
    expect(told).toContainEqual(expect.objectContaining({ id: job, state: "exited" }));
  });

  test("says in one line that there is no runtime, which socket was asked, and what for", async () => {
    const { io } = givenIo();
    await expect(ps(["-r", "/no/such.sock"], io)).rejects.toThrow(
      new CommandError("Cannot ask unix:///no/such.sock (Version): no such socket"),
    );
    const auto = givenIo({ env: { CONTAINER_RUNTIME_ENDPOINT: "unix:///no/such.sock" } });
    await expect(ps([], auto.io)).rejects.toThrow(CommandError);
  });

  test("says that the list failed, and shows what the list told where details fail", async () => {
    const server = await lendRuntime({ pods });
    server.fail("ContainerStatus", status.INTERNAL);
    server.fail("PodSandboxStatus", status.INTERNAL);
    const { io, out } = givenIo();
    await ps(["-r", server.endpoint], io);
    expect(out()).toContain("web-7d9f6c5b8d-jzzb8");
    server.fail("ListContainers", status.INTERNAL);
    await expect(ps(["-r", server.endpoint], io)).rejects.toThrow(/^Cannot ask unix:.*ListContainers.*told to fail$/);
  });

  test("refuses an output that it does not know", async () => {
    await expect(ps(["-o", "yaml"], givenIo().io)).rejects.toThrow(
      new UsageError('Option --output must be table, wide or json, is "yaml"'),
    );
  });

  test.each([[], ["-o", "wide"], ["-o", "json"]])("lets no name steer the terminal: %s", async (...argv) => {
    const name = "\u001b]0;title\u0007\u009b31m\u202eevil\u2028";
    const server = await lendRuntime({
      pods: [
        {
          name,
          namespace: name,
          uid: name,
          labels: { [name]: name },
          containers: [{ id: newId(), name, image: name }],
        },
      ],
    });
    const { io, out } = givenIo();
    await ps([...argv, "-r", server.endpoint], io);
    expect(out()).toContain("evil");
    expect(out()).not.toMatch(steering);
  });

  test("fits into 80 columns also when names are full of what is made visible", async () => {
    const name = "\u001b".repeat(30);
    const server = await lendRuntime({ pods: [{ name, namespace: name, containers: [{ id: newId(), name }] }] });
    const { io, out } = givenIo({ columns: 80 });
    await ps(["-r", server.endpoint], io);
    for (const line of out().split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("fitting rows", () => {
  const rows = [["aaaaaaaaaaaaaaaaaaaa", "b", "cccccccccccc"]];

  test("cuts the widest column first, in its middle", () => {
    expect(fit(rows, 30)).toEqual([
      ["aaaaaa…aaaaaaa", "b", "cccccccccccc"].map((cell) =>
        cell.startsWith("a") ? expect.stringMatching(/^a+…a+$/) : cell,
      ),
    ]);
    expect(fit(rows, 30)[0]?.join("  ").length).toBeLessThanOrEqual(30);
  });

  test("cuts none below eight, and none where the terminal says that it has no columns", () => {
    expect(fit(rows, 5)[0]?.map((cell) => cell.length)).toEqual([8, 1, 8]);
    expect(fit(rows, 0)).toEqual(rows);
    expect(fit(rows, undefined)).toEqual(rows);
    expect(fit([], 80)).toEqual([]);
  });
});
