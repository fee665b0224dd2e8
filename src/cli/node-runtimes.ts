import { autoPlaces, namedPlaces, typeOf, withScheme } from "../runtimes/discovery.ts";
import type { RuntimeSource } from "../runtimes/facts.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Args } from "./args.ts";
import { CommandError, type Io } from "./output.ts";

/** How long each call may take. */
const timeoutMs = 5000;
const noMetrics: Metrics = { counter: () => ({ add: () => undefined }), gauge: () => undefined };

/** The runtimes that the options or the environment name, else all of the node. Throws a CommandError when there is none. */
export function runtimesOf(args: Args, { env }: Pick<Io, "env">): readonly RuntimeSource[] {
  const hostRoot = args.text("host-root") ?? "/";
  const image = args.text("image-endpoint");
  const imageEndpoint = image === undefined ? undefined : withScheme(image);
  const options = { metrics: noMetrics, hostRoot };
  const named = args.texts("runtime-endpoint").map((text) => {
    const endpoint = withScheme(text);
    return { type: typeOf(endpoint), endpoint, imageEndpoint, timeoutMs };
  });
  const places = named.length > 0 ? namedPlaces(named, options) : autoPlaces(env, { ...options, timeoutMs });
  const sources = places.find();
  if (sources.length === 0)
    throw new CommandError("Cannot find a container runtime: there is a socket at none of the known places");
  return sources;
}
