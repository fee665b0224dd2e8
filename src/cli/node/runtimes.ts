import { readFileSync } from "node:fs";
import { parseDuration } from "../../config/fields/duration.ts";
import type { CrictlConfig } from "../../runtimes/discovery/crictl-config.ts";
import { crictlFiles } from "../../runtimes/discovery/crictl-files.ts";
import { knownPlaces, namedPlaces, typeOf, withScheme } from "../../runtimes/discovery/discovery.ts";
import { socketPath } from "../../runtimes/discovery/socket.ts";
import type { RuntimeSource } from "../../runtimes/facts.ts";
import { openLocalChannel } from "../../runtimes/grpc/local.ts";
import { noMetrics } from "../../telemetry/no-metrics.ts";
import type { Args } from "../terminal/args.ts";
import { CommandError, type Io, UsageError } from "../terminal/output.ts";

/** How long each call may take. */
const usualTimeoutMs = 5000;

/** Whether the runtimes are asked, for their lists or for something else, and left, which is quick; or stayed with. */
export type Purpose = "list" | "ask" | "follow";

/** The runtimes that the options, the environment or crictl's file name, else all of the node. Throws a CommandError when there is none. */
export async function runtimesOf(
  args: Args,
  { env }: Pick<Io, "env">,
  purpose: Purpose = "follow",
): Promise<readonly RuntimeSource[]> {
  const hostRoot = args.text("host-root") ?? "/";
  const config = await crictlConfig(args, env, hostRoot);
  const timeoutMs = timeoutOf(args) ?? config.timeoutMs ?? usualTimeoutMs;
  const quick =
    purpose === "follow" ? {} : { openChannel: openLocalChannel, isFollowed: false, isListed: purpose === "list" };
  const options = { metrics: noMetrics, hostRoot, timeoutMs, ...quick };
  const sources = placesOf(args, { env, config, timeoutMs }, options).find();
  if (sources.length === 0)
    throw new CommandError(
      "Cannot find a container runtime: there is a socket at none of the known places, which podstamp doctor lists; name another one with -r",
    );
  return sources;
}

type Named = { readonly env: Io["env"]; readonly config: CrictlConfig; readonly timeoutMs: number };

function placesOf(args: Args, { env, config, timeoutMs }: Named, options: Parameters<typeof knownPlaces>[0]) {
  const asked = args.text("image-endpoint");
  const image = asked === undefined ? undefined : checked(asked, "--image-endpoint");
  const given = args.texts("runtime-endpoint");
  if (given.length > 0)
    return namedPlaces(
      given.map((each) => named(checked(each, "--runtime-endpoint"), image, timeoutMs)),
      options,
    );
  const endpoint = env["CONTAINER_RUNTIME_ENDPOINT"] || config.runtimeEndpoint;
  if (endpoint === undefined) return knownPlaces(options);
  const imageEndpoint = image ?? (env["IMAGE_SERVICE_ENDPOINT"] || config.imageEndpoint);
  return namedPlaces([named(endpoint, imageEndpoint, timeoutMs)], options);
}

/** A runtime listens on a unix socket: said before anybody is asked. */
function checked(endpoint: string, option: string): string {
  const path = socketPath(endpoint);
  if (path !== "" && !/^[a-z][a-z\d+.-]*:\/\//i.test(path)) return endpoint;
  throw new UsageError(`Option ${option} must be the path of a unix socket or unix:///path, is "${endpoint}"`);
}

function named(text: string, image: string | undefined, timeoutMs: number) {
  const endpoint = withScheme(text);
  return {
    type: typeOf(endpoint),
    endpoint,
    imageEndpoint: image === undefined ? undefined : withScheme(image),
    timeoutMs,
  };
}

/** As crictl has it: 2s; a number alone is seconds, and none or less means the usual time. */
function timeoutOf(args: Args): number | undefined {
  const text = args.text("timeout");
  if (text === undefined) return undefined;
  const ms = /^-?\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === undefined) throw new UsageError(`Option --timeout must be a duration such as 2s, is "${text}"`);
  return ms > 0 ? ms : undefined;
}

/** What crictl's file says. One that somebody has named must be there; a usual one that is not, or is none, says nothing. */
async function crictlConfig(args: Args, env: Io["env"], hostRoot: string): Promise<CrictlConfig> {
  const named = args.text("crictl-config") ?? (env["CRI_CONFIG_FILE"] || undefined);
  const files = named === undefined ? crictlFiles(env, hostRoot) : [named];
  let found: CrictlConfig = {};
  for (const file of files) {
    const text = textOf(file);
    if (typeof text !== "string" && named !== undefined)
      throw new CommandError(`Cannot read crictl's configuration ${file}: ${text.message}`);
    if (typeof text !== "string") continue;
    const { parseCrictlConfig } = await import("../../runtimes/discovery/crictl-config.ts");
    const config = parseCrictlConfig(text);
    if (config === undefined && named !== undefined)
      throw new CommandError(`Cannot read crictl's configuration ${file}: must be a map of settings in YAML`);
    found = { ...config, ...found };
    if (found.runtimeEndpoint !== undefined) break;
  }
  return found;
}

function textOf(file: string): string | Error {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
