import type { Metrics } from "../telemetry/metrics.ts";
import type { OpenChannel } from "./grpc/channel.ts";

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
  /** How gRPC is spoken; as one does who stays where it is absent. */
  readonly openChannel?: OpenChannel | undefined;
  /** False for whoever asks once and follows nothing: what only events need is not looked for. */
  readonly isFollowed?: boolean | undefined;
  /** True for whoever wants the list at once: it is asked for along with the version. */
  readonly isListed?: boolean | undefined;
};
