import { nearest } from "../config/document/nearest.ts";
import type { Factories } from "../pipeline/graph/factory.ts";
import { clean, CommandError, exitCode, UsageError } from "./terminal/output.ts";
import type { Io } from "./terminal/output.ts";
import type { RunOptions } from "./run.ts";
import { type Command, commands, leadingOptions } from "./terminal/shapes.ts";

/** What the command line needs of the process beside Io. */
export type CommandLineOptions = Omit<RunOptions, "components"> & {
  /** Every component that a configuration may use: they are most of the program, and few commands need them. */
  readonly loadComponents: (isLasting?: boolean) => Promise<Factories>;
};

/** Runs the command line; gives the exit code. What the user did wrong is said in words, never thrown. */
export async function runCommandLine(argv: readonly string[], io: Io, options: CommandLineOptions): Promise<number> {
  try {
    return await route(argv, io, options);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${clean(error.message)}\nTry ${helpOf(argv)}\n`);
      return exitCode.usage;
    }
    if (error instanceof CommandError) {
      io.err(`${clean(error.message)}\n`);
      return exitCode.failed;
    }
    throw error;
  }
}

async function route(argv: readonly string[], io: Io, options: CommandLineOptions): Promise<number> {
  const { first, leading, rest } = parted(argv);
  if (first === "help" || first === "--help" || first === "-h") return await help(rest[0] ?? "", io);
  if (first === "--version" || first === "-v" || first === "version") {
    io.out(`podstamp ${options.version}\n`);
    return exitCode.ok;
  }
  const command = first.startsWith("-") ? "" : commandOf(first);
  const args = command === "" ? argv : [...leading, ...rest];
  if (args.includes("--help") || args.includes("-h")) return await help(command, io);
  const late =
    command === "" ? rest.find((word, at) => isCommand(word) && [first, ...rest][at] !== "--config") : undefined;
  if (late !== undefined)
    throw new UsageError(
      `Unexpected argument "${late}": the command stands first, but for crictl's options; crictl's --config is --crictl-config`,
    );
  return await programs[command](args, io, options);
}

type Parted = { readonly first: string; readonly leading: readonly string[]; readonly rest: readonly string[] };

/** Whoever comes from crictl writes a runtime's options before the command. */
function parted(argv: readonly string[]): Parted {
  let at = 0;
  for (let word = argv[at] ?? ""; isLeading(word); word = argv[at] ?? "") at += word.includes("=") ? 1 : 2;
  const first = argv[at];
  if (first === undefined) return { first: argv[0] ?? "", leading: [], rest: argv.slice(1) };
  return { first, leading: argv.slice(0, at), rest: argv.slice(at + 1) };
}

function isCommand(word: string): boolean {
  return word !== "" && commandCalled(word) !== undefined;
}

/** As crictl has them. */
const otherNames: Readonly<Record<string, Command>> = { image: "images", img: "images" };

function commandCalled(word: string): Command | undefined {
  return Object.hasOwn(otherNames, word) ? otherNames[word] : commands.find((name) => name === word);
}

function isLeading(word: string): boolean {
  const written = word.replace(/=.*$/s, "");
  return Object.entries(leadingOptions).some(([name, { short }]) =>
    [`--${name}`, `-${name}`, `-${short}`].includes(written),
  );
}

/** How to ask for the help of the command that was meant, or of all. */
function helpOf(argv: readonly string[]): string {
  const { first } = parted(argv);
  const command = commandCalled(first);
  return command === undefined || command === "" ? "podstamp --help" : `podstamp ${command} --help`;
}

type Program = (argv: readonly string[], io: Io, options: CommandLineOptions) => Promise<number>;

/** Each is loaded when it is asked for: `podstamp ps` need not wait for the pipeline's code. */
const programs: Readonly<Record<Command, Program>> = {
  "": async (argv, io, options) => (await import("./run.ts")).run(argv, io, await withComponents(options, true)),
  validate: async (argv, io, options) =>
    (await import("./validate.ts")).validate(argv, io, await options.loadComponents()),
  components: async (argv, io, options) =>
    (await import("./components.ts")).listComponents(argv, io, await withComponents(options)),
  runtimes: async (argv, io) => (await import("./runtimes.ts")).runtimes(argv, io),
  ps: async (argv, io, { uid }) => (await import("./listing/ps.ts")).ps(argv, io, { uid }),
  pods: async (argv, io, { uid }) => (await import("./listing/pods.ts")).pods(argv, io, { uid }),
  images: async (argv, io) => (await import("./listing/images.ts")).images(argv, io),
  inspect: async (argv, io) => (await import("./inspect.ts")).inspect(argv, io),
  lookup: async (argv, io, options) => (await import("./lookup/lookup.ts")).lookup(argv, io, options),
  events: async (argv, io, options) => (await import("./events/events.ts")).events(argv, io, options),
  explain: async (argv, io) => (await import("./explain/explain.ts")).explain(argv, io),
  migrate: async (argv, io, options) =>
    (await import("./migrate/migrate.ts")).migrate(argv, io, await options.loadComponents()),
  reload: async (argv, io, { uid }) => (await import("./reload.ts")).reload(argv, io, uid),
  health: async (argv, io) => (await import("./health.ts")).health(argv, io),
  replay: async (argv, io, options) =>
    (await import("./replay.ts")).replay(argv, io, await withComponents(options, true)),
  doctor: async (argv, io, options) =>
    (await import("./doctor/doctor.ts")).doctor(argv, io, await withComponents(options)),
  completion: async (argv, io) => (await import("./completion/completion.ts")).completion(argv, io),
};

async function withComponents(options: CommandLineOptions, isLasting = false): Promise<RunOptions> {
  return { ...options, components: await options.loadComponents(isLasting) };
}

async function help(word: string, io: Io): Promise<number> {
  const command = commandOf(word);
  io.out((await import("./help/help.ts")).helpTexts[command]);
  return exitCode.ok;
}

function commandOf(word: string): Command {
  const known = commandCalled(word);
  if (known !== undefined) return known;
  if (["run", "start", "serve"].includes(word))
    throw new UsageError(`Unknown command "${word}": podstamp --config FILE runs it`);
  const like = nearest(word, commands);
  throw new UsageError(
    `Unknown command "${word}"${like === undefined || like === "" ? "" : `: did you mean ${like}?`}`,
  );
}
