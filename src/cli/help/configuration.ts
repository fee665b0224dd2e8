import { configOptions } from "./config-options.ts";
import type { Command } from "../terminal/shapes.ts";

/** Of those that are about a configuration. */
export const configuration = {
  validate: `Checks a configuration and prints every problem with its place.

Usage:
  podstamp validate --config FILE [--config FILE ...] [--set KEY=VALUE ...]

Options:
${configOptions}

Exit codes: 0 valid (there may be warnings), 1 invalid, 2 wrong usage
`,
  components: `Lists the receivers, processors and exporters that a configuration can use.

Usage:
  podstamp components [-o json]

Options:
  -o, --output FORMAT   table (default) or json
`,
  migrate: `Makes a configuration of podstamp's of one of the Collector's, with its
comments, and prints it. Every change is told on standard error, with the line
of the old file: what has another name, what does nothing here, and what
podstamp has not, with the closest way to have it. FILE may also be a manifest
that has the configuration in it: an OpenTelemetryCollector, a ConfigMap, or a
chart's values.

Usage:
  podstamp migrate [--which NAME] FILE > podstamp.yaml

Options:
  --which NAME   of several in FILE the one of this object, at this place
                 (collectors::daemon::config), or under this key (daemon)

Exit codes: 0 the result is valid, 1 something is left to do, 2 wrong usage
`,
} satisfies Partial<Record<Command, string>>;
