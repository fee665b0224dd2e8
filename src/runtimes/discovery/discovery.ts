import type { Metrics } from "../../telemetry/metrics.ts";
import type { ConnectOptions } from "../connect-options.ts";
import { connectors } from "../connect.ts";
import type { RuntimePlaces, RuntimeSource, RuntimeType } from "../facts.ts";
import { hostPath } from "./host-path.ts";
import { knownSockets, placesOf } from "./known-sockets.ts";
import { socketInstance, socketPath } from "./socket.ts";

/** Where container runtimes listen, in the order in which they are looked for. */
export const knownEndpoints: readonly string[] = knownSockets.map(({ path }) => `unix://${path}`);

export type SourceOptions = Pick<ConnectOptions, "openChannel" | "isFollowed" | "isListed"> & {
  readonly timeoutMs: number;
  readonly metrics: Metrics;
  /** Where the host's file system begins for this process. */
  readonly hostRoot?: string;
};

/** A runtime as the settings name it; without an endpoint wherever one of its type is known to listen. */
export type NamedRuntime = {
  readonly type: RuntimeType;
  readonly endpoint?: string | undefined;
  readonly imageEndpoint?: string | undefined;
  /** Of containerd's own API, beside Kubernetes'. */
  readonly namespaces?: readonly string[] | undefined;
  readonly timeoutMs: number;
};

/** A runtime at a given endpoint that speaks CRI. */
export function criSource(
  endpoint: string,
  options: SourceOptions & { readonly imageEndpoint?: string | undefined },
): RuntimeSource {
  return sourceAt({ type: "cri", endpoint, ...options }, options);
}

/** The runtimes that the settings name, and no other. */
export function namedPlaces(
  runtimes: readonly NamedRuntime[],
  options: Omit<SourceOptions, "timeoutMs">,
): RuntimePlaces {
  const { hostRoot = "/" } = options;
  return {
    label: "list",
    find: () =>
      runtimes.flatMap((runtime) => {
        const { endpoint, timeoutMs } = runtime;
        if (endpoint !== undefined) return [sourceAt({ ...runtime, endpoint }, { ...options, timeoutMs })];
        return socketsThere(hostRoot)
          .filter(({ type }) => type === runtime.type)
          .map((socket) => sourceAt({ ...runtime, endpoint: socket.endpoint }, { ...options, timeoutMs }));
      }),
  };
}

/** Every known socket of the host that is there, each once under however many names. */
export function knownPlaces(options: SourceOptions): RuntimePlaces {
  const { hostRoot = "/", timeoutMs } = options;
  return {
    label: "auto",
    find: () => socketsThere(hostRoot).map((socket) => sourceAt({ ...socket, timeoutMs }, options)),
  };
}

/** A path is a unix socket's, as crictl has it. */
export function withScheme(endpoint: string): string {
  return endpoint.startsWith("/") ? `unix://${endpoint}` : endpoint;
}

/** What the name of a socket says that it is; `cri` when it says nothing, which finds out by itself. */
export function typeOf(endpoint: string): RuntimeType {
  if (/podman[^/]*$/.test(endpoint)) return "podman";
  return /docker[^/]*\.sock$/.test(endpoint) && !/cri-docker/.test(endpoint) ? "docker" : "cri";
}

/** Every place of settings is looked for below the host's root first, then as it is written. */
function sourceAt(runtime: NamedRuntime & { readonly endpoint: string }, options: SourceOptions): RuntimeSource {
  const { type, endpoint, namespaces, timeoutMs } = runtime;
  const { metrics, hostRoot = "/", openChannel, isFollowed, isListed } = options;
  const here = (text: string) => pathHere(hostRoot, socketPath(text));
  return {
    label: endpoint,
    type,
    instance: () => socketInstance(here(endpoint)) ?? "",
    async connect(signal) {
      const path = here(endpoint);
      const imageEndpoint = runtime.imageEndpoint === undefined ? undefined : `unix:${here(runtime.imageEndpoint)}`;
      const own = { endpoint, path, imageEndpoint, namespaces, timeoutMs };
      const connectOptions = { ...own, metrics, openChannel, isFollowed, isListed };
      // Loaded before it is needed, when there may be no handle left to read it with.
      const signs = isFollowed === false ? undefined : await import("./signs-of-life.ts");
      const connected = await connectors[type](connectOptions, signal);
      const isEngine = connected.identity.type === "docker" || connected.identity.type === "podman";
      const sign = { endpoint, path, timeoutMs };
      return {
        ...(signs === undefined
          ? {}
          : { probe: (abort) => (isEngine ? signs.probeEngine(sign, abort) : signs.probeGrpc(sign, abort)) }),
        // A new connection asks for the version, as the first one did.
        check: async (abort) => (await connectors[type](connectOptions, abort)).close(),
        ...connected,
      };
    },
  };
}

/** Where a socket of the settings is for this process: below the host's root, else as it is written. */
export function pathHere(hostRoot: string, path: string): string {
  const below = hostPath(hostRoot, path);
  return below !== path && socketInstance(below) === undefined && socketInstance(path) !== undefined ? path : below;
}

type SocketThere = { readonly type: RuntimeType; readonly endpoint: string };

/** Every known socket that is there now. */
function socketsThere(hostRoot: string): readonly SocketThere[] {
  const seen = new Set<string>();
  const found: SocketThere[] = [];
  for (const known of knownSockets) {
    for (const path of placesOf(known, hostRoot)) {
      const instance = socketInstance(hostPath(hostRoot, path));
      if (instance === undefined || seen.has(instance)) continue;
      seen.add(instance);
      found.push({ type: known.type, endpoint: `unix://${path}` });
    }
  }
  return found;
}
