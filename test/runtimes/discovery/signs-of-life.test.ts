import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lendRuntime } from "../../support/lend.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

/** Takes all the handles that the process may have, and then looks for a sign of life. */
const script = `
import { openSync } from "node:fs";
import { probeEngine, probeGrpc } from "${new URL("../../../src/runtimes/discovery/signs-of-life.ts", import.meta.url).href}";
try {
  for (;;) openSync("/dev/null");
} catch (error) {
  console.log(error.code);
}
const [, , path] = process.argv;
const never = new AbortController().signal;
for (const probe of [probeGrpc, probeEngine])
  console.log(await probe({ endpoint: path, path, timeoutMs: 5000 }, never).then(() => "lives", String));
`;

test("a process that has no handle left takes no runtime for dead", async () => {
  const { endpoint } = await lendRuntime();
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  writeFileSync(join(folder, "probe.ts"), script);
  const { stdout, stderr } = spawnSync(
    "sh",
    ["-c", `ulimit -n 64; exec "$0" "$@"`, process.execPath, join(folder, "probe.ts"), endpoint.replace("unix://", "")],
    { encoding: "utf8" },
  );
  expect({ stdout, stderr }).toEqual({ stdout: "EMFILE\nlives\nlives\n", stderr: "" });
});
