import { describe, expect, test } from "vitest";
import { pods } from "../../../src/cli/listing/pods.ts";
import { newId } from "../../support/cri/answers.ts";
import { lendRuntime } from "../../support/lend.ts";
import { givenIo, steering } from "../given-cli.ts";

const [web, job] = [newId(), newId()];
const model = [
  { id: web, name: "web-7d9f6c5b8d-jzzb8", namespace: "shop", uid: "u-1", ip: "10.0.0.7", labels: { app: "web" } },
  { id: job, name: "job-1", namespace: "batch", uid: "u-2" },
];

async function run(argv: readonly string[], columns?: number) {
  const server = await lendRuntime({ pods: model });
  server.stopPod(job);
  const { io, out } = givenIo({ columns });
  expect(await pods([...argv, "-r", server.endpoint], io, undefined)).toBe(0);
  return { text: out(), server };
}

const cells = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

describe("podstamp pods", () => {
  test("shows each pod, ready or not", async () => {
    const { text, server } = await run([]);
    const [header, ...rows] = cells(text);
    expect(header).toEqual(["POD ID", "NAME", "NAMESPACE", "STATE", "CREATED", "ATTEMPT", "HANDLER"]);
    const ago = expect.stringMatching(/ ago$/);
    expect(new Set(rows)).toEqual(
      new Set([
        [web.slice(0, 13), "web-7d9f6c5b8d-jzzb8", "shop", "ready", ago, "0", "(default)"],
        [job.slice(0, 13), "job-1", "batch", "notready", ago, "0", "(default)"],
      ]),
    );
    expect(server.calls("PodSandboxStatus")).toBe(0);
  });

  test.each<[readonly string[], readonly string[]]>([
    [["--state", "NotReady"], [job]],
    [["--name", "^web-"], [web]],
    [["--namespace", "batch"], [job]],
    [["--label", "app=web"], [web]],
    [["--id", job.slice(0, 20)], [job]],
    [
      ["-n", "7"],
      [web, job],
    ],
  ])("%j means some of them", async (argv, expected) => {
    const { text } = await run([...argv, "-q"]);
    expect(new Set(text.trimEnd().split("\n"))).toEqual(new Set(expected));
  });

  test("-o json has their addresses, and wide shows them", async () => {
    const told = JSON.parse((await run(["-o", "json", "--id", web])).text) as unknown;
    expect(told).toEqual([
      {
        id: web,
        name: "web-7d9f6c5b8d-jzzb8",
        namespace: "shop",
        uid: "u-1",
        state: "ready",
        attempt: 0,
        createdAt: expect.stringMatching(/^20\d\d-/),
        labels: expect.objectContaining({ app: "web" }),
        annotations: { "kubernetes.io/config.source": "api" },
        runtimeHandler: null,
        addresses: ["10.0.0.7"],
        isHostNetwork: false,
        hostname: null,
        runtime: expect.objectContaining({ name: "containerd" }),
      },
    ]);
    const { text, server } = await run(["-o", "wide"]);
    expect(text).toMatch(/ u-1 +10\.0\.0\.7 +containerd 1\.7\.35\n/);
    expect(text).toMatch(/ u-2 +host +containerd 1\.7\.35\n/);
    expect(server.calls("PodSandboxStatus")).toBe(2);
  });

  test.each([80, 50, 40])("fits into %d columns, with whole IDs", async (columns) => {
    const { text } = await run([], columns);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(text).toContain(web.slice(0, 13));
  });

  test.each(["table", "wide", "json", "yaml"])("lets no name steer the terminal: %s", async (format) => {
    const name = "\u001b]0;title\u0007\u009b31m\u202eevil\u2028";
    const server = await lendRuntime({ pods: [{ name, namespace: name, uid: name, labels: { [name]: name } }] });
    const { io, out } = givenIo();
    await pods(["-o", format, "-r", server.endpoint], io, undefined);
    expect(out()).toContain("evil");
    expect(out()).not.toMatch(steering);
  });
});
