import { readFileSync } from "node:fs";
import { type CrictlConfig, parseCrictlConfig } from "./crictl-config.ts";
import { crictlFiles } from "./crictl-files.ts";
import { knownPlaces, namedPlaces, type SourceOptions, typeOf, withScheme } from "./discovery.ts";
import type { RuntimePlaces } from "../facts.ts";

/** Where an endpoint was named: the environment, crictl's file, or nowhere. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The runtimes of this node: CONTAINER_RUNTIME_ENDPOINT, else runtime-endpoint of crictl's file, else every known socket
 * that is there, each once under however many names.
 */
export function autoPlaces(environment: Environment, options: SourceOptions): RuntimePlaces {
  const { hostRoot = "/", timeoutMs } = options;
  const known = knownPlaces(options);
  return {
    label: "auto",
    find() {
      const named = namedEndpoints(environment, crictlFiles(environment, hostRoot));
      if (named === undefined) return known.find();
      return namedPlaces([{ ...named, type: typeOf(named.endpoint), timeoutMs }], options).find();
    },
  };
}

type Endpoints = { readonly endpoint: string; readonly imageEndpoint?: string | undefined };

/** The endpoints that the environment or the first of crictl's files names. */
export function namedEndpoints(environment: Environment, file: string | readonly string[]): Endpoints | undefined {
  const settings =
    [file]
      .flat()
      .map(crictlFile)
      .find((one) => one.runtimeEndpoint !== undefined) ?? {};
  const endpoint = environment["CONTAINER_RUNTIME_ENDPOINT"] || settings.runtimeEndpoint;
  if (endpoint === undefined || endpoint === "") return undefined;
  const imageEndpoint = environment["IMAGE_SERVICE_ENDPOINT"] || settings.imageEndpoint;
  return { endpoint: withScheme(endpoint), ...(imageEndpoint ? { imageEndpoint: withScheme(imageEndpoint) } : {}) };
}

function crictlFile(path: string): CrictlConfig {
  try {
    return parseCrictlConfig(readFileSync(path, "utf8")) ?? {};
  } catch {
    // crictl's file is somebody else's: without it, or with one that cannot be read, the known sockets are tried.
    return {};
  }
}
