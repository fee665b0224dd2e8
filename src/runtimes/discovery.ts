import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Metrics } from "../telemetry/metrics.ts";
import { connectCri } from "./cri.ts";
import type { Runtime, RuntimeSource } from "./facts.ts";
import { socketInstance, socketPath } from "./socket.ts";

/** Where container runtimes that speak CRI listen, in the order in which they are tried. */
export const knownEndpoints: readonly string[] = [
  "unix:///run/containerd/containerd.sock",
  "unix:///run/crio/crio.sock",
  "unix:///var/run/cri-dockerd.sock",
  "unix:///run/k3s/containerd/containerd.sock",
  "unix:///run/k0s/containerd.sock",
  "unix:///var/snap/microk8s/common/run/containerd.sock",
];

export type SourceOptions = {
  readonly timeoutMs: number;
  readonly metrics: Metrics;
};

/** A runtime at a given endpoint. */
export function criSource(
  endpoint: string,
  options: SourceOptions & { readonly imageEndpoint?: string | undefined },
): RuntimeSource {
  return {
    label: endpoint,
    type: "cri",
    instance: () => socketInstance(socketPath(endpoint)) ?? "",
    connect: (signal) => connectCri({ endpoint, ...options }, signal),
  };
}

/** Where an endpoint was named: the environment, crictl's file, or nowhere. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The runtime of this node, wherever it is: CONTAINER_RUNTIME_ENDPOINT, else runtime-endpoint of /etc/crictl.yaml,
 * else the first of the known sockets that answers Version. Looked for anew at each connection, so that one that starts later is found.
 */
export function autoSource(environment: Environment, options: SourceOptions): RuntimeSource {
  return {
    label: "auto",
    type: "cri",
    instance: () => "",
    async connect(signal) {
      const named = namedEndpoints(environment);
      if (named !== undefined) return connectCri({ ...named, ...options }, signal);
      return firstAnswering(knownEndpoints, (endpoint) => connectCri({ endpoint, ...options }, signal));
    },
  };
}

type Endpoints = { readonly endpoint: string; readonly imageEndpoint?: string | undefined };

/** The endpoints that the environment or crictl's file names. */
export function namedEndpoints(environment: Environment, file = "/etc/crictl.yaml"): Endpoints | undefined {
  const settings = crictlFile(file);
  const endpoint = environment["CONTAINER_RUNTIME_ENDPOINT"] || settings["runtime-endpoint"];
  if (endpoint === undefined || endpoint === "") return undefined;
  const imageEndpoint = environment["IMAGE_SERVICE_ENDPOINT"] || settings["image-endpoint"];
  return { endpoint: withScheme(endpoint), ...(imageEndpoint ? { imageEndpoint: withScheme(imageEndpoint) } : {}) };
}

/** A path is a unix socket's, as crictl has it. */
export function withScheme(endpoint: string): string {
  return endpoint.startsWith("/") ? `unix://${endpoint}` : endpoint;
}

function crictlFile(path: string): Readonly<Record<string, string>> {
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch {
    // crictl's file is somebody else's: without it, or with one that cannot be read, the known sockets are tried.
    return {};
  }
  if (typeof content !== "object" || content === null) return {};
  return Object.fromEntries(
    Object.entries(content).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** Tries the endpoints in turn; rejects with what each of them said when none answers. */
async function firstAnswering(
  endpoints: readonly string[],
  connect: (endpoint: string) => Promise<Runtime>,
): Promise<Runtime> {
  const problems: string[] = [];
  for (const endpoint of endpoints) {
    try {
      return await connect(endpoint);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`Cannot find a container runtime: ${problems.join("; ")}`);
}
