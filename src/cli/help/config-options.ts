/** The options that say what the configuration is, for the help of each command that takes them all. */
export const configOptions = `\
  --config FILE    a configuration file, or env:NAME (what a variable holds)
                   or yaml:TEXT; a later one is merged over the earlier
  --set KEY=VALUE  one setting over all of them, such as
                   processors.batch.timeout=2s
  --feature-gates GATES
                   taken for manifests of the Collector; does nothing`;
