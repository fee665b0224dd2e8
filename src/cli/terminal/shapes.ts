/** An option of a command. */
export type Option = {
  readonly type: "string" | "boolean";
  /** Its letter. */
  readonly short?: string;
  /** Whether it may be given more than once; else the last one counts. */
  readonly multiple?: boolean;
  /** All that it may be. */
  readonly values?: readonly string[];
  /** Whether capitals make no difference to `values`. */
  readonly ignoresCase?: boolean;
  /** What it is the path of, for those who complete it. */
  readonly path?: "file" | "directory";
};

/** A positional argument of a command. */
export type Positional = Pick<Option, "values" | "path"> & {
  readonly name: string;
  readonly isOptional?: boolean;
  /** Of the last one: whether there may be more of it. */
  readonly isRepeated?: boolean;
};

/** What a command takes. */
export type Shape = {
  readonly options: Readonly<Record<string, Option>>;
  /** In order; none when absent. */
  readonly positionals?: readonly Positional[];
};

const config = { type: "string", multiple: true, path: "file" } as const;

/** What a configuration is made of. */
const loadOptions = {
  config,
  set: { type: "string", multiple: true },
  "feature-gates": { type: "string", multiple: true },
} as const;

const output = (...values: readonly string[]) => ({ type: "string", short: "o", values }) as const;

const endpointOptions = {
  "runtime-endpoint": { type: "string", short: "r", multiple: true },
  "image-endpoint": { type: "string", short: "i" },
} as const;

/** Which runtimes are meant. */
const placeOptions = { ...endpointOptions, "host-root": { type: "string", path: "directory" } } as const;

const callOptions = {
  timeout: { type: "string", short: "t" },
  "crictl-config": { type: "string", short: "c", path: "file" },
} as const;

/** Those that may stand before the command, where crictl has them. */
export const leadingOptions = { ...endpointOptions, ...callOptions } as const;

/** The options of every command that asks the runtimes by itself. */
const runtimeOptions = { ...placeOptions, ...callOptions } as const;

/** Those of every command that asks the podstamp that runs. */
const runningOptions = { socket: { type: "string", path: "file" }, pid: { type: "string" } } as const;

/** What every list can be narrowed by and how it is shown. */
const listOptions = {
  output: output("table", "wide", "json", "yaml"),
  quiet: { type: "boolean", short: "q" },
  "no-trunc": { type: "boolean" },
} as const;

/** What lists of pods and containers can be narrowed by, and where they come from. */
const entryOptions = {
  ...listOptions,
  all: { type: "boolean", short: "a" },
  id: { type: "string" },
  name: { type: "string" },
  namespace: { type: "string" },
  label: { type: "string", multiple: true },
  last: { type: "string", short: "n" },
  latest: { type: "boolean", short: "l" },
  from: { type: "string", values: ["podstamp", "runtime"] },
  ...runningOptions,
} as const;

const state = (...values: readonly string[]) => ({ type: "string", short: "s", values, ignoresCase: true }) as const;

/** What each command takes; "" is running. Its help says the same in words, and completion is made of this. */
export const shapes = {
  "": { options: loadOptions },
  validate: { options: loadOptions },
  components: { options: { output: output("table", "json") } },
  runtimes: { options: { ...runtimeOptions, output: output("table", "json", "yaml") } },
  ps: {
    options: {
      ...runtimeOptions,
      ...entryOptions,
      state: state("created", "running", "exited", "unknown"),
      pod: { type: "string", short: "p" },
      image: { type: "string" },
    },
  },
  pods: { options: { ...runtimeOptions, ...entryOptions, state: state("ready", "notready") } },
  images: {
    options: {
      ...runtimeOptions,
      ...listOptions,
      digests: { type: "boolean" },
      pinned: { type: "boolean" },
      filter: { type: "string", short: "f", multiple: true },
    },
    positionals: [{ name: "REPOSITORY[:TAG]", isOptional: true }],
  },
  inspect: {
    options: { ...runtimeOptions, output: output("table", "json", "yaml") },
    positionals: [{ name: "container or sandbox ID", isRepeated: true }],
  },
  lookup: {
    options: {
      ...runningOptions,
      ...placeOptions,
      config,
      processor: { type: "string" },
      resource: { type: "string", multiple: true },
      record: { type: "string", multiple: true },
      "connection-ip": { type: "string" },
      "from-sdk": { type: "boolean" },
      output: output("table", "json", "yaml"),
    },
    positionals: [{ name: "WHAT", isOptional: true }],
  },
  events: {
    options: {
      ...runningOptions,
      ...placeOptions,
      config,
      processor: { type: "string" },
      spans: { type: "boolean" },
      unstamped: { type: "boolean" },
      rate: { type: "string" },
      namespace: { type: "string" },
      pod: { type: "string" },
      container: { type: "string" },
      output: output("table", "json"),
    },
  },
  explain: {
    options: { output: output("table", "json") },
    positionals: [{ name: "KIND", values: ["cgroup", "image", "workload"] }, { name: "TEXT" }],
  },
  migrate: { options: { which: { type: "string" } }, positionals: [{ name: "FILE", path: "file" }] },
  reload: { options: runningOptions },
  health: { options: { endpoint: { type: "string" } } },
  replay: {
    options: {
      config,
      endpoint: { type: "string" },
      exporter: { type: "string" },
      "dry-run": { type: "boolean" },
    },
    positionals: [{ name: "DIR", path: "directory" }],
  },
  doctor: {
    options: {
      config,
      "runtime-endpoint": runtimeOptions["runtime-endpoint"],
      "host-root": runtimeOptions["host-root"],
      output: output("table", "json", "yaml"),
    },
  },
  completion: { options: {}, positionals: [{ name: "SHELL", values: ["bash", "zsh", "fish"] }] },
} as const satisfies Readonly<Record<string, Shape>>;

/** A command that can be named on the command line; "" is running. */
export type Command = keyof typeof shapes;

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = Object.keys(shapes).filter((name): name is Command =>
  Object.hasOwn(shapes, name),
);
