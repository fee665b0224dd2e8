import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { expandCgroupsPath } from "../../../src/containers/names/cgroup-path.ts";
import { builtProgram, whyNotBuilt } from "../../support/runtimes/built.ts";
import type { Pushed } from "../../support/node/cluster.ts";
import { connected, heard, never, told } from "../../support/runtimes/connected.ts";
import { startContainerd } from "../../support/runtimes/containerd.ts";
import { startDocker } from "../../support/engines/docker.ts";
import { realEngine } from "../../support/engines/real-engine.ts";

let index: Pushed | undefined;
let single: Pushed | undefined;

/** A Docker that keeps its images in containerd, where an image's ID is the digest of its manifest or index. */
const {
  node,
  engine: docker,
  lend,
  using,
} = realEngine(
  "dockerd",
  async ({ folder, containerd, push }) => {
    const engine = await startDocker({
      folder,
      containerd: containerd.socket,
      program: builtProgram("dockerd", "dockerd"),
      settings: { features: { "containerd-snapshotter": true } },
    });
    index = await push("shop/cart", "1.2", "index");
    single = await push("shop/single", "3.4", "image");
    for (const image of [index, single]) await engine.pull(`${image.repository}:${image.tag}`);
    return engine;
  },
  {
    start: (options) => startContainerd(options, "containerd-2.3"),
    why: whyNotBuilt("dockerd", "containerd-2.3"),
  },
);

function image(which: Pushed | undefined): Pushed {
  if (which === undefined) throw new Error("Cannot test: the image must be pushed first");
  return which;
}

test("a Docker with images in containerd names them as they were asked for, with the digest of the index", async () => {
  const { repository, digest } = image(index);
  const labels = { "com.docker.compose.project": "shop" };
  const id = await lend({ name: "cart-1", image: `${repository}:1.2`, labels });
  const { facts, details, image: identity } = await using((runtime) => told(runtime, id));
  expect(facts).toMatchObject({ runtimeName: "cart-1", state: "running", labels });
  expect(identity).toEqual({
    name: repository,
    tags: ["1.2"],
    id: digest,
    repoDigests: [`${repository}@${digest}`],
    manifestDigest: digest,
    isAmbiguous: false,
  });
  const lines = readFileSync(`/proc/${details.pid}/cgroup`, "utf8").trim().split("\n");
  const paths = new Set(lines.map((line) => line.split(":").slice(2).join(":")));
  expect([...paths]).toEqual([expandCgroupsPath(details.cgroupsPath ?? "")]);
});

test("of an image for one platform it is the manifest's digest; by digest there is no tag; by ID it is the only name", async () => {
  const { repository, digest } = image(single);
  const expected = { name: repository, id: digest, manifestDigest: digest, repoDigests: [`${repository}@${digest}`] };
  const byTag = await lend({ image: `${repository}:3.4` });
  const byDigest = await lend({ image: `${repository}@${digest}` });
  const byId = await lend({ image: digest });
  await using(async (runtime) => {
    expect((await told(runtime, byTag)).image).toMatchObject({ ...expected, tags: ["3.4"] });
    expect((await told(runtime, byDigest)).image).toMatchObject({ ...expected, tags: [] });
    expect((await told(runtime, byId)).image).toMatchObject({ ...expected, tags: ["3.4"] });
  });
});

test("its events hint at a container that appears, ends and goes", async () => {
  const { repository } = image(single);
  const run = () => docker().run({ image: `${repository}:3.4` });
  const changes = await using((runtime) =>
    heard(runtime, {
      probe: async () => docker().remove(await run()),
      async act() {
        const id = await run();
        await docker().kill(id);
        await docker().remove(id);
        return id;
      },
      last: "gone",
    }),
  );
  expect(changes.filter((change) => change !== "changed")).toEqual(["appeared", "exited", "gone"]);
});

test("containerd leaves its containers to it", async () => {
  const id = await lend({ image: `${image(single).repository}:3.4` });
  const { containers } = await connected({ type: "containerd", endpoint: node().containerd.endpoint }, (runtime) =>
    runtime.list(never),
  );
  expect(containers.map((each) => each.id)).not.toContain(id);
});
