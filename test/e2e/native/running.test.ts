import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { givenNative, handedOver, whyNoNative } from "../../support/agent/native.ts";
import { runPodstamp } from "../../support/agent/podstamp.ts";
import { newId } from "../../support/cri/answers.ts";
import { eventually } from "../../support/eventually.ts";
import { lendAgent, lendRuntime, lendSink } from "../../support/lend.ts";
import { startProcess } from "../../support/machine/processes.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

/* The compiled program for lists beside a running podstamp, and beside what is none. */

const why = whyNoNative();
const natively = test.skipIf(why !== undefined);
const named = (what: string) => (why === undefined ? what : `${what} (skipped: ${why})`);

const minutes = (count: number) => Date.now() - count * 60_000 - 5000;
const pods = Array.from({ length: 3 }, (_, i) => ({
  id: newId(),
  name: `web-${i}`,
  namespace: i === 0 ? "shop" : "batch",
  labels: { app: "web" },
  // No two of an age: they stand in the order of that.
  containers: [
    { id: newId(), name: "web", image: "registry.example/shop/web:1.2", createdAt: minutes(10 * i + 2) },
    { id: newId(), name: "side", image: `side@sha256:${newId()}`, createdAt: minutes(10 * i + 7) },
  ],
}));

async function givenRunning(known: NonNullable<Parameters<typeof lendRuntime>[0]>["pods"] = pods) {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const env = { XDG_RUNTIME_DIR: folder };
  const server = await lendRuntime({ pods: known });
  await lendAgent({ runtime: server.endpoint, sink: (await lendSink()).address, env });
  return { env, server };
}

natively(named("beside a running podstamp it prints what podstamp prints, to the byte"), async () => {
  const { env } = await givenRunning();
  const { run } = givenNative();
  await eventually(async () => (await runPodstamp(["ps", "-q"], env)).stdout.split("\n").length === 7, { what: "all" });
  const asked: readonly (readonly string[])[] = [
    ["ps"],
    ["ps", "-a", "--no-trunc"],
    ["ps", "-q", "--namespace", "batch"],
    ["ps", "--from", "podstamp", "--name=web"],
    ["ps", "-o", "wide", "--label", "app=web"],
    ["ps", "-n", "2"],
    ["pods"],
    ["pods", "--namespace", "nobody"],
  ];
  for (const words of asked) {
    const { stdout } = await runPodstamp(words, env);
    expect(await run(words, env)).toEqual({ code: 0, signal: null, stdout, output: stdout });
  }
});

natively(named("what the running podstamp does not list for others is podstamp's to do"), async () => {
  const { env, server } = await givenRunning();
  const { run } = givenNative();
  await eventually(async () => (await run(["ps"], env)).stdout.includes("CONTAINER"), { what: "that it knows some" });
  const asked: readonly (readonly string[])[] = [
    ["ps", "-o", "json"],
    ["ps", "-o", "yaml"],
    ["ps", "--name", "^w"],
    ["ps", "--help"],
    ["ps", "--no-such"],
    ["ps", "--from", "runtime"],
    ["ps", "-r", server.endpoint, "-o", "wide"],
    ["ps", "--pid", "1"],
    ["ps", "--label", 'app="web"'],
    ["ps", "--label", "app=wëb"],
    ["images"],
    ["--version"],
    [],
  ];
  for (const words of asked) expect(await run(words, env)).toMatchObject({ code: 0, output: handedOver(words) });
  for (const name of ["CONTAINER_RUNTIME_ENDPOINT", "CRI_CONFIG_FILE"])
    expect(await run(["pods"], { ...env, [name]: "/x" })).toMatchObject({ output: handedOver(["pods"]) });
});

natively(
  named("where no node is on the PATH the script of the package says where its own is, as in an image"),
  async () => {
    const { program, run } = givenNative();
    const words = ["validate", "a b"];
    const expectToEndWith = async (code: number, output: string | RegExp) =>
      expect(await run(words, { PATH: "/no/such" })).toMatchObject({ code, output: expect.stringMatching(output) });
    await expectToEndWith(127, /^Cannot start podstamp: node: No such file or directory\n$/);
    const bin = join(dirname(program), "../../bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "podstamp.mjs"), `#!/bin/sh\nprintf '[%s]' "$@"\n`, { mode: 0o755 });
    await expectToEndWith(0, /^\[validate\]\[a b\]$/);
  },
);

natively(named("where podstamp knows nobody, podstamp is to ask the runtimes"), async () => {
  const { env } = await givenRunning([]);
  const { run } = givenNative();
  expect(await run(["pods"], env)).toMatchObject({ output: handedOver(["pods"]) });
  expect(await run(["pods", "--from", "podstamp", "-q"], env)).toMatchObject({ code: 0, output: "" });
});

/** Somebody at the place of a control socket who does this with each connection. */
async function givenStranger(onConnection: (socket: Socket) => void, names = ["1.sock"]) {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  mkdirSync(join(folder, "podstamp"));
  const open = new Set<Socket>();
  for (const name of names) {
    const server = createServer((socket) => {
      open.add(socket.on("error", () => {}));
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(join(folder, "podstamp", name), resolve));
    onTestFinished(() => {
      for (const socket of open) socket.destroy();
      server.close();
    });
  }
  return { XDG_RUNTIME_DIR: folder };
}

const hello = '{"podstamp":"0.1.0","protocol":1}\n';
const end = '{"end":{"ok":true,"lines":[]}}\n';
const saying = (text: string) => (socket: Socket) => void socket.end(text);

natively(named("an answer is taken for what it is, or not at all"), async () => {
  const { run } = givenNative();
  const env = await givenStranger(
    saying(`${hello}{"item":{"err":"old\\n"}}\n{"item":{"out":"a \\"b\\" \\\\ …\\n"}}\n${end}`),
  );
  expect(await run(["ps"], env)).toMatchObject({
    code: 0,
    stdout: 'a "b" \\ …\n',
    output: expect.stringContaining("old\n"),
  });

  const strange = [
    `${hello}{"item":{"out":"ü"}}\n${end}`,
    `${hello}{"item":{"out":"\u009b31m"}}\n${end}`,
    `${hello}{"item":{"out":"\u007f"}}\n${end}`,
    `${hello}{"item":{"out":"\u001b[2J"}}\n${end}`,
    `${hello}{"item":{"out":"\u2025"}}\n${end}`,
    "",
    "\n",
    end,
    hello,
    hello.repeat(2) + end,
    hello.trimEnd(),
    hello + end.trimEnd(),
    hello + end + end,
    hello.replace("1}", "2}") + end,
    hello.replace('0.1.0"', '0.1.0","x":"y"') + end,
    '{"podstamp":"\n{"end":{"ok":true,"lines":[]}}\n',
    `${hello}{"end":{"ok":false,"lines":["no"]}}\n`,
    `${hello}{"item":{"out":"a\n${end}`,
    `${hello}{"item":{"out":"a\\`,
    `${hello}{"item":{"out":"\\u0041"}}\n${end}`,
    `${hello}{"item":{"out":"a"}}${end}`,
    `${hello}{"item":{"out":1}}\n${end}`,
    `${hello}{"lost":3}\n${end}`,
    `${hello}{"item":{"out":"${"x".repeat(9 * 1024 * 1024)}"}}\n${end}`,
  ];
  for (const text of strange) {
    const others = await givenStranger(saying(text));
    expect(await run(["ps"], others)).toMatchObject({ code: 0, output: handedOver(["ps"]) });
  }
});

natively(named("a reader that goes away is no error, and what cannot be written is podstamp's to say"), async () => {
  const env = await givenStranger(saying(`${hello}{"item":{"out":"${"x".repeat(200_000)}\\n"}}\n${end}`));
  const { program, env: own } = givenNative();
  const into = async (redirected: string) => {
    const args = ["-c", `{ "$0" ps; echo "ended with $?" >&2; } ${redirected}`, program];
    const running = await startProcess({ name: "a shell", command: "sh", args, env: { ...own, ...env } });
    await running.exited;
    return running.output();
  };
  expect(await into("| head -c 1")).toMatch(/^x?ended with 0\nx?$/);
  // The `node` that stands here cannot write either.
  expect(await into("> /dev/full")).toMatch(/I\/O error[^]*ended with/);
  expect(await into(">&-")).toMatch(/ended with/);
});

natively(named("who does not answer is not waited for, and of several none is asked"), async () => {
  const { run } = givenNative();
  const silent = await givenStranger(() => {});
  const since = performance.now();
  expect(await run(["ps"], silent)).toMatchObject({ output: handedOver(["ps"]) });
  expect(performance.now() - since).toBeLessThan(5000);
  const gone = await givenStranger((socket) => socket.destroy());
  expect(await run(["ps"], gone)).toMatchObject({ output: handedOver(["ps"]) });
  let asked = 0;
  const two = await givenStranger(() => asked++, ["1.sock", "2.sock"]);
  expect(await run(["ps"], two)).toMatchObject({ output: handedOver(["ps"]) });
  expect(asked).toBe(0);
});
