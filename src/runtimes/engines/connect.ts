import { negotiate } from "./api-version.ts";
import type { ConnectOptions } from "../connect-options.ts";
import { dockerApi, dockerRuntime } from "./docker.ts";
import { createEngine } from "./engine.ts";
import type { Runtime } from "../facts.ts";
import { listAt, textAt } from "../json.ts";
import { podmanApi, podmanRuntime } from "./podman.ts";
import { socketInstance, socketPath } from "../discovery/socket.ts";

/** Calls to one engine at a time. */
const concurrency = 4;

/**
 * Connects to a Docker or a Podman, whichever answers at the socket: Podman also listens where Docker would.
 * Rejects with what to do when nobody answers, or speaks an API that is too old.
 */
export async function connectEngine(options: ConnectOptions, signal: AbortSignal): Promise<Runtime> {
  const { endpoint, timeoutMs, metrics } = options;
  const path = options.path ?? socketPath(endpoint);
  const instance = socketInstance(path) ?? "";
  const engine = createEngine({ endpoint, path, timeoutMs, concurrency, metrics });
  try {
    const answer = await engine.get({ name: "SystemVersion", path: "/version" }, signal);
    const podman = listAt(answer, "Components").find((part) => textAt(part, "Name") === "Podman Engine");
    const of = (name: "docker" | "podman", version: string) =>
      ({ name, type: name, version, endpoint, instance }) as const;
    if (podman !== undefined) {
      const range = {
        oldest: textAt(podman, "Details", "MinAPIVersion"),
        newest: textAt(podman, "Details", "APIVersion"),
      };
      const version = agree(endpoint, () => negotiate(range, podmanApi));
      return podmanRuntime(engine, { identity: of("podman", textAt(podman, "Version")), version });
    }
    const range = { oldest: textAt(answer, "MinAPIVersion"), newest: textAt(answer, "ApiVersion") };
    const version = agree(endpoint, () => negotiate(range, dockerApi));
    return await dockerRuntime(engine, { identity: of("docker", textAt(answer, "Version")), version, signal });
  } catch (error) {
    engine.close();
    throw error;
  }
}

function agree(endpoint: string, negotiated: () => string): string {
  try {
    return negotiated();
  } catch (error) {
    throw new Error(`Cannot use ${endpoint}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
