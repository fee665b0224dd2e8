import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ps } from "../../../src/cli/listing/ps.ts";
import { CommandError, UsageError } from "../../../src/cli/terminal/output.ts";
import { newId } from "../../support/cri/answers.ts";
import { eventually } from "../../support/eventually.ts";
import { lendRuntime } from "../../support/lend.ts";
import { givenIo, steering } from "../given-cli.ts";

const [web, job, old] = [newId(), newId(), newId()];
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
        createdAt: Date.now() + 3_600_000,
      },
    ],
  },
  {
    name: "job-1",
    namespace: "batch",
    uid: "u-2",
    containers: [{ id: job, name: "job", image: `registry.example/job@sha256:${"5".repeat(64)}` }],
  },
  { name: "old-1", namespace: "batch", uid: "u-3", containers: [{ id: old, name: "web-old", createdAt: 1000 }] },
];

/** A runtime with these pods, of which the job has ended. */
async function given() {
  const server = await lendRuntime({ pods });
  server.exit(job, 1);
  return server;
}

async function run(argv: readonly string[], columns?: number) {
  const server = await given();
  const { io, out } = givenIo({ columns });
  expect(await ps([...argv, "--runtime-endpoint", server.endpoint], io, undefined)).toBe(0);
  return out();
}

const cells = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

/** The IDs that a command line lists, by their names here. */
async function chosen(...argv: readonly string[]): Promise<readonly string[]> {
  const names = new Map([
    [web, "web"],
    [job, "job"],
    [old, "old"],
  ]);
  return (await run([...argv, "-q"]))
    .split("\n")
    .filter((line) => line !== "")
    .map((id) => names.get(id) ?? id);
}

describe("podstamp ps", () => {
  test("shows each running container with its pod, and those that have exited with --all", async () => {
    const [header, first] = cells(await run([]));
    expect(header).toEqual(["CONTAINER", "IMAGE", "NAME", "POD", "NAMESPACE", "STATE", "CREATED"]);
    expect(first).toEqual([
      web.slice(0, 13),
      "registry.example/a/very/deep/path/of/a/team/shop/web:1.2.3-rc.4",
      "web",
      "web-7d9f6c5b8d-jzzb8",
      "shop",
      "running",
      expect.stringMatching(/ ago$/),
    ]);
    expect(await run(["-a"])).toMatch(/registry\.example\/job@sha256:555555555555 +job +job-1 +batch +exited/);
  });

  test("asks for lists alone where they tell all that is shown", async () => {
    const server = await given();
    const { io } = givenIo();
    await ps(["-r", server.endpoint], io, undefined);
    expect(server.calls("ListContainers")).toBe(1);
    expect([server.calls("ContainerStatus"), server.calls("PodSandboxStatus"), server.calls("ListImages")]).toEqual([
      0, 0, 0,
    ]);
    await ps(["-r", server.endpoint, "-o", "json"], io, undefined);
    expect([server.calls("ContainerStatus"), server.calls("PodSandboxStatus")]).toEqual([2, 2]);
  });

  test("names an image that the list has by its ID only, by one question for all", async () => {
    const id = `sha256:${"7".repeat(64)}`;
    const { Image } = await import("../../../src/proto/cri/v1/api.ts");
    const named = Image.fromPartial({ id, repoTags: ["registry.example/shop/cart:2.0"] });
    const server = await lendRuntime({
      images: [named],
      pods: [
        {
          name: "cart-1",
          namespace: "shop",
          containers: [newId(), newId()].map((one) => ({ id: one, name: "cart", image: id })),
        },
      ],
    });
    const { io, out } = givenIo();
    await ps(["-r", server.endpoint], io, undefined);
    expect(
      cells(out())
        .slice(1)
        .map(([, image]) => image),
    ).toEqual(["registry.example/shop/cart:2.0", "registry.example/shop/cart:2.0"]);
    expect([server.calls("ListImages"), server.calls("ContainerStatus")]).toEqual([1, 0]);
    const chosenBy = async (image: string) => {
      const one = givenIo();
      await ps(["-r", server.endpoint, "-q", "--image", image], one.io, undefined);
      return one
        .out()
        .trimEnd()
        .split("\n")
        .filter((line) => line !== "").length;
    };
    expect(await chosenBy("registry.example/shop/cart:2.0")).toBe(2);
    expect(await chosenBy("777777777777")).toBe(2);
    expect(await chosenBy("registry.example/shop/cart")).toBe(0);
  });

  test("an image that was pulled by its digest is named by it where the list tells the ID alone", async () => {
    const { Image } = await import("../../../src/proto/cri/v1/api.ts");
    const id = `sha256:${"7".repeat(64)}`;
    const pinned = `registry.example/shop/cart@sha256:${"9".repeat(64)}`;
    const image = Image.fromPartial({ id, repoDigests: [pinned] });
    const containers = [{ id: newId(), name: "cart", image: id }];
    const server = await lendRuntime({ images: [image], pods: [{ name: "cart-1", namespace: "shop", containers }] });
    const { io, out } = givenIo();
    await ps(["-r", server.endpoint], io, undefined);
    expect(cells(out())[1]?.[1]).toBe(pinned.slice(0, -52));
    expect(server.calls("ContainerStatus")).toBe(0);
  });

  test("an image has the name that its own runtime has for it, whatever another one calls the same bytes", async () => {
    const { Image } = await import("../../../src/proto/cri/v1/api.ts");
    const id = `sha256:${"7".repeat(64)}`;
    const runtimeWith = (name: string) =>
      lendRuntime({
        images: [Image.fromPartial({ id, repoTags: [`registry.example/${name}:1`] })],
        pods: [{ name, namespace: "shop", containers: [{ id: newId(), name, image: id }] }],
      });
    const [one, other] = [await runtimeWith("one"), await runtimeWith("other")];
    const { io, out } = givenIo();
    await ps(["-r", one.endpoint, "-r", other.endpoint], io, undefined);
    const images = cells(out())
      .slice(1)
      .map(([, image, name]) => [name, image]);
    expect(Object.fromEntries(images)).toEqual({ one: "registry.example/one:1", other: "registry.example/other:1" });
  });

  test.each<[readonly string[], readonly string[]]>([
    [[], ["web", "old"]],
    [["-a"], ["web", "job", "old"]],
    [["--all=true"], ["web", "job", "old"]],
    [["-a=false"], ["web", "old"]],
    // Not -a -l -l.
    [["-all"], ["web", "job", "old"]],
    [
      ["-last", "2"],
      ["web", "job"],
    ],
    [["-name=^web$"], ["web"]],
    [["--state", "Exited"], ["job"]],
    [["-s", "created"], []],
    [
      ["--name", "web"],
      ["web", "old"],
    ],
    [["--name", "^web$"], ["web"]],
    [
      ["-a", "--namespace", "^bat"],
      ["job", "old"],
    ],
    [["--label", "io.kubernetes.container.name=web"], ["web"]],
    [["--label", "io.kubernetes.container.name=web", "--label", "a=b"], []],
    [["--label", "io.kubernetes.container.name=web,io.kubernetes.pod.namespace=shop"], ["web"]],
    [["--label", "io.kubernetes.container.name=web,io.kubernetes.pod.namespace=batch"], []],
    [["--id", web.slice(0, 12)], ["web"]],
    [["--latest"], ["web"]],
    [
      ["-n", "2"],
      ["web", "job"],
    ],
    [
      ["--last", "0"],
      ["web", "old"],
    ],
    [
      ["-n", "5", "--name", "web"],
      ["web", "old"],
    ],
    [["--image", "registry.example/web-old"], []],
    [["--image", "registry.example/web-old:1.0"], ["old"]],
  ])("%j means %j", async (argv, expected) => {
    expect(new Set(await chosen(...argv))).toEqual(new Set(expected));
  });

  test("-p means the containers of a pod", async () => {
    const server = await given();
    const podOf = async () => {
      const { io, out } = givenIo();
      await ps(["-r", server.endpoint, "-o", "json"], io, undefined);
      return (JSON.parse(out()) as { id: string; podId: string }[]).find(({ id }) => id === web)?.podId ?? "";
    };
    const { io, out } = givenIo();
    await ps(["-r", server.endpoint, "-q", "-p", (await podOf()).slice(0, 13)], io, undefined);
    expect(out()).toBe(`${web}\n`);
  });

  test.each([
    [["--name", "("], /^Option --name must be a regular expression of RE2's, is "\("/],
    [["--label", "app"], /^Option --label must be KEY=VALUE, is "app"$/],
    [["--last", "-1"], /^Option --last must be a number, is "-1"$/],
    [["--state", "sleeping"], /^Option --state must be created, running, exited or unknown, is "sleeping"$/],
    [["-o", "xml"], /^Option --output must be table, wide, json or yaml, is "xml"$/],
    [["-t", "soon"], /^Option --timeout must be a duration such as 2s, is "soon"$/],
  ])("%j is refused", async (argv, message) => {
    const refused = ps([...argv, "-r", "/no/such.sock"], givenIo().io, undefined);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
  });

  test("where --image cannot be told, since images are not, that is said", async () => {
    const server = await lendRuntime({ pods });
    const asked = (...argv: readonly string[]) =>
      ps(["-r", server.endpoint, "-i", "/no/images.sock", "-q", ...argv], givenIo().io, undefined);
    await expect(asked("--image", "web")).rejects.toThrow(/images\.sock \(ListImages\): no such socket/);
    expect(await asked()).toBe(0);
  });

  test.each([120, 100, 80])("fits into %d columns, with whole IDs", async (columns) => {
    const lines = (await run(["--all"], columns)).trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.join("\n")).toContain(web.slice(0, 13));
    expect(lines.join("\n")).toContain("web:1.2.3-rc.4");
  });

  test.each([59, 40])("has fewer columns in %d, with whole IDs and states", async (columns) => {
    const [header = "", ...lines] = (await run(["--all"], columns)).trimEnd().split("\n");
    expect(header).toMatch(/^CONTAINER +NAME +POD +STATE$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${web.slice(0, 13)} .* running$`)));
  });

  test("--no-trunc shows IDs in full, and a pipe gets everything", async () => {
    expect(await run(["--no-trunc"], 80)).toContain(web);
    expect(await run([])).toContain("registry.example/a/very/deep/path/of/a/team/shop/web:1.2.3-rc.4");
  });

  test("-o wide shows more, uncut", async () => {
    const lines = cells(await run(["-o", "wide"], 80));
    expect(lines[0]?.slice(7)).toEqual(["ATTEMPT", "POD ID", "PID", "POD UID", "IMAGE DIGEST", "RUNTIME"]);
    expect(lines[1]?.slice(7)).toEqual([
      "3",
      expect.stringMatching(/^[0-9a-f]{13}$/),
      "4242",
      "u-1",
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      "containerd 1.7.35",
    ]);
  });

  test("-o json is JSON with all facts, and yaml says the same", async () => {
    const server = await given();
    const told = async (format: string) => {
      const { io, out } = givenIo();
      await ps(["-a", "-o", format, "-r", server.endpoint], io, undefined);
      return out();
    };
    const asJson: unknown = JSON.parse(await told("json"));
    expect(asJson).toHaveLength(3);
    expect(asJson).toContainEqual({
      id: web,
      name: "web",
      state: "running",
      attempt: 3,
      restartCount: 3,
      createdAt: expect.stringMatching(/^20\d\d-/),
      pid: 4242,
      cgroupPath: `/kubepods/besteffort/podu-1/${web}`,
      image: expect.objectContaining({
        name: "registry.example/a/very/deep/path/of/a/team/shop/web",
        tags: ["1.2.3-rc.4"],
        requested: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      }),
      labels: expect.objectContaining({ "io.kubernetes.container.name": "web" }),
      annotations: expect.objectContaining({ "io.kubernetes.container.restartCount": "3" }),
      podId: expect.stringMatching(/^[0-9a-f]{64}$/),
      pod: expect.objectContaining({
        name: "web-7d9f6c5b8d-jzzb8",
        namespace: "shop",
        uid: "u-1",
        addresses: ["10.0.0.7"],
      }),
      runtime: expect.objectContaining({ name: "containerd" }),
    });
    expect(asJson).toContainEqual(expect.objectContaining({ id: job, state: "exited" }));
    expect(parse(await told("yaml"))).toEqual(asJson);
  });

  test("says in one line that there is no runtime, which socket was asked, and what for", async () => {
    const { io } = givenIo();
    await expect(ps(["-r", "/no/such.sock"], io, undefined)).rejects.toThrow(
      new CommandError("Cannot ask unix:///no/such.sock (Version): no such socket"),
    );
    const auto = givenIo({ env: { CONTAINER_RUNTIME_ENDPOINT: "unix:///no/such.sock" } });
    await expect(ps([], auto.io, undefined)).rejects.toThrow(CommandError);
  });

  test("says that the list failed, and shows what the list told where details fail", async () => {
    const server = await lendRuntime({ pods });
    server.fail("ContainerStatus", status.INTERNAL);
    server.fail("PodSandboxStatus", status.INTERNAL);
    const { io, out } = givenIo();
    await ps(["-r", server.endpoint, "-o", "wide"], io, undefined);
    expect(out()).toContain("web-7d9f6c5b8d-jzzb8");
    server.fail("ListContainers", status.INTERNAL);
    await expect(ps(["-r", server.endpoint], io, undefined)).rejects.toThrow(
      /^Cannot ask unix:.*ListContainers.*told to fail$/,
    );
  });

  test("asks for the version, containers and pods at once", async () => {
    const server = await lendRuntime({ pods });
    server.freeze();
    const { io, out } = givenIo();
    const listed = ps(["-q", "-r", server.endpoint], io, undefined);
    const all = ["Version", "ListContainers", "ListPodSandbox"] as const;
    await eventually(() => all.every((method) => server.calls(method) === 1), { what: "the three calls" });
    server.thaw();
    expect(await listed).toBe(0);
    expect(out().split("\n")).toContain(web);
  });

  test("asks once more for pods when a container is of one that was told too late", async () => {
    const server = await lendRuntime({ pods });
    server.slow("ListContainers", 300);
    const { io, out } = givenIo();
    const listed = ps(["-r", server.endpoint], io, undefined);
    await eventually(() => server.calls("ListPodSandbox") === 1, { what: "the question for pods" });
    server.addPod({ name: "late-1", namespace: "late-namespace", containers: [{ id: newId(), name: "late" }] });
    expect(await listed).toBe(0);
    expect(cells(out())).toContainEqual(expect.arrayContaining(["late", "late-1", "late-namespace"]));
    expect(server.calls("ListPodSandbox")).toBe(2);
  });

  test("-t says how long a runtime may take", async () => {
    const server = await lendRuntime({ pods });
    server.freeze();
    await expect(ps(["-r", server.endpoint, "-t", "200ms"], givenIo().io, undefined)).rejects.toThrow(
      /\(Version\): no answer in time$/,
    );
  });

  test.each([[], ["-o", "wide"], ["-o", "json"], ["-o", "yaml"], ["-q"]])(
    "lets no name steer the terminal: %s",
    async (...argv) => {
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
      await ps([...argv, "-r", server.endpoint], io, undefined);
      expect(out()).toMatch(argv[0] === "-q" ? /^[0-9a-f]{64}\n$/ : /evil/);
      expect(out()).not.toMatch(steering);
    },
  );

  test("fits into 80 columns also when names are full of what is made visible", async () => {
    const name = "\u001b".repeat(30);
    const server = await lendRuntime({ pods: [{ name, namespace: name, containers: [{ id: newId(), name }] }] });
    const { io, out } = givenIo({ columns: 80 });
    await ps(["-r", server.endpoint], io, undefined);
    for (const line of out().split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});
