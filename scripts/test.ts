// Sets up what the tests need, says so, and runs them. Arguments go on to vitest, as in `npm test -- test/otlp`;
// without any, two runs of it share the machine.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUpProbes } from "../test/support/ebpf/set-up.ts";
import { setUpContainers } from "../test/support/machine/machine.ts";
import { setUpPeers } from "../test/support/grpc/peers.ts";
import { sweep } from "../test/support/machine/workspace.ts";
import { runLanes, startVitest } from "./test/lanes.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

console.log(`Set-up: Node ${process.versions.node} on ${process.platform}/${process.arch}`);
const why = setUpContainers((line) => console.log(`Set-up: ${line}`));
if (why !== undefined) console.log(`Set-up: tests with real containers will be skipped: ${why}`);
const whyNoPeers = setUpPeers((line) => console.log(`Set-up: ${line}`));
if (whyNoPeers !== undefined) console.log(`Set-up: tests with other HTTP/2 programs may be skipped: ${whyNoPeers}`);
const whyNoProbes = setUpProbes((line) => console.log(`Set-up: ${line}`));
if (whyNoProbes !== undefined) console.log(`Set-up: tests with eBPF probes will be skipped: ${whyNoProbes}`);
for (const folder of await sweep()) console.log(`Set-up: removed what an earlier run left in ${folder}`);

// The tests with real runtimes mostly wait; beside them there is time for the others.
const lanes = [
  ["--project", "real"],
  ["--project", "units", "--project", "whole"],
];
const given = process.argv.slice(2);
process.exitCode = given.length > 0 ? await runVitest(given) : await runLanes(root, lanes);
// Whatever a crashed test left is not left to the machine.
await sweep();

async function runVitest(args: readonly string[]): Promise<number> {
  const { code } = await startVitest(root, args, "inherit").exited;
  return code;
}
