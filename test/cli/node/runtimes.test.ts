import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readArgs } from "../../../src/cli/terminal/args.ts";
import { runtimesOf } from "../../../src/cli/node/runtimes.ts";
import { CommandError } from "../../../src/cli/terminal/output.ts";
import { shapes } from "../../../src/cli/terminal/shapes.ts";
import { lendHostRoot } from "../../support/node/host-root.ts";
import { lendRuntime } from "../../support/lend.ts";

type Env = Readonly<Record<string, string>>;

/** The endpoints that a command line means. */
async function meant(argv: readonly string[], env: Env = {}): Promise<readonly string[]> {
  return (await runtimesOf(readArgs(argv, shapes.ps), { env }, "ask")).map(({ label }) => label);
}

/** A host whose crictl's file says this. */
function givenHost(crictl: string) {
  const root = lendHostRoot();
  mkdirSync(join(root.path, "etc"), { recursive: true });
  const file = join(root.path, "etc", "crictl.yaml");
  writeFileSync(file, crictl);
  return { root: root.path, file };
}

test("an option goes before the environment, and that before crictl's file", async () => {
  const { root } = givenHost("runtime-endpoint: unix:///file.sock\n");
  const argv = ["--host-root", root];
  const env = { CONTAINER_RUNTIME_ENDPOINT: "/env.sock" };
  expect(await meant(argv)).toEqual(["unix:///file.sock"]);
  expect(await meant(argv, env)).toEqual(["unix:///env.sock"]);
  expect(await meant([...argv, "-r", "/a.sock", "-r", "unix:///b.sock"], env)).toEqual([
    "unix:///a.sock",
    "unix:///b.sock",
  ]);
});

test("crictl's file may be elsewhere, and must be there when it was named", async () => {
  const { file } = givenHost("runtime-endpoint: unix:///file.sock\n");
  expect(await meant(["-c", file])).toEqual(["unix:///file.sock"]);
  expect(await meant([], { CRI_CONFIG_FILE: file })).toEqual(["unix:///file.sock"]);
  await expect(meant(["-c", "/no/such.yaml"])).rejects.toThrow(
    /^Cannot read crictl's configuration \/no\/such\.yaml: ENOENT/,
  );
  writeFileSync(file, "- a list\n");
  await expect(meant(["-c", file])).rejects.toThrow(
    new CommandError(`Cannot read crictl's configuration ${file}: must be a map of settings in YAML`),
  );
});

test.each<[readonly string[], string]>([
  [[], "timeout: 1\n"],
  [["-t", "1s"], "timeout: 60\n"],
  [["-t", "1"], ""],
])("%j with %j in crictl's file is no time for an answer after three seconds", async (argv, crictl) => {
  const server = await lendRuntime();
  server.slow("Version", 3000);
  const { file } = givenHost(crictl);
  const [source] = await runtimesOf(
    readArgs([...argv, "-c", file, "-r", server.endpoint], shapes.ps),
    { env: {} },
    "ask",
  );
  await expect(source?.connect(new AbortController().signal)).rejects.toThrow("no answer in time");
});

test.each(["", "tcp://10.0.0.1:2375", "http://node", "npipe:////./pipe/containerd", "unix://"])(
  "an endpoint that is no unix socket is refused before anybody is asked: %j",
  async (endpoint) => {
    for (const option of ["--runtime-endpoint", "--image-endpoint"])
      await expect(meant([option, endpoint], {})).rejects.toThrow(
        `Option ${option} must be the path of a unix socket or unix:///path, is "${endpoint}"`,
      );
  },
);
