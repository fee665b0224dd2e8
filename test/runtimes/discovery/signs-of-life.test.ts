import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { lendRuntime } from "../../support/lend.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

/** Connects, takes all the handles that the process may have, and then looks for a sign of life. */
const script = `
import { openSync } from "node:fs";
import { criSource } from "${new URL("../../../src/runtimes/discovery/discovery.ts", import.meta.url).href}";
const [, , endpoint] = process.argv;
const never = new AbortController().signal;
const metrics = { counter: () => ({ add() {} }), gauge() {} };
const runtime = await criSource(endpoint, { timeoutMs: 5000, metrics }).connect(never);
try {
  for (;;) openSync("/dev/null");
} catch (error) {
  console.log(error.code);
}
console.log(await runtime.probe(never).then(() => "lives", String));
runtime.close();
`;

test("a process that has no handle left takes no runtime for dead", async () => {
  const { endpoint } = await lendRuntime();
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  writeFileSync(join(folder, "probe.ts"), script);
  const limited = `ulimit -n 64; exec "$0" "$@"`;
  const { stdout, stderr } = await promisify(execFile)("sh", [
    "-c",
    limited,
    process.execPath,
    join(folder, "probe.ts"),
    endpoint,
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: "EMFILE\nlives\n", stderr: "" });
});
