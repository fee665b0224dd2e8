import fc from "fast-check";
import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { ps } from "../../../src/cli/listing/ps.ts";
import type { Container, ContainerState, Image } from "../../../src/proto/cri/v1/api.ts";
import { givenIo } from "../../cli/given-cli.ts";
import { givenNative, handedOver, type Native, whyNoNative } from "../../support/agent/native.ts";
import { containerAnswers, madeUpImage, type ModelPod, newId, sandboxAnswers } from "../../support/cri/answers.ts";
import { startCriServer } from "../../support/cri/server.ts";
import type { CriStore } from "../../support/cri/store.ts";
import { lendRuntime } from "../../support/lend.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

/* The compiled program for lists asks a runtime: it prints what podstamp prints, or leaves all to podstamp. */

const why = whyNoNative();
const natively = test.skipIf(why !== undefined);
const named = (what: string) => (why === undefined ? what : `${what} (skipped: ${why})`);

/** Nobody of this user's runs there. */
function givenAlone(): Readonly<Record<string, string>> {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  return { XDG_RUNTIME_DIR: folder };
}

/** What podstamp itself prints without a terminal. */
async function byNode(words: readonly string[]): Promise<string> {
  const { io, out } = givenIo();
  await ps(words.slice(1), io);
  return out();
}

/** Time goes by between the two, so that it must be what podstamp prints before or after it. */
async function expectSame(run: Native["run"], words: readonly string[]): Promise<void> {
  const before = await byNode(words);
  const { code, output } = await run(words, givenAlone());
  expect({ code, output }).toEqual({ code: 0, output: output === before ? before : await byNode(words) });
}

const seconds = [
  0, 1, 2, 59, 61, 119, 121, 3000, 3599, 3601, 5399, 5401, 86_400, 172_000, 173_000, 1_200_000, 5_000_000, 6_000_000,
  6e7, 7e7, 3e8,
];
const pods: readonly ModelPod[] = seconds.map((age, i) => ({
  name: `web-${i}`,
  namespace: i % 3 === 0 ? "shop" : "kube-system",
  containers: [
    {
      name: `web-${i}`,
      image: `registry.example:5000/shop/web-${i % 5}:1.${i}`,
      createdAt: Date.now() - age * 1000 - 400,
    },
    { name: "side", image: i % 2 === 0 ? "side" : `a.b/side@sha256:${newId()}`, createdAt: Date.now() + 60_000 },
  ],
}));

natively(named("it prints what podstamp prints of the same runtime, to the byte"), async () => {
  const server = await lendRuntime({ pods });
  const ended = server.addPod({ name: "job", namespace: "batch" });
  server.exit(server.add(ended, { name: "job" }));
  const { run } = givenNative();
  const path = server.endpoint.replace("unix://", "");
  const asked = [
    ["-r", server.endpoint],
    ["-r", path, "-a"],
    [`--runtime-endpoint=${path}`, "--all", "--no-trunc"],
    ["-q", `-r=${server.endpoint}`],
    ["--quiet", "-a", "--no-trunc", "--runtime-endpoint", path],
  ];
  for (const words of asked) await expectSame(run, ["ps", ...words]);
  const named = await run(["ps", "-q"], { ...givenAlone(), CONTAINER_RUNTIME_ENDPOINT: server.endpoint });
  expect(named.output).toBe(await byNode(["ps", "-q", "-r", server.endpoint]));
});

natively(named("of thousands, and of none"), async () => {
  const many = Array.from({ length: 3000 }, (_, i) => ({
    name: `web-${i % 700}`,
    createdAt: Date.now() - 1e7 - (i % 900) * 1000,
  }));
  const { run } = givenNative();
  for (const containers of [many, []]) {
    const server = await lendRuntime({ pods: [{ name: "web", namespace: "shop", containers }] });
    await expectSame(run, ["ps", "-r", server.endpoint]);
  }
});

natively(named("whatever else is asked is podstamp's to do"), async () => {
  const server = await lendRuntime({ pods });
  const { run } = givenNative();
  for (const words of [
    ["-o", "json"],
    ["-aq"],
    ["-all"],
    ["-a=true"],
    ["--name", "web"],
    ["-r", server.endpoint],
    ["-h"],
    ["--"],
  ]) {
    const all = ["ps", "-r", server.endpoint, ...words];
    expect(await run(all, givenAlone())).toMatchObject({ code: 0, output: handedOver(all) });
  }
  for (const endpoint of [
    "",
    "x",
    "tcp:///run/x.sock",
    "unix://x.sock",
    "/run/podman.sock",
    "/run/docker.sock",
    "/no/such.sock",
  ])
    expect(await run(["ps", "-r", endpoint], givenAlone())).toMatchObject({
      code: 0,
      output: handedOver(["ps", "-r", endpoint]),
    });
  expect(server.calls("ListContainers")).toBe(0);
  const pods_ = ["pods", "-r", server.endpoint];
  expect(await run(pods_, givenAlone())).toMatchObject({ output: handedOver(pods_) });
});

natively(named("what a runtime does wrong is podstamp's to say"), async () => {
  const server = await lendRuntime({ pods });
  const { run } = givenNative();
  const words = ["ps", "-r", server.endpoint];
  const expectHandedOver = async () =>
    expect(await run(words, givenAlone())).toMatchObject({ code: 0, output: handedOver(words) });
  for (const method of ["Version", "ListContainers", "ListPodSandbox"] as const) {
    server.fail(method, status.UNAVAILABLE);
    await expectHandedOver();
    server.fail(method, status.UNIMPLEMENTED);
    await expectHandedOver();
    server.garble(method);
    await expectHandedOver();
    server.slow(method, 0);
  }
  server.slow("ListContainers", 4000);
  await expectHandedOver();
  server.slow("ListContainers", 0);
  await expectSame(run, words);
  await server.stop();
  await expectHandedOver();
});

/** Names as nobody, as some and as an attacker would have them. */
const odd = fc.oneof(
  fc.constantFrom("", " ", "a b ", "web", "näher", "\u001b[31mred", "x\u0000", "🦀", '"', "a\tb", "-"),
  fc.string({ maxLength: 40 }),
);
const repository = fc.constantFrom(
  "web",
  "shop/web",
  "docker.io/library/web",
  "127.0.0.1:5000/a/b",
  "A/b",
  "Localhost/b-c__d.e",
  "[::1]:5000/x",
  "a..b",
  "-a/b",
  "a-/b",
  "x/Y",
  "sha256",
  "a_b/c",
  "a___b",
  "a--b/c",
  "h:1/x:2/y",
);
const suffix = fc.constantFrom(
  "",
  ":1.2",
  ":",
  ":.x",
  ":_x",
  `:${"t".repeat(128)}`,
  `:${"t".repeat(129)}`,
  `@sha256:${"a".repeat(64)}`,
  `:1@sha256:${"b".repeat(64)}`,
  `@sha256:${"a".repeat(63)}`,
  `@sha512:${"a".repeat(128)}`,
  "@sha256:XYZ",
);
const reference = fc.oneof(
  fc.tuple(repository, suffix).map((parts) => parts.join("")),
  fc.constantFrom("", `sha256:${"c".repeat(64)}`, "c".repeat(64), "sha256:abc", "sha1:x", "sha:x", "d".repeat(300)),
  odd,
);
const image = fc.record({
  tags: fc.array(reference, { maxLength: 2 }),
  digests: fc.array(reference, { maxLength: 2 }),
  hasAlgorithm: fc.boolean(),
});
const container = fc.record({
  name: odd,
  requested: reference,
  specified: fc.oneof({ weight: 3, arbitrary: fc.constant("") }, reference),
  image: fc.nat({ max: 3 }),
  state: fc.oneof({ weight: 6, arbitrary: fc.nat({ max: 3 }) }, fc.constantFrom(4, -1)),
  createdAt: fc.oneof(fc.constantFrom(0n, -1n, 1n), fc.bigInt({ min: 0n, max: 2n ** 62n })),
  pod: fc.oneof(
    { weight: 8, arbitrary: fc.constant("own" as const) },
    fc.constantFrom("none" as const, "strange" as const),
  ),
});

natively(named("of a runtime that says whatever it likes it prints what podstamp prints, or nothing"), async () => {
  const { run } = givenNative();
  let printed = 0;
  const property = fc.asyncProperty(
    fc.record({
      podName: odd,
      namespace: odd,
      containers: fc.array(container, { maxLength: 3 }),
      images: fc.array(image, { minLength: 4, maxLength: 4 }),
    }),
    async ({ podName, namespace, containers, images }) => {
      const server = await startCriServer({ store: storeOf({ podName, namespace, containers, images }) });
      try {
        const words = ["ps", "-a", "-r", server.endpoint];
        const { code, output } = await run(words, alone);
        expect(code).toBe(0);
        if (output === handedOver(words)) return;
        printed++;
        expect(output).toBe(await byNode(words));
      } finally {
        await server.close();
      }
    },
  );
  const alone = givenAlone();
  await fc.assert(property, { numRuns: 100 });
  expect(printed).toBeGreaterThan(15);
});

type Said = {
  readonly podName: string;
  readonly namespace: string;
  readonly containers: readonly {
    readonly name: string;
    readonly requested: string;
    readonly specified: string;
    readonly image: number;
    readonly state: number;
    readonly createdAt: bigint;
    readonly pod: "own" | "none" | "strange";
  }[];
  readonly images: readonly { readonly tags: string[]; readonly digests: string[]; readonly hasAlgorithm: boolean }[];
};

function storeOf({ podName, namespace, containers, images }: Said): CriStore {
  const sandbox = sandboxAnswers({ name: podName, namespace });
  const hex = images.map(() => newId());
  const known = images.map(({ tags, digests, hasAlgorithm }, i): Image => ({
    ...madeUpImage("x"),
    id: `${hasAlgorithm ? "sha256:" : ""}${hex[i] ?? ""}`,
    repoTags: tags,
    repoDigests: digests,
  }));
  const all = containers.map((one) => {
    const answers = containerAnswers({ name: one.name }, sandbox.list, madeUpImage("x"));
    const podSandboxId = { own: sandbox.list.id, none: "", strange: newId() }[one.pod];
    const id = `sha256:${hex[one.image] ?? newId()}`;
    const spec = {
      image: one.requested,
      userSpecifiedImage: one.specified,
      annotations: {},
      runtimeHandler: "",
      imageRef: "",
    };
    const list: Container = {
      ...answers.list,
      podSandboxId,
      image: spec,
      imageRef: id,
      imageId: "",
      createdAt: one.createdAt,
    };
    return { ...answers, list: { ...list, state: one.state as ContainerState } };
  });
  return {
    sandboxes: new Map([[sandbox.list.id, sandbox]]),
    containers: new Map(all.map((one) => [one.list.id, one])),
    images: known,
    admitted: new Set(),
  };
}
