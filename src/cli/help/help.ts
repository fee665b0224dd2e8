import { configOptions } from "./config-options.ts";
import type { Command } from "../terminal/shapes.ts";
import { configuration } from "./configuration.ts";
import { identity } from "./identity.ts";
import { listing } from "./listing.ts";
import { operation } from "./operation.ts";

/** What `podstamp --help` and `podstamp help COMMAND` print; at most 78 columns wide. */
export const helpTexts: Readonly<Record<Command, string>> = {
  "": `podstamp stamps pod identity on OpenTelemetry data, asked of the container
runtime of this node.

Usage:
  podstamp --config FILE [--config FILE ...]   run
  podstamp validate --config FILE              check a configuration
  podstamp components                          list what it can be made of
  podstamp runtimes                            list this node's runtimes
  podstamp ps                                  list this node's containers
  podstamp pods                                list this node's pods
  podstamp images                              list this node's images
  podstamp inspect ID                          show what would be stamped
  podstamp lookup WHAT                         whose telemetry it is, and why
  podstamp events [--spans]                    follow containers and telemetry
  podstamp explain KIND TEXT                   what a cgroup or a name tells
  podstamp migrate FILE                        make it of a Collector's file
  podstamp reload                              let it read its files again
  podstamp health                              ask whether it is ready
  podstamp replay DIR                          send dead letters again
  podstamp doctor                              why is there no k8s.* here?
  podstamp completion bash|zsh|fish            let the shell complete all this
  podstamp --version
  podstamp --help, podstamp COMMAND --help

Options:
${configOptions}

Exit codes:
  0   done, or stopped by SIGTERM or SIGINT after delivering what was held
  1   the configuration is invalid, or what was asked could not be done
  2   the command line was not understood

A second SIGTERM or SIGINT stops at once, with exit code 1.
`,
  ...configuration,
  ...listing,
  ...identity,
  ...operation,
  completion: `Prints a script that lets a shell complete podstamp's command line.

Usage:
  source <(podstamp completion bash)     in ~/.bashrc
  source <(podstamp completion zsh)      in ~/.zshrc, behind compinit
  podstamp completion fish | source      in ~/.config/fish/config.fish

It can be kept in a file as well, where a shell looks for completions:
/etc/bash_completion.d/podstamp, _podstamp in a folder of zsh's $fpath, or
~/.config/fish/completions/podstamp.fish.
`,
};
