// Sets up what the tests need, says so, and runs them. Arguments go on to vitest, as in `npm test -- test/otlp`.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUpProbes } from "../test/support/ebpf/set-up.ts";
import { setUpContainers } from "../test/support/machine.ts";
import { setUpPeers } from "../test/support/peers.ts";
import { sweep } from "../test/support/workspace.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

console.log(`Set-up: Node ${process.versions.node} on ${process.platform}/${process.arch}`);
const why = setUpContainers((line) => console.log(`Set-up: ${line}`));
if (why !== undefined) console.log(`Set-up: tests with real containers will be skipped: ${why}`);
const whyNoPeers = setUpPeers((line) => console.log(`Set-up: ${line}`));
if (whyNoPeers !== undefined) console.log(`Set-up: tests with other HTTP/2 programs may be skipped: ${whyNoPeers}`);
const whyNoProbes = setUpProbes((line) => console.log(`Set-up: ${line}`));
if (whyNoProbes !== undefined) console.log(`Set-up: tests with eBPF probes will be skipped: ${whyNoProbes}`);
for (const folder of await sweep()) console.log(`Set-up: removed what an earlier run left in ${folder}`);

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const run = spawnSync(process.execPath, [vitest, "run", "--configLoader", "native", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
// Whatever a crashed test left is not left to the machine.
await sweep();
process.exitCode = run.status ?? 1;
