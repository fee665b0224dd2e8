import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { explain } from "../../../src/cli/explain/explain.ts";
import cgroupCases from "../../fixtures/cgroup-cases.json" with { type: "json" };
import imageCases from "../../fixtures/image-cases.json" with { type: "json" };
import ownerCases from "../../fixtures/owner-cases.json" with { type: "json" };
import { givenIo, pieces, steering } from "../given-cli.ts";

type Answer = Readonly<Record<string, string | true | null>>;

async function said(argv: readonly string[], ...input: (string | Uint8Array)[]): Promise<string> {
  const { io, out } = givenIo({ input: () => pieces(...input) });
  expect(await explain(argv, io)).toBe(0);
  return out();
}

async function answers(kind: string, ...input: (string | Uint8Array)[]): Promise<readonly Answer[]> {
  const text = await said([kind, "-", "-o", "json"], ...input);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Answer);
}

async function answer(kind: string, text: string): Promise<Answer> {
  return JSON.parse(await said([kind, "-o", "json", "--", text])) as Answer;
}

type CgroupCase = {
  readonly path: string;
  readonly container_id: string;
  readonly pod_uid?: string;
  readonly runtime: string | null;
  readonly runtime_from: string | null;
  readonly tier: string;
};

describe("a cgroup of other agents' own tests", () => {
  const cases = (cgroupCases as readonly CgroupCase[]).filter(({ tier }) => tier === "core");
  test.each(cases)("$path is explained", async (one) => {
    const { runtime, ...ids } = await answer("cgroup", one.path);
    expect(ids).toEqual({ container_id: one.container_id || null, pod_uid: one.pod_uid ?? null });
    // Of a bare ID under kubepods some peers say containerd and some Docker: the path does not decide.
    const isBare = /kubepods.*\/[0-9a-f]{64}$/.test(one.path.trim());
    expect(runtime).toBe(isBare || one.runtime_from === null ? null : one.runtime);
  });

  test("lines of them are answered one by one, the same", async () => {
    const lines = cases.map(({ path }) => path).filter((path) => !path.includes("\n"));
    expect(lines.length).toBeGreaterThan(90);
    const alone = await Promise.all(lines.map((path) => answer("cgroup", path)));
    expect(await answers("cgroup", lines.join("\n"))).toEqual(alone);
  });
});

type ImageCase = {
  readonly image: string;
  readonly name: string | null;
  readonly tag: string | null;
  readonly digest: string | null;
  readonly error?: boolean;
  readonly kind?: string;
};

describe("an image reference of other projects' own tests", () => {
  // What is malformed as a repo digest only is a good reference.
  const cases = (imageCases as readonly ImageCase[]).filter(({ error, kind }) => error !== true || kind === undefined);
  test.each(cases)("'$image' is explained", async ({ image, name, tag, digest, error }) => {
    const told = await answer("image", image);
    const { error: problem, ...parts } = told;
    expect(parts).toEqual(error === true ? { name: null, tag: null, digest: null } : { name, tag, digest });
    expect(problem !== null).toBe(error === true);
    expect((await answers("image", image === "" ? "\n" : image))[0]).toEqual(told);
  });
});

describe("a text that is no image reference", () => {
  test.each([
    ["", ", is empty"],
    ["Acme/Web:1", ": the name must be in lower case"],
    ["docker.io/Acme/web@sha256:" + "a".repeat(64), ": the name must be in lower case"],
    ["docker-pullable://web@sha256:" + "a".repeat(64), ", has docker-pullable:// in front"],
    ["https://registry.example/web", ", has https:// in front"],
    [
      `web:${"v".repeat(129)}`,
      ": the tag must have 1 to 128 letters, digits, _, . and -, and begin with neither . nor -",
    ],
    ["web:", ": the tag must have 1 to 128 letters, digits, _, . and -, and begin with neither . nor -"],
    ["web:1@md5:" + "a".repeat(32), ": the digest must be sha256:, sha384:, sha512: or blake3: and hexadecimal digits"],
    ["web@", ": the digest must be sha256:, sha384:, sha512: or blake3: and hexadecimal digits"],
    ["web" + "x".repeat(2000), ": it must have at most 1024 characters"],
    ["a".repeat(256), ""],
    ["web app", ""],
    ["[::1]", ""],
  ])("%j is told why", async (text, why) => {
    expect((await answer("image", text))["error"]).toBe(`must be NAME[:TAG][@DIGEST]${why}`);
  });
});

type OwnerCase = { readonly kind: string; readonly input: string; readonly expected: string };

const nothing = { kind: null, name: null, heuristic: null };

describe("a name of other agents' own tests", () => {
  const cases = (ownerCases as readonly OwnerCase[])
    .map(({ kind, input, expected }) => ({ from: kind.split("->")[0] ?? "", to: kind.split("->")[1], input, expected }))
    .filter(({ to }) => to !== undefined);
  const direct = cases.filter(({ to }) => to !== "replicaset");

  test.each(direct)("$input, of a $from, is of the $to '$expected'", async ({ from, to, input, expected }) => {
    const told = await answer("workload", `${from}/${input}`);
    expect(told).toEqual(expected === "" ? nothing : { kind: to, name: expected, heuristic: true });
  });

  test.each(direct)("$input alone tells the same", async ({ to, input, expected }) => {
    const told = await answer("workload", input);
    expect(told).toEqual(expected === "" ? nothing : { kind: to, name: expected, heuristic: true });
  });

  // What is told of a pod is the outermost: of its ReplicaSet the Deployment, where there is one.
  test.each(cases.filter(({ to }) => to === "replicaset"))(
    "$input, of a pod, leads to where its ReplicaSet '$expected' leads",
    async ({ input, expected }) => {
      const told = await answer("workload", `pod/${input}`);
      const outer = await answer("workload", `replicaset/${expected}`);
      const alone = { kind: "replicaset", name: expected, heuristic: true };
      expect(told).toEqual(expected === "" ? nothing : outer.kind === null ? alone : outer);
    },
  );
});

describe("podstamp explain", () => {
  const id = "a".repeat(64);

  test("answers each line once: empty, with CRLF, not UTF-8, cut in pieces, without an end", async () => {
    const input = [`0::/docker/${id}\r\n\n`, Buffer.from([0xff, 0xfe, 10]), "0::/dock", `er/${id}`];
    const told = await answers("cgroup", ...input);
    expect(told.map(({ container_id: one }) => one)).toEqual([id, null, null, id]);
    expect(await answers("image", "a\r\n", "b\n\n")).toHaveLength(3);
    expect(await answers("image")).toHaveLength(0);
    expect(await answers("workload", "\n")).toEqual([nothing]);
  });

  test("a line of any length is one line, answered by one", async () => {
    const long = Array.from({ length: 40 }, () => "x".repeat(100_000));
    const told = await answers("image", "a:1\n", ...long, "\nb:2\n", ...long);
    expect(told.map(({ name }) => name)).toEqual(["a", null, "b", null]);
    expect((await answers("cgroup", `0::/docker/${id}/`, ...long))[0]).toMatchObject({ container_id: id });
    const end = `/cri-containerd-${id}.scope`;
    expect((await answers("cgroup", "0::/", ...long.slice(0, 5), end))[0]).toMatchObject({ container_id: id });
    expect((await answers("cgroup", ...long, end))[0]).toEqual({ container_id: null, pod_uid: null, runtime: null });
  });

  test("the keys are always the same ones", async () => {
    const keys = async (kind: string, text: string) => Object.keys(await answer(kind, text));
    for (const text of ["", "x", `/docker/${id}`]) {
      expect(await keys("cgroup", text)).toEqual(["container_id", "pod_uid", "runtime"]);
      expect(await keys("image", text)).toEqual(["name", "tag", "digest", "error"]);
      expect(await keys("workload", text)).toEqual(["kind", "name", "heuristic"]);
    }
  });

  test.each([
    ["web-tsdww", { kind: "replicaset", name: "web" }],
    ["hello-27894561-x7k2p", { kind: "cronjob", name: "hello" }],
    ["hello-27894561", { kind: "cronjob", name: "hello" }],
    ["job/hello-2789456a", nothing],
    // As `kubectl get -o name` prints them.
    ["replicaset.apps/web-56c89cfff7", { kind: "deployment", name: "web" }],
    ["job.batch/hello-27894561", { kind: "cronjob", name: "hello" }],
    ["deployment.apps/web-56c89cfff7", nothing],
    ["web-http", { kind: "replicaset", name: "web" }],
    ["replicaset/web-http", nothing],
    // A hash is a number written in other digits: a small one is short, as other agents' own tests have it.
    ["replicaset/web-56c", { kind: "deployment", name: "web" }],
    ["web-56c-p2q", { kind: "deployment", name: "web" }],
    ["replicaset/web-5f", nothing],
    ["web-0", nothing],
    ["cronjob/hello-27894561", nothing],
    ["Web-56c89cfff7", nothing],
    [`${"x".repeat(250)}-56c89cfff7`, nothing],
    ["constructor/x", nothing],
  ])("the name %s tells %j", async (name, expected) => {
    expect(await answer("workload", name)).toMatchObject(expected);
  });

  test("is readable as text, and nothing in it steers a terminal", async () => {
    expect(await said(["cgroup", `0::/kubepods/pod${"1".repeat(32)}/crio-${id}.scope`])).toBe(
      `container  ${id}\npod uid    ${"1".repeat(32)}\nruntime    cri-o\n`,
    );
    expect(await said(["workload", "web-56c89cfff7-tsdww"])).toBe(
      "kind  deployment\nname  web\nsure  no: by the name alone, which anybody can give; podstamp goes by labels\n",
    );
    expect(await said(["cgroup", "/"])).toBe("Nothing is to be said of this cgroup.\n");
    expect(await said(["image", "-"], "a:1\n\u001b[31m\n")).toBe("a  1  -\nerror: must be NAME[:TAG][@DIGEST]\n");
    expect(await said(["cgroup", "-"], `\u001b]0;x\u0007/docker/${id}\u0085\n`)).not.toMatch(steering);
  });

  test("as a program it answers a million bytes that are no text, and all of what a slow reader asks for", () => {
    const program = fileURLToPath(new URL("../../../bin/podstamp.mjs", import.meta.url));
    const input = Buffer.concat([
      Buffer.alloc(1_000_000, 0xfe),
      Buffer.from("\nregistry.example/web:1\n".repeat(20_000)),
    ]);
    const run = spawnSync(process.execPath, [program, "explain", "image", "-", "-o", "json"], {
      input,
      maxBuffer: 1e8,
    });
    const lines = run.stdout.toString().trim().split("\n");
    expect(run.status).toBe(0);
    expect(lines).toHaveLength(40_000);
    expect(lines.at(-1)).toBe('{"name":"registry.example/web","tag":"1","digest":null,"error":null}');
  });
});
