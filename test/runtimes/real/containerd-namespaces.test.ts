import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { lookup } from "../../../src/cli/lookup/lookup.ts";
import { components } from "../../../src/components.ts";
import { expandCgroupsPath } from "../../../src/containers/names/cgroup-path.ts";
import type { Hint, Runtime } from "../../../src/runtimes/facts.ts";
import { givenIo } from "../../cli/given-cli.ts";
import type { Pushed } from "../../support/node/cluster.ts";
import { identityByTag } from "../../support/images/pushed.ts";
import { connected, heard, never, told } from "../../support/runtimes/connected.ts";
import { startContainerdWithoutCri } from "../../support/runtimes/containerd.ts";
import { ctr, type Ctr, type CtrSpec } from "../../support/runtimes/ctr.ts";
import { eventually } from "../../support/eventually.ts";
import { realNode } from "../../support/node/real-node.ts";

let image: Pushed | undefined;
const clients = new Map<string, Ctr>();

const node = realNode(async ({ push, containerd, folder, kubelet }) => {
  image = await push("shop/cart", "1.2", "index");
  for (const namespace of ["default", "shop"]) {
    const client = ctr(containerd.socket, namespace, folder);
    clients.set(namespace, client);
    await client.pull(tag());
  }
  await kubelet.pull(tag());
});

afterAll(async () => {
  for (const client of clients.values()) await client.removeAll();
});

function pushed(): Pushed {
  if (image === undefined) throw new Error("Cannot test: the image must be pushed first");
  return image;
}

function tag(): string {
  return `${pushed().repository}:${pushed().tag}`;
}

function client(namespace = "default"): Ctr {
  const found = clients.get(namespace);
  if (found === undefined) throw new Error("Cannot test: the node must be started first");
  return found;
}

/** Runs a container for one test. */
async function lend(spec: Omit<CtrSpec, "image"> & { image?: string; namespace?: string }): Promise<string> {
  const { namespace = "default", ...rest } = spec;
  await client(namespace).run({ image: tag(), ...rest });
  onTestFinished(() =>
    client(namespace)
      .remove(spec.id)
      .catch(() => {}),
  );
  return spec.id;
}

const using = <T>(use: (runtime: Runtime) => Promise<T>, namespaces?: readonly string[]) =>
  connected(
    {
      type: "containerd",
      endpoint: node().containerd.endpoint,
      ...(namespaces === undefined ? {} : { namespaces }),
    },
    use,
  );
const idsOf = async (runtime: Runtime) => (await runtime.list(never)).containers.map(({ id }) => id);

test("a container that ctr made is told of with its name, labels, annotations, image, process and cgroup", async () => {
  const labels = { team: "web" };
  const annotations = { "example.com/owner": "shop" };
  const id = await lend({ id: "cart-plain", labels, annotations });
  await using(async (runtime) => {
    expect(runtime.identity).toMatchObject({ name: "containerd", type: "containerd" });
    const { facts, details, image: identity } = await told(runtime, id);
    expect(facts).toMatchObject({ id, podId: "", name: "", runtimeName: "cart-plain", state: "running", annotations });
    expect(facts.labels).toMatchObject(labels);
    expect(Math.abs(facts.createdAt - Date.now())).toBeLessThan(120_000);
    expect(details).toMatchObject({ state: "running", finishedAt: undefined, exitCode: undefined });
    const lines = readFileSync(`/proc/${details.pid}/cgroup`, "utf8").trim().split("\n");
    const paths = new Set(lines.map((line) => line.split(":").slice(2).join(":")));
    expect([...paths]).toEqual([expandCgroupsPath(details.cgroupsPath ?? "")]);
    expect(identity).toEqual(identityByTag(pushed()));
  });
});

test("podstamp lookup without a podstamp that runs finds a container of ctr's, whose ID is a name, by its process and its cgroup", async () => {
  const id = await lend({ id: "looked-up" });
  const { details } = await using((runtime) => told(runtime, id));
  for (const what of [String(details.pid), `cgroup:${expandCgroupsPath(details.cgroupsPath ?? "")}`]) {
    const { io, out } = givenIo();
    const options = { loadComponents: () => Promise.resolve(components), uid: undefined };
    const code = await lookup([what, "-r", node().containerd.endpoint, "-o", "json"], io, options);
    expect({ code, ...(JSON.parse(out()) as object) }, what).toMatchObject({ code: 0, entry: { id } });
  }
});

test("a container made by digest has that digest and no tag", async () => {
  const reference = `${pushed().repository}@${pushed().digest}`;
  await client().pull(reference);
  const id = await lend({ id: "by-digest", image: reference });
  const { image: identity } = await using((runtime) => told(runtime, id));
  expect(identity).toMatchObject({
    name: pushed().repository,
    tags: [],
    id: pushed().id,
    manifestDigest: pushed().digest,
    repoDigests: [reference],
  });
});

test("a name that was given to other bytes after the container was made says nothing about its digest", async () => {
  const { push } = node();
  const first = await push("shop/moving", "latest", "image");
  const name = `${first.repository}:latest`;
  await client().pull(name);
  const id = await lend({ id: "moved", image: name });
  expect((await using((runtime) => told(runtime, id))).image.manifestDigest).toBe(first.digest);
  await client().tag(tag(), name);
  const { image: identity } = await using((runtime) => told(runtime, id));
  expect(identity).toMatchObject({
    name: first.repository,
    tags: ["latest"],
    repoDigests: [],
    manifestDigest: undefined,
  });
});

test("nerdctl's name for a container is its name, and its ID is none", async () => {
  const id = randomBytes(32).toString("hex");
  const labels = {
    "nerdctl/name": "shop-cart-1",
    "nerdctl/namespace": "default",
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": "cart",
  };
  await lend({ id, labels });
  const unnamed = await lend({ id: randomBytes(32).toString("hex") });
  await using(async (runtime) => {
    expect((await told(runtime, id)).facts).toMatchObject({ runtimeName: "shop-cart-1" });
    expect((await told(runtime, id)).facts.labels).toMatchObject(labels);
    expect((await told(runtime, unnamed)).facts.runtimeName).toBeUndefined();
    const found = await runtime.find(id.slice(0, 12), never);
    expect(found.containers.map((each) => each.id)).toEqual([id]);
  });
});

test("pods are CRI's to tell of, and containers beside them the other namespaces'", async () => {
  const { kubelet } = node();
  const pod = await kubelet.runPod({ name: "cart-1", namespace: "shop" });
  onTestFinished(() => kubelet.removePod(pod.id));
  const inPod = await kubelet.run(pod, { name: "cart", image: tag() });
  const plain = await lend({ id: "beside" });
  await using(async (runtime) => {
    const { pods, containers } = await runtime.list(never);
    expect(pods.map(({ id }) => id)).toEqual([pod.id]);
    expect(containers.filter(({ id }) => id === inPod)).toMatchObject([{ podId: pod.id, name: "cart" }]);
    expect(containers.filter(({ id }) => id === plain)).toMatchObject([
      { podId: "", runtimeName: "beside", state: "running" },
    ]);
    // Nobody's pause container is anybody's container.
    expect(containers.map(({ id }) => id)).not.toContain(pod.id);
    expect((await told(runtime, inPod)).image.id).toBe(pushed().id);
  });
});

test("only the namespaces of the settings are followed, when they name some", async () => {
  const [here, there] = [await lend({ id: "here" }), await lend({ id: "there", namespace: "shop" })];
  expect(await using(idsOf)).toEqual(expect.arrayContaining([here, there]));
  const some = await using(idsOf, ["shop"]);
  expect(some).toContain(there);
  expect(some).not.toContain(here);
  expect(await using(idsOf, ["elsewhere"])).toEqual([]);
});

test("an ID that is there in two namespaces is nobody's: it does not tell which one is meant", async () => {
  const id = await lend({ id: "twin" });
  await using(async (runtime) => expect(await idsOf(runtime)).toContain(id));
  await lend({ id: "twin", namespace: "shop" });
  await using(async (runtime) => {
    expect(await idsOf(runtime)).not.toContain(id);
    expect((await runtime.find(id, never)).containers).toEqual([]);
  });
});

test("nothing that is no ID is asked for", async () => {
  await lend({ id: "cart-asked" });
  await using(async (runtime) => {
    for (const query of ['cart"', "cart-.*", "cart,id==cart-asked", "", "ä", "cart"])
      expect((await runtime.find(query, never)).containers).toEqual([]);
  });
});

test("a container that has ended says when and how, until its task is gone", async () => {
  const id = await lend({ id: "ended", command: ["/bin/sh", "-c", "exit 7"] });
  await using(async (runtime) => {
    const { details } = await eventually(
      async () => {
        const answer = await told(runtime, id);
        return answer.details.state === "exited" ? answer : undefined;
      },
      { what: "the end of the container" },
    );
    expect(details).toMatchObject({ exitCode: 7, pid: undefined });
    expect(Math.abs((details.finishedAt ?? 0) - Date.now())).toBeLessThan(120_000);
  });
});

/** The process that looks after a container, found by its command line. */
function shimOf(id: string): number {
  const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
  const words = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    } catch {
      return []; // it has ended
    }
  };
  const socket = node().containerd.socket;
  const found = all.find((pid) => [id, socket].every((word) => words(pid).includes(word)));
  if (found === undefined) throw new Error(`Cannot test: the shim of ${id} must run`);
  return found;
}

test("a shim that hangs holds up the first list for a moment, the next ones not at all, and takes nothing away from what was told of all", async () => {
  await lend({ id: "hung" });
  await lend({ id: "not-hung" });
  const shim = shimOf("hung");
  onTestFinished(() => void process.kill(shim, "SIGCONT"));
  await using(async (runtime) => {
    const list = async () => {
      const since = performance.now();
      const { containers } = await runtime.list(never);
      const states = containers.filter(({ id }) => /^(?:not-)?hung$/.test(id)).map(({ id, state }) => `${id} ${state}`);
      return { states: states.toSorted(), ms: performance.now() - since };
    };
    const { states } = await list();
    expect(states).toEqual(["hung running", "not-hung running"]);
    process.kill(shim, "SIGSTOP");
    const first = await list();
    expect(first).toEqual({ states, ms: expect.any(Number) });
    expect(first.ms).toBeLessThan(1500);
    const next = await list();
    expect(next).toEqual({ states, ms: expect.any(Number) });
    expect(next.ms).toBeLessThan(400);
    expect((await told(runtime, "not-hung")).details.state).toBe("running");
  });
});

test("events of a namespace hint at its containers, and not at those of others", async () => {
  const probe = async (id: string) => {
    await client("shop").run({ id, image: tag() });
    await client("shop").remove(id);
  };
  const act = async () => {
    await client().run({ id: "unheard", image: tag() });
    await client().remove("unheard");
    await client("shop").run({ id: "short", image: tag() });
    await client("shop").kill("short");
    await client("shop").remove("short");
    return "short";
  };
  await using(
    async (runtime) => {
      const changes = await heard(runtime, { probe, act, last: "gone" });
      expect([changes[0], changes.at(-1)]).toEqual(["appeared", "gone"]);
      expect(new Set(changes)).toEqual(new Set<Hint["change"]>(["appeared", "changed", "exited", "gone"]));
    },
    ["shop"],
  );
  await using(async (runtime) => {
    const all = async () => {
      await client().run({ id: "unheard", image: tag() });
      await client().remove("unheard");
      return "unheard";
    };
    expect(await heard(runtime, { probe, act: all, last: "gone" })).toContain("appeared");
  });
});

test("a containerd whose CRI is switched off tells of its containers all the same, and how it is called", async () => {
  const plain = await startContainerdWithoutCri(node().folder);
  onTestFinished(() => plain.stop());
  const alone = ctr(plain.socket, "default", node().folder);
  await alone.pull(tag());
  await alone.run({ id: "no-cri", image: tag() });
  onTestFinished(() => alone.removeAll());
  await connected({ type: "containerd", endpoint: `unix://${plain.socket}` }, async (runtime) => {
    expect(runtime.identity).toMatchObject({ name: "containerd", version: node().containerd.version.runtimeVersion });
    expect(await runtime.list(never)).toMatchObject({ pods: [], containers: [{ id: "no-cri", state: "running" }] });
    expect((await told(runtime, "no-cri")).image).toMatchObject({
      name: pushed().repository,
      tags: ["1.2"],
      id: pushed().id,
    });
    const probe = async (id: string) => {
      await alone.run({ id, image: tag() });
      await alone.remove(id);
    };
    const act = async () => {
      await alone.run({ id: "short", image: tag() });
      await alone.remove("short");
      return "short";
    };
    expect(await heard(runtime, { probe, act, last: "gone" })).toContain("appeared");
  });
});
