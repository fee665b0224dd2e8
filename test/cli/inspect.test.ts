import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { inspect } from "../../src/cli/inspect.ts";
import { CommandError, UsageError } from "../../src/cli/terminal/output.ts";
import { Image } from "../../src/proto/cri/v1/api.ts";
import { attributeRules } from "../../src/processors/cri-attributes/extract/attributes.ts";
import { newId } from "../support/cri/answers.ts";
import type { CriServerOptions } from "../support/cri/server.ts";
import { lendRuntime } from "../support/lend.ts";
import { givenIo, steering } from "./given-cli.ts";

const sandbox = `0123456789ab${"a".repeat(52)}`;
const web = `0123456789ab${"b".repeat(52)}`;
const digest = `sha256:${"2".repeat(64)}`;
const images = [
  Image.fromPartial({
    id: `sha256:${"1".repeat(64)}`,
    repoTags: ["registry.example/web:1.2"],
    repoDigests: [`registry.example/web@${digest}`],
  }),
];
const pods = [
  {
    id: sandbox,
    name: "web-1",
    namespace: "shop",
    uid: "u-1",
    containers: [{ id: web, name: "web", image: "registry.example/web:1.2", restartCount: 3 }],
  },
];

async function run(
  argv: readonly string[],
  options: { server?: CriServerOptions; columns?: number | undefined; color?: boolean } = {},
) {
  const server = await lendRuntime({ pods, images, ...options.server });
  const { io, out } = givenIo({ columns: options.columns, color: options.color ?? false });
  // Runtime and command share this process: on a busy machine a call may take longer than a command's user would wait.
  expect(await inspect([...argv, "-r", server.endpoint, "-t", "60s"], io)).toBe(0);
  return out();
}

type Told = {
  readonly id: string;
  readonly kind: string;
  readonly attributes: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly source?: string;
    readonly absent?: string;
  }[];
};

async function tell(
  id: string,
  server: CriServerOptions = {},
): Promise<
  Told & {
    readonly values: Readonly<Record<string, unknown>>;
    readonly absent: Readonly<Record<string, string | undefined>>;
  }
> {
  const told = JSON.parse(await run([id, "-o", "json"], { server })) as Told;
  return {
    ...told,
    values: Object.fromEntries(
      told.attributes.filter(({ value }) => value !== null).map(({ name, value }) => [name, value]),
    ),
    absent: Object.fromEntries(
      told.attributes.filter(({ value }) => value === null).map(({ name, absent }) => [name, absent]),
    ),
  };
}

describe("podstamp inspect", () => {
  test("tells each attribute that would be written, with its value and where it comes from", async () => {
    const told = await tell(web);
    expect(told.kind).toBe("container");
    expect(told.attributes.map(({ name }) => name)).toEqual(
      attributeRules
        .filter(({ defaults, only }) => defaults.includes("podstamp") && only !== "legacy")
        .map(({ name }) => name),
    );
    expect(told.values).toEqual({
      "k8s.namespace.name": "shop",
      "k8s.pod.name": "web-1",
      "k8s.pod.uid": "u-1",
      "k8s.node.name": "node-a",
      "k8s.container.name": "web",
      "k8s.container.restart_count": 3,
      "container.id": web,
      "container.image.name": "registry.example/web",
      "container.image.tags": ["1.2"],
      "container.image.repo_digests": [`registry.example/web@${digest}`],
      "container.image.id": `sha256:${"1".repeat(64)}`,
      "oci.manifest.digest": digest,
      "container.runtime.name": "containerd",
    });
    const written = told.attributes.filter(({ value }) => value !== null);
    expect(written.every(({ source }) => source !== undefined && source !== "")).toBe(true);
  });

  test.each([`containerd://${web}`, web.slice(0, 13), web.toUpperCase(), `cri-containerd-${web}.scope`])(
    "finds a container by %s",
    async (written) => {
      expect((await tell(written)).id).toBe(web);
    },
  );

  test("tells of a sandbox its pod, and why there is nothing of a container", async () => {
    const told = await tell(sandbox);
    expect(told.kind).toBe("sandbox");
    expect(Object.keys(told.values)).toEqual(["k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid", "k8s.node.name"]);
    expect(new Set(Object.values(told.absent))).toEqual(
      new Set(["this is a pod's sandbox, not one of its containers", "the pod's labels do not tell it"]),
    );
  });

  test("tells why the image has no tag or no digest", async () => {
    const byDigest = {
      ...pods[0],
      name: "web-1",
      namespace: "shop",
      containers: [{ id: web, name: "web", image: `registry.example/web@${digest}` }],
    };
    expect((await tell(web, { pods: [byDigest] })).absent).toMatchObject({
      "container.name": "a container of a pod has the name k8s.container.name",
      "k8s.deployment.name": "the pod's labels do not tell it",
      "container.image.tags": "the image was asked for by digest",
    });
    const local = [Image.fromPartial({ id: `sha256:${"1".repeat(64)}`, repoTags: ["registry.example/web:1.2"] })];
    const why = "the runtime has no digest of it: the image was not pulled from a registry, or was removed";
    expect((await tell(web, { images: local })).absent).toMatchObject({
      "container.image.repo_digests": why,
      "oci.manifest.digest": why,
    });
    // The kubelet asked for it by the ID of what a tag was that is another image's now.
    const untagged = { ...byDigest, containers: [{ id: web, name: "web", image: `sha256:${"1".repeat(64)}` }] };
    const images = [
      Image.fromPartial({ id: `sha256:${"1".repeat(64)}`, repoDigests: [`registry.example/web@${digest}`] }),
    ];
    expect((await tell(web, { pods: [untagged], images })).absent).toMatchObject({
      "container.image.tags": expect.stringContaining("its tag is another one's now") as unknown,
    });
  });

  test("shows several, as crictl: one after the other, or as a list", async () => {
    const list = JSON.parse(await run([web.slice(0, 13), sandbox, "-o", "json"])) as Told[];
    expect(list.map(({ id, kind }) => [id, kind])).toEqual([
      [web, "container"],
      [sandbox, "sandbox"],
    ]);
    const heads = (await run([web, sandbox])).split("\n").filter((line) => /^(?:container|sandbox) /.test(line));
    expect(heads).toEqual([`container ${web}`, `sandbox ${sandbox}`]);
    await expect(run([web, newId()])).rejects.toThrow(/^Cannot find /);
  });

  test("says which IDs begin so when there are several, and asks for an ID where there is none", async () => {
    await expect(run(["0123456789ab"])).rejects.toThrow(
      new CommandError(`Cannot tell which is meant by 0123456789ab: ${web}, ${sandbox} begin with it`),
    );
    await expect(run([newId()])).rejects.toThrow(
      /^Cannot find [0-9a-f]{64}: no container or sandbox .* podstamp ps -a/,
    );
    await expect(run(["no id!"])).rejects.toThrow(
      new UsageError('Cannot inspect "no id!": must be a container or sandbox ID'),
    );
    await expect(run([])).rejects.toThrow(new UsageError("Missing container or sandbox ID"));
    await expect(run([web, "-o", "wide"])).rejects.toThrow(UsageError);
  });

  test("says in one line that there is no runtime, and tells what the list told where details fail", async () => {
    await expect(inspect([web, "-r", "/no/such.sock"], givenIo().io)).rejects.toThrow(
      new CommandError("Cannot ask unix:///no/such.sock (Version): no such socket"),
    );
    const server = await lendRuntime({ pods, images });
    server.fail("ContainerStatus", status.INTERNAL);
    const { io, out } = givenIo();
    await inspect([web, "-r", server.endpoint], io);
    expect(out()).toContain("web-1");
  });

  test.each([80, 40, 10, 1, 0])("fits into %s columns, but never into less than 40", async (columns) => {
    const lines = (await run([web], { columns })).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(columns || 80, 40));
    expect(lines.length).toBeGreaterThan(20);
  });

  test("breaks nothing for a program that reads it", async () => {
    const lines = (await run([web])).split("\n");
    expect(lines).toContain(`container ${web}`);
    expect(lines).toContain(`  registry.example/web@${digest}`);
  });

  test("says each reason for what is absent once, with all that it is the reason for", async () => {
    const lines = (await run([sandbox])).split("\n");
    const reasons = lines.filter((line) => line.startsWith("absent: "));
    expect(reasons.length).toBeGreaterThan(0);
    expect(new Set(reasons).size).toBe(reasons.length);
    const names = lines.slice(lines.indexOf(reasons[0] ?? "")).join("\n");
    expect(names).toContain("k8s.container.name");
  });

  test("uses bold and dim only on a terminal with colours", async () => {
    expect(await run([web], { columns: 80 })).not.toMatch(steering);
    expect(await run([web], { columns: 80, color: true })).toContain("\u001b[1mk8s.pod.name\u001b[22m");
  });

  test.each([[], ["-o", "json"]])("lets no name steer the terminal: %s", async (...argv) => {
    const name = "\u001b]0;title\u0007\u009b31m\u202eevil\u2028";
    const server = { pods: [{ name, namespace: name, uid: name, containers: [{ id: web, name, image: name }] }] };
    const text = await run([web, ...argv], { server });
    expect(text).toContain("evil");
    expect(text).not.toMatch(steering);
  });
});

test("an ID may be as short as it is clear, and one that is whole is meant", async () => {
  const [one, other] = [`abc1${"0".repeat(60)}`, `abc2${"0".repeat(60)}`];
  const container = (id: string) => ({ id, name: id.slice(0, 4) });
  const server = { pods: [{ name: "p", namespace: "n", containers: [one, other, "abc"].map(container) }] };
  expect((await tell("abc1", server)).id).toBe(one);
  expect((await tell("abc", server)).id).toBe("abc");
  await expect(run(["ab"], { server })).rejects.toThrow("Cannot tell which is meant by ab: ");
});
