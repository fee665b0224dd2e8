import type { RuntimesSetting } from "../../config/fields/runtime-fields.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { autoPlaces } from "./auto-places.ts";
import { type NamedRuntime, namedPlaces, typeOf } from "./discovery.ts";
import type { RuntimePlaces } from "../facts.ts";

type Surroundings = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly metrics: Metrics;
};

/** How long a call to a runtime that was found and not named may take. */
const autoTimeoutMs = 2000;

/** Where the runtimes of a setting are, below the host's root. */
export function placesOf(
  runtimes: RuntimesSetting,
  hostRoot: string,
  { environment, metrics }: Surroundings,
): RuntimePlaces {
  return runtimes === "auto"
    ? autoPlaces(environment, { timeoutMs: autoTimeoutMs, metrics, hostRoot })
    : namedPlaces(runtimes.map(namedRuntime), { metrics, hostRoot });
}

function namedRuntime(runtime: Exclude<RuntimesSetting, "auto">[number]): NamedRuntime {
  const { endpoint, image_endpoint: imageEndpoint, namespaces, timeout } = runtime;
  const type = runtime.type === "crio" ? "cri-o" : runtime.type === "auto" ? typeOf(endpoint ?? "") : runtime.type;
  return { type, endpoint, imageEndpoint, namespaces, timeoutMs: timeout };
}
