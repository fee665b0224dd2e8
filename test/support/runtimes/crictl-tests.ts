import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { images } from "../../../src/cli/listing/images.ts";
import { pods } from "../../../src/cli/listing/pods.ts";
import { ps } from "../../../src/cli/listing/ps.ts";
import { givenIo } from "../../cli/given-cli.ts";
import { builtProgram, whyNotBuilt } from "./built.ts";
import type { Node, StartRuntime } from "../node/cluster.ts";
import { realNode } from "../node/real-node.ts";

const run = promisify(execFile);

type Record = { readonly [key: string]: unknown };

export type ComparedRuntime = {
  readonly start: StartRuntime;
  readonly why: string | undefined;
  /** Whether it makes a container of an image's name, as others than a kubelet ask; CRI-O wants its ID. */
  readonly takesNames: boolean;
};

/** Everything that crictl tells of a runtime is what podstamp tells of it, and every option that both have means the same. */
export function crictlTests(runtime: ComparedRuntime): void {
  const why = whyNotBuilt("crictl") ?? runtime.why;
  let made = { web: "", job: "", pod: "", image: "" };
  const node = realNode(
    async (started) => {
      made = await populate(started, runtime.takesNames ? "plain" : "image id");
    },
    { start: runtime.start, why },
  );
  const crictl = async (...argv: readonly string[]) => {
    const program = builtProgram("crictl", "crictl");
    const { stdout } = await run(program, ["-r", node().containerd.endpoint, "-t", "10s", ...argv], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  };
  const podstamp = async (command: "ps" | "pods" | "images", ...argv: readonly string[]) => {
    const { io, out } = givenIo();
    const all = ["-r", node().containerd.endpoint, "-t", "10s", ...argv];
    expect(await (command === "images" ? images(all, io) : { ps, pods }[command](all, io, undefined))).toBe(0);
    return out();
  };
  const listOf = async (text: Promise<string>, key?: string) => {
    const value = JSON.parse(await text) as unknown;
    return (key === undefined ? value : (value as Record)[key]) as readonly Record[];
  };

  test("every container has every field that both show", async () => {
    const theirs = (await listOf(crictl("ps", "-a", "-o", "json"), "containers")).map(containerOfCrictl);
    expect(theirs.length).toBe(4);
    expect((await listOf(podstamp("ps", "-a", "-o", "json"))).map(containerOfPodstamp)).toEqual(theirs);
  });

  test("every pod does", async () => {
    const theirs = (await listOf(crictl("pods", "-o", "json"), "items")).map(podOfCrictl);
    expect(theirs.length).toBe(2);
    expect((await listOf(podstamp("pods", "-o", "json"))).map(podOfPodstamp)).toEqual(theirs);
  });

  test("every image does, and sizes are written as crictl writes them", async () => {
    const theirs = (await listOf(crictl("images", "-o", "json"), "images")).map(imageOfCrictl);
    expect(theirs.length).toBeGreaterThanOrEqual(3);
    expect(sorted((await listOf(podstamp("images", "-o", "json"))).map(imageOfPodstamp))).toEqual(sorted(theirs));
    const rows = (text: string) =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => line.split(/ {2,}/).join(" ").trim())
        .toSorted();
    expect(rows(await podstamp("images"))).toEqual(rows(await crictl("images")));
  });

  test("each option means the same containers, pods and images, in the same order", async () => {
    const { web, job, pod, image } = made;
    const ofContainers: readonly (readonly string[])[] = [
      [],
      ["-a"],
      ["--state", "exited"],
      ["--state", "Created"],
      ["-a", "--name", "^web"],
      ["-a", "--name", "nobody"],
      ["-a", "--namespace", "^bat"],
      ["-a", "--label", "io.kubernetes.container.name=job"],
      ["-a", "--label", "io.kubernetes.container.name=job", "--label", "a=b"],
      ["-a", "--id", job],
      ["-a", "--id", web.slice(0, 12)],
      ["-a", "--pod", pod],
      ["-l"],
      ["-n", "2"],
      ["-n", "3", "--name", "e"],
      ["-a", "--image", image],
    ];
    for (const argv of ofContainers)
      expect([argv, await podstamp("ps", "-q", ...argv)]).toEqual([argv, await crictl("ps", "-q", ...argv)]);
    const ofPods = [
      [],
      ["--state", "ready"],
      ["--name", "web"],
      ["--namespace", "shop"],
      ["-l"],
      ["--label", "app=web"],
    ];
    for (const argv of ofPods)
      expect([argv, await podstamp("pods", "-q", ...argv)]).toEqual([argv, await crictl("pods", "-q", ...argv)]);
    const ids = (text: string) => text.replaceAll("sha256:", "").split("\n").toSorted();
    // Not by a name: a containerd lists all whatever crictl asks it for.
    for (const argv of [[], ["--filter", "dangling=true"], ["--filter", "dangling=false"]])
      expect([argv, ids(await podstamp("images", "-q", ...argv))]).toEqual([
        argv,
        ids(await crictl("images", "-q", ...argv)),
      ]);
  });
}

/** Two pods, and containers in every state; an image by a tag, one with two names, and one by its digest. */
async function populate({ push, copy, kubelet }: Node, asks: "plain" | "image id") {
  const [one, byDigest] = [await push("shop/web", "1.2", "image"), await push("batch/job", "2.0", "image")];
  const two = await copy(one, "other/web", "latest");
  const image = `${one.repository}:1.2`;
  const digest = `${byDigest.repository}@${byDigest.digest}`;
  for (const name of [image, `${two.repository}:latest`, digest]) await kubelet.pull(name);
  const webPod = await kubelet.runPod({
    name: "web-1",
    namespace: "shop",
    labels: { app: "web" },
    annotations: { team: "a=b\n{}" },
  });
  const jobPod = await kubelet.runPod({ name: "job-1", namespace: "batch" });
  const web = await kubelet.run(webPod, { name: "web", image, restartCount: 3 });
  await kubelet.run(webPod, { name: "web-side", image, asks });
  const job = await kubelet.run(jobPod, { name: "job", image: digest });
  await kubelet.stop(job);
  await kubelet.create(jobPod, { name: "later", image: digest, asks });
  return { web, job, pod: webPod.id, image };
}

function containerOfCrictl(one: Record): unknown {
  const metadata = one["metadata"] as Record;
  return {
    id: one["id"],
    name: metadata["name"],
    attempt: metadata["attempt"],
    podId: one["podSandboxId"],
    state: lower(one["state"], "CONTAINER_"),
    createdAt: moment(one["createdAt"]),
    labels: one["labels"],
    annotations: one["annotations"],
    image: (one["image"] as Record)["image"],
    ref: bare(one["imageRef"]),
    namespace: (one["labels"] as Record)["io.kubernetes.pod.namespace"],
    pod: (one["labels"] as Record)["io.kubernetes.pod.name"],
  };
}

function containerOfPodstamp(one: Record): unknown {
  const [image, pod] = [one["image"] as Record, one["pod"] as Record];
  return {
    id: one["id"],
    name: one["name"],
    attempt: one["attempt"],
    podId: one["podId"],
    state: one["state"],
    createdAt: one["createdAt"],
    labels: one["labels"],
    annotations: one["annotations"],
    image: image["requested"],
    ref: image["ref"],
    namespace: pod["namespace"],
    pod: pod["name"],
  };
}

function podOfCrictl(one: Record): unknown {
  const metadata = one["metadata"] as Record;
  return {
    id: one["id"],
    ...metadata,
    state: lower(one["state"], "SANDBOX_"),
    createdAt: moment(one["createdAt"]),
    labels: one["labels"],
    annotations: one["annotations"],
    runtimeHandler: one["runtimeHandler"],
  };
}

function podOfPodstamp({ id, name, uid, namespace, attempt, ...rest }: Record): unknown {
  const { state, createdAt, labels, annotations, runtimeHandler } = rest;
  return {
    id,
    name,
    uid,
    namespace,
    attempt,
    state,
    createdAt,
    labels,
    annotations,
    runtimeHandler: runtimeHandler ?? "",
  };
}

type Image = {
  readonly id: string;
  readonly tags: unknown;
  readonly digests: unknown;
  readonly size: number;
  readonly pinned: unknown;
};

function imageOfCrictl({ id, repoTags, repoDigests, size, pinned }: Record): Image {
  return { id: String(id).replace("sha256:", ""), tags: repoTags, digests: repoDigests, size: Number(size), pinned };
}

const imageOfPodstamp = imageOfCrictl;

function sorted(all: readonly Image[]): readonly Image[] {
  return all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function lower(state: unknown, prefix: string): string {
  return String(state).replace(prefix, "").toLowerCase();
}

function moment(nanoseconds: unknown): string {
  return new Date(Number(BigInt(String(nanoseconds)) / 1_000_000n)).toISOString();
}

/** cri-dockerd puts a scheme before references. */
function bare(reference: unknown): string {
  return String(reference).replace(/^docker(?:-pullable)?:\/\//, "");
}
