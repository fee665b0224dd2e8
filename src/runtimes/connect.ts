import type { Metrics } from "../telemetry/metrics.ts";
import { connectEngine } from "./engines/connect.ts";
import { connectAny, connectCri } from "./cri/cri.ts";
import type { Runtime, RuntimeType } from "./facts.ts";

/** Where a runtime is to be connected to, and how it is to be asked. */
export type ConnectOptions = {
  /** As the settings have it: unix:///path, for labels and messages. */
  readonly endpoint: string;
  /** Of the image service where it is another; a path below `host_root` too. */
  readonly imageEndpoint?: string | undefined;
  /** The path of the socket as this process sees it, below `host_root`; the endpoint's own where it is absent. */
  readonly path?: string | undefined;
  /** The namespaces of containerd to follow beside Kubernetes'; all but Docker's where it is absent. */
  readonly namespaces?: readonly string[] | undefined;
  readonly timeoutMs: number;
  readonly metrics: Metrics;
};

/** Connects and asks for the version; rejects with what to do when nobody answers. */
export type Connect = (options: ConnectOptions, signal: AbortSignal) => Promise<Runtime>;

/** How each type of runtime is spoken to. */
export const connectors: Readonly<Record<RuntimeType, Connect>> = {
  containerd: connectCri,
  "cri-o": connectCri,
  "cri-dockerd": connectCri,
  docker: connectEngine,
  podman: connectEngine,
  cri: connectAny,
};
