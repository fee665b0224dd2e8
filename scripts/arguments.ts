import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** The options of a script; who asks for help or gives what it does not know is told its usage, and it ends. */
export function readOptions<const T extends ParseArgsOptionsConfig>(options: T, usage: string) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: "boolean", short: "h" } } });
    if (!("help" in values) || values.help !== true) return values;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}
