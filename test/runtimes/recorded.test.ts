import { expect, onTestFinished, test } from "vitest";
import { parseCgroup } from "../../src/containers/names/cgroup-path.ts";
import { identifyImage, type ImageIdentity } from "../../src/containers/index/image-identity.ts";
import { connectCri } from "../../src/runtimes/cri/cri.ts";
import type { ContainerDetails, ContainerFacts, PodFacts } from "../../src/runtimes/facts.ts";
import { noMetrics } from "../../src/telemetry/no-metrics.ts";
import { startCriServer } from "../support/cri/server.ts";
import { readRecording, replayOf } from "../support/cri/recording.ts";

const metrics = noMetrics;
const never = new AbortController().signal;

type Told = {
  readonly container: ContainerFacts;
  readonly details: ContainerDetails;
  readonly pod: PodFacts | undefined;
  readonly image: ImageIdentity;
};

/** All that podstamp reads from the recorded answers of a real runtime. */
async function ask(name: string): Promise<{ runtime: string; canFollow: boolean; told: readonly Told[] }> {
  const server = await startCriServer(replayOf(readRecording(`runtimes/${name}`)));
  onTestFinished(() => server.close());
  const runtime = await connectCri({ endpoint: server.endpoint, timeoutMs: 5000, metrics }, never);
  onTestFinished(() => runtime.close());
  const { pods, containers } = await runtime.list(never);
  const told = await Promise.all(
    containers.map(async (container) => {
      const details = await runtime.describeContainer(container, never);
      const pod = pods.find(({ id }) => id === container.podId);
      return { container, details, pod, image: identifyImage(container.image, details.image) };
    }),
  );
  return { runtime: runtime.identity.name, canFollow: runtime.follow !== undefined, told };
}

const shop = "docker.io/library/shop";
const cart = "127.0.0.1:15000/shop/cart";
const id = "sha256:65c9fa670a30144a7e21b11b531fbafd5e39b1b21fa80ed4a43089e943a0ca2c";
const digest = "sha256:5e487c40e8c87e1e853161ab12587c6dea4bccccf070251ded4e93999eb7a3f0";

/** The digests that the image has got by the ways it came in: imported by ctr, and copied by skopeo. */
const copied = "sha256:da9638f828ca295f955177e983179711874b0a2d7867774e237988f88b8c4803";

const runtimes = [
  { recording: "containerd-1.6", runtime: "containerd", name: shop, manifest: undefined, hasCgroup: true },
  { recording: "containerd-1.7", runtime: "containerd", name: cart, manifest: digest, hasCgroup: true },
  { recording: "containerd-2.3", runtime: "containerd", name: shop, manifest: undefined, hasCgroup: true },
  { recording: "crio-1.36", runtime: "cri-o", name: cart, manifest: digest, hasCgroup: true },
  { recording: "cri-dockerd-0.4.3", runtime: "docker", name: cart, manifest: digest, hasCgroup: false },
  { recording: "containerd-1.6-pulled", runtime: "containerd", name: cart, manifest: digest, hasCgroup: true },
  { recording: "containerd-1.7-imported", runtime: "containerd", name: shop, manifest: undefined, hasCgroup: true },
  { recording: "crio-1.36-imported", runtime: "cri-o", name: shop, manifest: copied, hasCgroup: true },
  { recording: "cri-dockerd-0.4.3-imported", runtime: "docker", name: shop, manifest: undefined, hasCgroup: false },
  // With its images in containerd Docker knows them by the digest of the manifest.
  {
    recording: "cri-dockerd-0.4.3-docker-28",
    runtime: "docker",
    name: cart,
    manifest: digest,
    hasCgroup: false,
    id: digest,
  },
] as const;

test.for(runtimes)("$recording tells pod, container and image of a pod made by its tag", async (expected) => {
  const { runtime, canFollow, told } = await ask(expected.recording);
  expect(runtime).toBe(expected.runtime);
  // cri-dockerd has no events; containerd's are its own, and CRI-O's are CRI's.
  expect(canFollow).toBe(expected.runtime !== "docker");
  expect(told).toHaveLength(1);
  const [{ container, details, pod, image }] = told as [Told];
  expect(pod).toMatchObject({ name: "cart-7d9f6c5b8d-x2x9z", namespace: "shop", labels: { app: "cart" } });
  expect(pod?.uid).toMatch(/^11111111-2222-3333-4444-5555555555\d\d$/);
  expect(container).toMatchObject({ name: "cart", attempt: 0, state: "running" });
  expect(details).toMatchObject({ state: "running", finishedAt: undefined, exitCode: undefined });
  expect(details.pid).toBeGreaterThan(1000);
  expect(image).toMatchObject({
    name: expected.name,
    tags: ["1.2"],
    id: "id" in expected ? expected.id : id,
    isAmbiguous: false,
  });
  expect(image.manifestDigest).toBe(expected.manifest);
  expect(details.cgroupsPath === undefined ? undefined : parseCgroup(details.cgroupsPath)).toEqual(
    expected.hasCgroup ? expect.objectContaining({ containerId: container.id, podUid: pod?.uid }) : undefined,
  );
});

test("under a real kubelet on containerd 2.3 each image is the one of the pod's spec, whatever the first tag of its bytes", async () => {
  const { told } = await ask("kubelet-1.34-containerd-2.3");
  const images = told.map(({ container, image }) => ({
    container: container.name,
    name: image.name,
    tags: image.tags,
    manifest: image.manifestDigest,
  }));
  expect(images.toSorted((a, b) => a.container.localeCompare(b.container))).toEqual([
    { container: "both", name: cart, tags: ["9.9"], manifest: digest },
    { container: "bydigest", name: cart, tags: [], manifest: digest },
    { container: "bytag", name: cart, tags: ["1.2"], manifest: digest },
    { container: "shopd", name: shop, tags: ["1.2"], manifest: undefined },
    { container: "shopd", name: shop, tags: ["1.2"], manifest: undefined },
  ]);
});

test("under a real kubelet on CRI-O an image of several names is left unnamed rather than guessed", async () => {
  const { told } = await ask("kubelet-1.34-crio-1.36");
  expect(told).toHaveLength(12);
  expect(told.map(({ image }) => image)).toEqual(
    told.map(() => ({
      name: undefined,
      tags: [],
      repoDigests: [],
      manifestDigest: undefined,
      isAmbiguous: true,
      id,
    })),
  );
});

test("a static pod keeps the uid that its cgroup has: 32 hex digits without dashes", async () => {
  const { told } = await ask("kubelet-1.34-crio-1.36");
  const statics = told.filter(({ pod }) => pod?.name === "web-node-a");
  expect(
    statics.map(({ container }) => `${container.name}-${container.attempt}-${container.state}`).toSorted(),
  ).toEqual(["crash-15-exited", "crash-16-running", "init-2-exited", "main-2-running"]);
  for (const { pod, details } of statics) {
    expect(pod?.uid).toBe("82668c3b799e9d1cb50e83b14b86af2e");
    expect(parseCgroup(details.cgroupsPath ?? "").podUid).toBe(pod?.uid);
    expect(pod?.annotations["kubernetes.io/config.source"]).toBe("file");
  }
});
