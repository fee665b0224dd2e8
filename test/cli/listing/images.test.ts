import { describe, expect, test } from "vitest";
import { images } from "../../../src/cli/listing/images.ts";
import { CommandError, UsageError } from "../../../src/cli/terminal/output.ts";
import { Image } from "../../../src/proto/cri/v1/api.ts";
import { lendRuntime } from "../../support/lend.ts";
import { givenIo, steering } from "../given-cli.ts";

const id = (digit: string) => `sha256:${digit.repeat(64)}`;
const known = [
  Image.fromPartial({
    id: id("1"),
    repoTags: ["registry.example/shop/web:1.2", "registry.example/shop/web:latest"],
    repoDigests: [`registry.example/shop/web@${id("a")}`],
    size: 1_997_500n,
  }),
  Image.fromPartial({ id: id("2"), repoDigests: [`registry.example/job@${id("b")}`], size: 421n }),
  Image.fromPartial({ id: id("3"), repoTags: ["registry.k8s.io/pause:3.10"], size: 320_400_000n, pinned: true }),
];

async function run(argv: readonly string[], columns?: number) {
  const server = await lendRuntime({ images: known });
  const { io, out } = givenIo({ columns });
  expect(await images([...argv, "-r", server.endpoint], io)).toBe(0);
  return out();
}

const cells = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

describe("podstamp images", () => {
  test("shows each name of each image with its size", async () => {
    expect(cells(await run([]))).toEqual([
      ["IMAGE", "TAG", "IMAGE ID", "SIZE"],
      ["registry.example/job", "<none>", "2".repeat(13), "421B"],
      ["registry.example/shop/web", "1.2", "1".repeat(13), "2MB"],
      ["registry.example/shop/web", "latest", "1".repeat(13), "2MB"],
      ["registry.k8s.io/pause", "3.10", "3".repeat(13), "320MB"],
    ]);
  });

  test("--digests and --pinned show these too, wide both", async () => {
    const web = (lines: readonly (readonly string[])[]) => lines.find((line) => line[1] === "1.2");
    expect(web(cells(await run(["--digests", "--pinned"])))).toEqual([
      "registry.example/shop/web",
      "1.2",
      "a".repeat(13),
      "1".repeat(13),
      "2MB",
      "false",
    ]);
    expect(web(cells(await run(["-o", "wide"])))?.slice(2)).toEqual([
      id("a"),
      "1".repeat(13),
      "2MB",
      "false",
      "containerd 1.7.35",
    ]);
    expect(await run(["--no-trunc"])).toContain(` ${id("1")} `);
  });

  test.each<[readonly string[], readonly string[]]>([
    [[], ["1", "2", "3"]],
    [["registry.example/shop/web"], ["1"]],
    [["registry.example/shop/web:2"], []],
    [["registry.k8s.io/pause"], ["3"]],
    [["registry.k8s.io/pause:3.9"], []],
    [["registry.example/job"], ["2"]],
    [["registry.example/shop"], []],
    [[`registry.example/job@${id("b")}`], ["2"]],
    [["33333"], ["3"]],
    [["--filter", "dangling=true"], ["2"]],
    [["-f", "dangling=false", "-f", "reference=pause$"], ["3"]],
    [
      ["-f", "reference=^registry\\.example/"],
      ["1", "2"],
    ],
  ])("%j means %j", async (argv, expected) => {
    const ids = (await run([...argv, "-q"])).split("\n").filter((line) => line !== "");
    expect(new Set(ids)).toEqual(new Set(expected.map(id)));
  });

  test("-o json has sizes in bytes", async () => {
    const [web] = JSON.parse(await run(["-o", "json", "registry.example/shop/web:1.2"])) as unknown[];
    expect(web).toEqual({
      id: id("1"),
      repoTags: ["registry.example/shop/web:1.2", "registry.example/shop/web:latest"],
      repoDigests: [`registry.example/shop/web@${id("a")}`],
      size: 1_997_500,
      pinned: false,
      runtimes: [expect.objectContaining({ name: "containerd" })],
    });
  });

  test("refuses filters that it does not know, and says when nobody answers", async () => {
    await expect(images(["-f", "before=x", "-r", "/no.sock"], givenIo().io)).rejects.toThrow(
      new UsageError('Option --filter must be dangling=true, dangling=false or reference=PATTERN, is "before=x"'),
    );
    await expect(images(["-r", "/no.sock"], givenIo().io)).rejects.toThrow(
      new CommandError("Cannot ask unix:///no.sock (Version): no such socket"),
    );
  });

  test("asks where the images are, when that is at another socket", async () => {
    const own = await lendRuntime({ images: known });
    const server = await lendRuntime();
    const { io, out } = givenIo();
    await images(["-r", server.endpoint, "-i", own.endpoint, "-q"], io);
    expect(out().split("\n")).toContain(id("1"));
    expect([server.calls("ListImages"), own.calls("ListImages")]).toEqual([0, 1]);
  });

  test("fits into 80 columns, and lets no name steer the terminal", async () => {
    const lines = (await run(["--digests"], 80)).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const evil = [Image.fromPartial({ id: id("9"), repoTags: ["\u001b]0;t\u0007\u009b1m\u202eevil\u2028:1"] })];
    const server = await lendRuntime({ images: evil });
    for (const format of ["table", "wide", "json", "yaml"]) {
      const { io, out } = givenIo();
      await images(["-o", format, "-r", server.endpoint], io);
      expect(out()).toContain("evil");
      expect(out()).not.toMatch(steering);
    }
  });
});
