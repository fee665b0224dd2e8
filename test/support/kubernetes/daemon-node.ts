import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { type Built, whyNotBuilt } from "../runtimes/built.ts";
import { connected, never, told } from "../runtimes/connected.ts";
import { type CriDaemon, type DaemonOptions, startContainerd } from "../runtimes/containerd.ts";
import { startCrio } from "../runtimes/crio.ts";
import { eventually } from "../eventually.ts";
import { whyNoContainers, whyNotInstalling } from "../machine/machine.ts";
import { shareFolder } from "../node/mounts.ts";
import { layPodNetwork, podNetwork, rememberForwarding, whyNoPodNetwork } from "../node/pod-network.ts";
import { type Manifest, type PodStatus, type RealKubelet, startKubelet } from "../node/real-kubelet.ts";
import { realNode } from "../node/real-node.ts";
import { type Sink, startSink } from "../otlp/sink.ts";
import { giveToContainerd, giveToCrio, type OwnImage } from "./own-image.ts";
import { staticPodOf } from "./static-pod.ts";
import { renderVariant } from "./variants.ts";

/** A runtime under a real kubelet, and the overlay for such nodes. */
export type NodeKind = {
  readonly type: "containerd" | "cri-o";
  readonly overlay: string;
  readonly built: readonly Built[];
  /** Of /proc/PID/status: 2 where the runtime has seccomp, which a CRI-O without its headers has not. */
  readonly seccomp: string;
  /** Its folder in a workspace. */
  readonly home: string;
  start(options: DaemonOptions): Promise<CriDaemon>;
  give(image: OwnImage, daemon: CriDaemon): Promise<void>;
};

export const nodeKinds: readonly NodeKind[] = [
  {
    type: "containerd",
    overlay: "containerd",
    built: ["kubelet", "containerd-2.3"],
    seccomp: "2",
    home: "containerd",
    start: (options) => startContainerd(options, "containerd-2.3"),
    give: (image, { socket }) => giveToContainerd(image, socket),
  },
  {
    type: "cri-o",
    overlay: "cri-o",
    built: ["kubelet", "crio"],
    seccomp: "0",
    home: "crio",
    start: (options) => startCrio(options, { hasEvents: true }),
    give: (image, { socket }) => giveToCrio(image, dirname(socket)),
  },
];

type Status = NonNullable<PodStatus["status"]["containerStatuses"]>[number];

/** A node of one's own on which the DaemonSet's pod runs. */
export type DaemonNode = {
  readonly sink: () => Sink;
  readonly daemon: () => CriDaemon;
  /** Of the image of pods in namespace `shop`: its name without the tag. */
  readonly repository: () => string;
  /** The address of the pod with a network of its own: podstamp's. */
  readonly address: string;
  /**
   * Places the DaemonSet's pod with these components; takes the one before away, since there is one address for both. Another name
   * than that one's: a kubelet gives the same name to another static pod only after 10 s.
   */
  placePodstamp(name: string, components: readonly string[]): Promise<void>;
  /** Places a pod on the host's network in namespace `shop`, which has its uid as $POD_UID. */
  placeShop(name: string, script: string): void;
  /** The status of a pod's container once it fits. */
  statusOf(name: string, fits: (status: Status) => boolean, what: string): Promise<Status & { readonly id: string }>;
  /** The PID of a container's first process. */
  processOf(id: string): Promise<number>;
};

const timeoutMs = 60_000;

/** Why no DaemonSet's pod can run on such a node here, in words. */
export function whyNoDaemonNode({ built }: NodeKind): string | undefined {
  return whyNotBuilt(...built) ?? whyNoContainers("podman") ?? whyNotInstalling() ?? whyNoPodNetwork();
}

/** One node of this kind for the tests of a suite; where it cannot be, each of them is skipped with the reason. */
export function daemonNode(kind: NodeKind, image: () => OwnImage): DaemonNode {
  let kubelet: RealKubelet | undefined;
  let sink: Sink | undefined;
  let restore = () => {};
  let podstamp: Manifest | undefined;
  let shop = { repository: "", tag: "" };

  const node = realNode(
    async (started) => {
      shop = await started.push("shop/web", "1.2", "image");
      await started.kubelet.pull(`${shop.repository}:${shop.tag}`);
      await kind.give(image(), started.containerd);
      sink = await startSink(0, "0.0.0.0");
      restore = rememberForwarding();
      kubelet = await startKubelet(started);
    },
    {
      start: (options) => {
        layPodNetwork(options.folder, kind.home);
        shareFolder(join(options.folder, kind.home));
        return kind.start(options);
      },
      why: whyNoDaemonNode(kind),
    },
  );
  // Before the node: what it finds gone it would make again.
  afterAll(async () => {
    await kubelet?.stop();
    await sink?.stop();
    restore();
  });

  const given = () => {
    if (kubelet === undefined || sink === undefined)
      throw new Error("Cannot test: kubelet and sink must be started first");
    return { kubelet, sink };
  };
  const podOf = async (name: string) =>
    (await given().kubelet.pods()).find(({ metadata }) => metadata.name === `${name}-${given().kubelet.nodeName}`);

  const place = () => ({ type: kind.type, endpoint: node().containerd.endpoint });
  const readySandboxes = () =>
    connected(place(), async (runtime) =>
      (await runtime.list(never)).pods.filter((pod) => pod.isReady).map((pod) => pod.name),
    );

  return {
    sink: () => given().sink,
    daemon: () => node().containerd,
    repository: () => shop.repository,
    address: podNetwork.pod[0],
    async placePodstamp(name, components) {
      const before = podstamp?.metadata.name;
      if (podstamp !== undefined) given().kubelet.remove(podstamp);
      const isGone = async () =>
        !(await readySandboxes()).some((each) => each === `${before}-${given().kubelet.nodeName}`);
      await eventually(isGone, { what: "the end of the pod before", timeoutMs });
      podstamp = staticPodOf(renderVariant({ overlay: kind.overlay, components }), {
        name,
        registry: "localhost",
        runtimeFolder: dirname(node().containerd.socket),
        folder: join(node().folder, "config-maps"),
        variables: { OTLP_ENDPOINT: `${podNetwork.host[0]}:${given().sink.port}`, OTLP_INSECURE: "true" },
      });
      given().kubelet.placeAsIs(podstamp);
    },
    placeShop(name, script) {
      const env = [{ name: "POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } }];
      const command = ["/bin/sh", "-c", script];
      const container = {
        name: "main",
        image: `${shop.repository}:${shop.tag}`,
        imagePullPolicy: "Never",
        env,
        command,
      };
      const spec = { hostNetwork: true, terminationGracePeriodSeconds: 1, containers: [container] };
      const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop" }, spec };
      given().kubelet.placeAsIs(pod);
    },
    async statusOf(name, fits, what) {
      let last: unknown;
      const fitting = async () => {
        const pod = await podOf(name);
        last = pod?.status;
        return pod?.status.containerStatuses?.find((each) => each.containerID !== undefined && fits(each));
      };
      const found = await eventually(fitting, { what: `that ${name} is ${what}`, timeoutMs, everyMs: 200 }).catch(
        (cause: unknown) => {
          throw new Error(`${JSON.stringify(last)}\n${given().kubelet.log().slice(-3000)}`, { cause });
        },
      );
      return { ...found, id: found.containerID?.replace(/^[a-z-]+:\/\//, "") ?? "" };
    },
    processOf: (id) =>
      connected(
        { type: kind.type, endpoint: node().containerd.endpoint },
        async (runtime) => (await told(runtime, id)).details.pid ?? 0,
      ),
  };
}
