import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandLineOptions, runCommandLine } from "../../src/cli/command-line.ts";
import { helpTexts } from "../../src/cli/help/help.ts";
import type { Io } from "../../src/cli/terminal/output.ts";
import { commands, shapes } from "../../src/cli/terminal/shapes.ts";
import { components } from "../../src/components.ts";
import { eventually } from "../support/eventually.ts";
import { pieces } from "./given-cli.ts";

const good = `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}}}}
exporters: {debug: , otlp/unused: {endpoint: "x:1"}}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0}}}}]}}
  pipelines: {traces: {receivers: [otlp], exporters: [debug]}}
`;

let folder: string;
let goodFile: string;
let badFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "podstamp-cli-"));
  goodFile = join(folder, "good.yaml");
  badFile = join(folder, "bad.yaml");
  await writeFile(goodFile, good);
  await writeFile(badFile, good.replace("debug: ,", "debug: {verbosty: basic},").replace("otlp/unused", "kafka"));
});

afterAll(() => rm(folder, { recursive: true }));

type Outcome = { readonly code: number; readonly out: string; readonly err: string };
type Started = {
  readonly done: Promise<Outcome>;
  readonly stop: AbortController;
  readonly cut: AbortController;
  readonly err: () => string;
};

function start(argv: readonly string[], onErr: (text: string) => void = () => {}): Started {
  const stop = new AbortController();
  const cut = new AbortController();
  let out = "";
  let err = "";
  const io: Io = {
    out: (text) => (out += text),
    err: (text) => {
      err += text;
      onErr(err);
    },
    flush: () => Promise.resolve(),
    input: () => pieces(),
    env: {},
    columns: undefined,
    color: false,
    signal: stop.signal,
  };
  const options: CommandLineOptions = {
    loadComponents: () => Promise.resolve(components),
    version: "1.2.3",
    platform: "linux/x64",
    instanceId: "an-id",
    stats: {
      uptimeSeconds: () => 1,
      cpuSeconds: () => 1,
      memory: () => ({ rss: 1, heapUsed: 1, heapTotal: 1, external: 1 }),
    },
    cut: cut.signal,
    useLogger: () => {},
    useReload: () => {},
    pid: 0,
    uid: undefined,
  };
  const done = runCommandLine(argv, io, options).then((code) => ({ code, out, err }));
  return { done, stop, cut, err: () => err };
}

const run = (...argv: readonly string[]): Promise<Outcome> => start(argv).done;

describe("help", () => {
  test.each([[["--help"]], [["-h"]], [["help"]]])("%j shows what there is", async (argv) => {
    expect(await run(...argv)).toEqual({ code: 0, out: helpTexts[""], err: "" });
  });

  test.each(["validate", "components", "ps", "inspect"] as const)("%s has its own", async (command) => {
    expect(await run(command, "--help")).toEqual({ code: 0, out: helpTexts[command], err: "" });
    expect(await run("help", command)).toEqual({ code: 0, out: helpTexts[command], err: "" });
  });

  test.each(commands)("of %j has each of its options", (command) => {
    const named = Object.keys(shapes[command].options).map((name) => `--${name}`);
    expect(named.filter((name) => !helpTexts[command].includes(name))).toEqual([]);
  });

  test("all of it is readable under 80 columns", () => {
    const lines = Object.values(helpTexts).flatMap((text) => text.split("\n"));
    expect(lines.filter((line) => line.length > 78)).toEqual([]);
  });

  test("the version is told", async () => {
    expect(await run("--version")).toEqual({ code: 0, out: "podstamp 1.2.3\n", err: "" });
  });
});

test("a runtime's options may stand before the command, as with crictl", async () => {
  for (const argv of [
    ["-r", "/no/such.sock", "--timeout=1s", "ps", "-a"],
    ["-r=/no/such.sock", "-t=1s", "ps", "-a"],
    ["-c", "/dev/null", "-r=/no/such.sock", "ps", "--crictl-config=/dev/null"],
    ["ps", "-r=/no/such.sock", "-o=json"],
    ["ps", "-r=/no/such.sock", "--all=true", "-q=false"],
    ["-runtime-endpoint", "/no/such.sock", "-timeout=1s", "ps", "-all=1", "-output", "json"],
    ["img", "-r", "/no/such.sock", "-quiet"],
    ["image", "-r", "/no/such.sock"],
  ]) {
    const { code, err } = await run(...argv);
    expect([code, err]).toEqual([1, "Cannot ask unix:///no/such.sock (Version): no such socket\n"]);
  }
  expect((await run("ps", "-a=yes")).err).toContain("Option --all takes no value");
  expect((await run("ps", "-v")).err).toContain('Unknown option "-v": -o wide shows more');
  expect((await run("img", "--vv")).err).toContain("Try podstamp images --help");
  expect((await run("-r", "/x", "--help")).out).toBe(helpTexts[""]);
  expect((await run("-r=/x", "help", "ps")).out).toBe(helpTexts.ps);
  expect((await run("-r", "/x", "ps", "--help")).out).toBe(helpTexts.ps);
  // The nearer one counts.
  expect((await run("-t", "no", "ps", "-t", "neither")).err).toContain('is "neither"');
});

describe("wrong usage", () => {
  test.each([
    [[], "At least one --config FILE must be given"],
    [["validate"], "At least one --config FILE must be given"],
    [
      ["--config", "x", "ps"],
      `Unexpected argument "ps": the command stands first, but for crictl's options; crictl's --config is --crictl-config`,
    ],
    [["vaildate", "--config", "x"], 'Unknown command "vaildate": did you mean validate?'],
    [["frobnicate"], 'Unknown command "frobnicate"'],
    [["--confg", "x"], 'Unknown option "--confg": did you mean --config?'],
    [["validate", "--xyz"], 'Unknown option "--xyz"'],
    [["--config"], "Option --config needs a value"],
    [["--config", "--config", "x"], "Option --config needs a value"],
    [["--config", "x", "y"], 'Unexpected argument "y"'],
    [["validate", "a.yaml"], 'Unexpected argument "a.yaml": did you mean --config a.yaml?'],
    [["doctor", "--config", "a.yaml", "b.yml"], 'Unexpected argument "b.yml": did you mean --config b.yml?'],
    [["ps", "a.yaml"], 'Unexpected argument "a.yaml"'],
    [["--conf", "a.yaml"], 'Unknown option "--conf": did you mean --config?'],
    [["run", "--config", "a.yaml"], 'Unknown command "run": podstamp --config FILE runs it'],
    [["--config", "x", "--set", "y"], "Option --set must be KEY=VALUE, such as processors.batch.timeout=2s"],
    [["components", "-o", "xml"], 'Option --output must be table or json, is "xml"'],
    [["inspect"], "Missing container or sandbox ID"],
    [["explain"], "Missing KIND: must be cgroup, image or workload"],
    [["-r", "/no.sock", "ps", "--lable", "x"], 'Unknown option "--lable": did you mean --label?'],
    [["\u001b[31m"], 'Unknown command "\\u{1b}[31m"'],
  ])("%j ends with 2", async (argv, message) => {
    const { code, out, err } = await run(...argv);
    expect([code, out, err.split("\n")[0]]).toEqual([2, "", message]);
  });

  test.each([
    [["ps", "--xyz"], "podstamp ps --help"],
    [["-r", "/no.sock", "ps", "--xyz"], "podstamp ps --help"],
    [["pss"], "podstamp --help"],
    [[], "podstamp --help"],
  ])("%j is told whose help there is", async (argv, help) => {
    expect((await run(...argv)).err.split("\n").slice(1)).toEqual([`Try ${help}`, ""]);
  });
});

describe("validate", () => {
  test("a configuration that is right ends with 0 and a word, and its warnings", async () => {
    expect(await run("validate", "--config", goodFile)).toEqual({
      code: 0,
      out: "The configuration is valid: traces, 2 warnings\n",
      err: `${goodFile}:2:22: warning: exporters::otlp/unused: "otlp" alias is deprecated; use "otlp_grpc" instead\n${goodFile}:2:22: warning: exporters::otlp/unused is in no pipeline: it is not started\n`,
    });
  });

  test("--feature-gates of a Collector's manifest is taken with a word", async () => {
    const gates = ["--feature-gates=-component.UseLocalHostAsDefaultHost", "--feature-gates", "+a.b,-c.d"];
    const { code, err } = await run("validate", ...gates, "--config", goodFile);
    expect(code).toBe(0);
    expect(err).toMatch(/^Ignoring --feature-gates: podstamp has none; .* semconv$/m);
    expect((await run("validate", "--config", goodFile)).err).not.toContain("feature");
  });

  test("what --set says goes over the files, wherever it stands", async () => {
    const argv = [
      "validate",
      "--set=exporters.debug.verbosity=loud",
      "--config",
      goodFile,
      "--set",
      "exporters.nop={}",
    ];
    const { code, err } = await run(...argv);
    expect(code).toBe(1);
    expect(err).toContain(
      'yaml:1:30: Cannot use exporters::debug::verbosity: must be one of basic, normal, detailed, is "loud"\n',
    );
  });

  test("one that is wrong ends with 1 and every problem", async () => {
    const { code, out, err } = await run("validate", "--config", badFile);
    expect([code, out]).toEqual([1, ""]);
    expect(err.split("\n")).toEqual([
      `${badFile}:2:21: Cannot use exporters::debug::verbosty: unknown key; did you mean verbosity? Known keys: verbosity, sampling_initial, sampling_thereafter, use_internal_logger`,
      `${badFile}:2:39: Cannot use exporters::kafka: known from the Collector and not built yet: the exporter "kafka"`,
      "The configuration is not valid: 2 errors",
      "",
    ]);
  });
});

describe("components", () => {
  test("the table names types, signals, stability and other names", async () => {
    const { code, out } = await run("components");
    expect(code).toBe(0);
    expect(out).toMatch(/^RECEIVERS +signals +stability +also known as\n {2}ebpf .*\n {2}nop .*\n {2}otlp /);
    expect(out).toMatch(/\n {2}otlp_grpc +[a-z,]+ +\w+ +otlp \(deprecated\)\n/);
    expect(out).toMatch(/\nEXTENSIONS +stability +also known as\n {2}file_storage +\w+\n {2}health_check +\w+\n/);
    expect(out.split("\n").filter((line) => line.length > 79)).toEqual([]);
  });

  test("json says the same to programs", async () => {
    const { out } = await run("components", "-o", "json");
    type Listed = { readonly name: string };
    const listed = JSON.parse(out) as Readonly<Record<string, readonly Listed[]>>;
    expect(listed["buildinfo"]).toEqual({ command: "podstamp", version: "1.2.3" });
    for (const section of ["receivers", "processors", "exporters", "extensions"] as const)
      expect(listed[section]?.map(({ name }) => name)).toEqual(components[section].map(({ type }) => type));
    expect(listed["processors"]?.find(({ name }) => name === "k8s_attributes")).toMatchObject({
      aliases: [{ name: "k8sattributes", deprecated: true }],
      stability: "beta",
    });
  });
});

describe("run", () => {
  const isReady = "Everything is ready. Begin running and processing data.";

  test("runs until it is told to stop, and ends with 0", async () => {
    const ready = Promise.withResolvers<void>();
    const started = start(["--config", goodFile], (err) => {
      if (err.includes(isReady)) ready.resolve();
    });
    await ready.promise;
    started.stop.abort();
    const { code, out, err } = await started.done;
    expect([code, out]).toEqual([0, ""]);
    expect(err).toMatch(
      / warn exporters::otlp\/unused: "otlp" alias is deprecated; use "otlp_grpc" instead at=.*good\.yaml:2:22\n/,
    );
    expect(err).toMatch(/ info Stopping: taking no more, delivering what is held limit_ms=15000\n/);
    expect(err).toMatch(/ info Stopped\. Everything that was taken was delivered\n$/);
  });

  test("the log goes where service::telemetry::logs says, in its form", async () => {
    const file = join(folder, "logs.yaml");
    const path = join(folder, "podstamp.log");
    const logs = `logs: {encoding: json, level: INFO, output_paths: ["${path}"], initial_fields: {node: n1}}, `;
    await writeFile(file, good.replace("telemetry: {", `telemetry: {${logs}`));
    const started = start(["--config", file]);
    await eventually(async () => (await readFile(path, "utf8")).includes(isReady), { what: "the log" });
    started.stop.abort();
    expect(await started.done).toEqual({ code: 0, out: "", err: "" });
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { node: string }).node)).toEqual(lines.map(() => "n1"));
    expect(lines.at(-1)).toContain("Stopped. Everything that was taken was delivered");
  });

  test("a log file that cannot be opened ends with 1 and names the setting", async () => {
    const file = join(folder, "no-log.yaml");
    await writeFile(file, good.replace("telemetry: {", `telemetry: {logs: {output_paths: ["${folder}"]}, `));
    const { code, err } = await run("--config", file);
    expect(code).toBe(1);
    expect(err).toMatch(/^Cannot use service::telemetry::logs::output_paths: .* cannot be opened, EISDIR/);
  });

  test("ends with 1 when it is cut", async () => {
    const ready = Promise.withResolvers<void>();
    const started = start(["--config", goodFile], (err) => {
      if (err.includes(isReady)) ready.resolve();
    });
    await ready.promise;
    started.cut.abort();
    started.stop.abort();
    expect((await started.done).code).toBe(1);
  });

  test("a configuration that is wrong ends with 1, with every problem and nothing started", async () => {
    const { code, err } = await run("--config", badFile);
    expect(code).toBe(1);
    expect(err).toMatch(/The configuration is not valid: 2 errors\n$/);
    expect(err).not.toContain("Starting podstamp");
  });

  test("a port that is taken ends with 1 and names component and port", async () => {
    const ready = Promise.withResolvers<string>();
    const first = start(["--config", goodFile], (err) => {
      const port = /gRPC .*endpoint=127\.0\.0\.1:(\d+)/.exec(err)?.[1];
      if (port !== undefined && err.includes(isReady)) ready.resolve(port);
    });
    const port = await ready.promise;
    const taken = join(folder, "taken.yaml");
    await writeFile(taken, good.replace('"127.0.0.1:0"', `"127.0.0.1:${port}"`));
    const { code, err } = await run("--config", taken);
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(` error Cannot start receivers::otlp: .*127\\.0\\.0\\.1:${port}`));
    expect(err).not.toMatch(/\n\s+at /);
    first.stop.abort();
    await first.done;
  });
});
