import { once } from "node:events";
import { existsSync, globSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { builtProgram } from "../runtimes/built.ts";
import type { Node } from "./cluster.ts";
import type { Certificates } from "../net/certificates.ts";
import { freePort } from "../net/ports.ts";
import { type Running, startProcess } from "../machine/processes.ts";
import { keepSysctls } from "./sysctls.ts";
import { cgroupMounts, rememberCgroup } from "../machine/workspace.ts";

export type StaticContainer = {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly resources?: unknown;
};

export type StaticPod = {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containers: readonly StaticContainer[];
  readonly initContainers?: readonly StaticContainer[];
};

/** A real kubelet without an API server, on a runtime that is its alone: it removes every pod there that it did not make. */
export type RealKubelet = {
  /** By which it names its pods: `<pod>-<node>`. */
  readonly nodeName: string;
  /** "127.0.0.1:port" of its own API over TLS, where it answers everybody with a certificate that it made, unless it was given one. */
  readonly endpoint: string;
  /** Writes the pod's file, from which the kubelet makes it; on the host's network, from images that are there. */
  place(pod: StaticPod): void;
  /** The same for a pod as an API server would have it. */
  placeAsIs(pod: Manifest): void;
  /** Removes its file, upon which the kubelet ends it. */
  remove(pod: Manifest): void;
  /** What the kubelet says of its pods. */
  pods(): Promise<readonly PodStatus[]>;
  log(): string;
  stop(): Promise<void>;
};

/** A whole pod: apiVersion, kind, metadata and spec. */
export type Manifest = { readonly metadata: { readonly name: string; readonly namespace?: string } };

/** A pod as the kubelet's API tells it. */
export type PodStatus = {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status: {
    readonly podIP?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly ready: boolean;
      readonly started?: boolean;
      readonly restartCount: number;
      readonly state: object;
    }[];
  };
};

const nodeName = "node-a";

/** Where it writes for all, whatever its root is: what was not there before is its own. */
const foreign = ["/var/log/containers", "/var/lib/kubelet"];

/** Starts a kubelet below a cgroup of its own: without it it would kill the processes of other runtimes' pods. */
export async function startKubelet({ folder, containerd }: Node, certificates?: Certificates): Promise<RealKubelet> {
  const home = join(folder, "kubelet");
  const manifests = join(home, "manifests");
  for (const each of [manifests, join(home, "pods"), join(home, "certificates")]) mkdirSync(each, { recursive: true });
  const cgroupRoot = `/podstamp-kubelet-${process.pid}`;
  makeCgroups(cgroupRoot);
  rememberCgroup(folder, cgroupRoot);
  const restore = keepSysctls();
  const absent = foreign.filter((path) => !existsSync(path));
  const file = join(home, "config.json");
  const port = await freePort();
  const own = settings({ home, manifests, cgroupRoot, endpoint: containerd.endpoint, port });
  writeFileSync(file, JSON.stringify({ ...own, ...(certificates && authentication(home, certificates)) }));
  const args = Object.entries({
    config: file,
    "root-dir": join(home, "root"),
    "cert-dir": join(home, "certificates"),
    "hostname-override": nodeName,
  }).map(([name, value]) => `--${name}=${value}`);
  const running: Running = await startProcess({ name: "kubelet", command: builtProgram("kubelet", "kubelet"), args });
  const fileOf = ({ metadata: { namespace = "default", name } }: Manifest) =>
    join(manifests, `${namespace}-${name}.json`);
  const placeAsIs = (pod: Manifest) => writeFileSync(fileOf(pod), JSON.stringify(pod));
  return {
    nodeName,
    endpoint: `127.0.0.1:${port}`,
    place: (pod) => placeAsIs(manifest(pod)),
    placeAsIs,
    remove: (pod) => rmSync(fileOf(pod)),
    pods: () => askPods(port, certificates),
    log: () => running.output(),
    async stop() {
      await running.stop(5000);
      restore();
      for (const link of globSync("/var/log/containers/*.log")) if (isOf(folder, link)) rmSync(link);
      for (const path of absent) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** In each hierarchy; of version 1, a cpuset is of use only with processors and memory. */
function makeCgroups(path: string): void {
  for (const mount of cgroupMounts()) {
    mkdirSync(join(mount, path), { recursive: true });
    for (const name of ["cpuset.cpus", "cpuset.mems"]) {
      const own = join(mount, path, name);
      if (existsSync(own) && existsSync(join(mount, name))) writeFileSync(own, readFileSync(join(mount, name), "utf8"));
    }
  }
}

type Settings = {
  readonly home: string;
  readonly manifests: string;
  readonly cgroupRoot: string;
  readonly endpoint: string;
  readonly port: number;
};

function settings({ home, manifests, cgroupRoot, endpoint, port }: Settings): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: "127.0.0.1",
    port,
    readOnlyPort: 0,
    healthzPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    cgroupDriver: "cgroupfs",
    cgroupRoot,
    failSwapOn: false,
    failCgroupV1: false,
    staticPodPath: manifests,
    fileCheckFrequency: "1s",
    podLogsDir: join(home, "pods"),
    containerRuntimeEndpoint: endpoint,
    enforceNodeAllocatable: [],
    evictionHard: {
      "memory.available": "1Mi",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
    },
    imageGCHighThresholdPercent: 100,
    localStorageCapacityIsolation: false,
    makeIPTablesUtilChains: false,
    oomScoreAdj: 0,
    volumePluginDir: join(home, "plugins"),
    registerNode: false,
  };
}

/** It shows this certificate, and answers those who have one of the same authority's. */
function authentication(home: string, { caFile, cert, key }: Certificates): object {
  const [tlsCertFile, tlsPrivateKeyFile] = [join(home, "serving.pem"), join(home, "serving.key")];
  writeFileSync(tlsCertFile, cert);
  writeFileSync(tlsPrivateKeyFile, key);
  return {
    tlsCertFile,
    tlsPrivateKeyFile,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false }, x509: { clientCAFile: caFile } },
  };
}

function manifest({ name, namespace, uid, labels, annotations, containers, initContainers = [] }: StaticPod) {
  const local = (all: readonly StaticContainer[]) =>
    all.map((container) => ({ ...container, imagePullPolicy: "Never" }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, uid, labels, annotations },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      containers: local(containers),
      initContainers: local(initContainers),
    },
  };
}

async function askPods(port: number, certificates: Certificates | undefined): Promise<readonly PodStatus[]> {
  const { cert, key } = certificates ?? {};
  // Its certificate may be its own.
  const request = get({ host: "127.0.0.1", port, path: "/pods", rejectUnauthorized: false, agent: false, cert, key });
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  return ((await json(answer)) as { readonly items: readonly PodStatus[] | null }).items ?? [];
}

function isOf(folder: string, link: string): boolean {
  return readlinkSync(link).startsWith(`${folder}/`);
}
