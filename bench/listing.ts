// node scripts/with-node.mjs bench/listing.ts [--containers N] [--rounds N]: how long `podstamp ps` takes from exec to end beside
// `crictl ps`, with real containers in a containerd of our own; and beside both an empty program of Node, which is what no command of
// Node's can be quicker than. As root on Debian, after `npm test`; crictl from test/runtimes/build.sh.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { builtProgram, whyNotBuilt } from "../test/support/runtimes/built.ts";
import { type Node, startNode } from "../test/support/node/cluster.ts";
import { whyNoContainers } from "../test/support/machine/machine.ts";
import { startAgent } from "../test/support/agent/podstamp.ts";
import { startSink } from "../test/support/otlp/sink.ts";
import { median, ratio, renderTable } from "./tables/table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** podstamp finds the Node that runs this. */
const path = [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
const perPod = 10;
const parallel = 6;

const { values } = parseArgs({
  options: { containers: { type: "string", default: "200" }, rounds: { type: "string", default: "21" } },
});
const [containers, rounds] = [Number(values.containers), Number(values.rounds)];
const why = whyNoContainers() ?? whyNotBuilt("crictl");
if (why !== undefined) throw new Error(`Cannot measure: ${why}`);

/** What is run, and how many lines it must print; none where that says nothing. */
type Contender = {
  readonly name: string;
  readonly command: readonly string[];
  readonly lines?: number;
  readonly env?: Readonly<Record<string, string>>;
};
type Took = { readonly ms: number; readonly cpuMs: number };

const node = await startNode();
try {
  await populate(node);
  const runtimeDir = join(node.folder, "xdg");
  const sink = await startSink();
  const env = { XDG_RUNTIME_DIR: runtimeDir };
  const agent = await startAgent({ runtime: node.containerd.endpoint, sink: sink.address, env });
  try {
    measure(contenders(makePackage(node.folder), node.containerd.endpoint, env));
  } finally {
    await agent.stop();
    await sink.stop();
  }
} finally {
  await node.stop();
}

async function populate({ kubelet, push }: Node): Promise<void> {
  const { repository, tag } = await push("shop/web", "1.0", "image");
  const image = `${repository}:${tag}`;
  await kubelet.pull(image);
  let next = 0;
  const work = async () => {
    for (let i = next++; i < containers / perPod; i = next++) {
      const pod = await kubelet.runPod({ name: `web-${i}`, namespace: "shop", labels: { app: "web" } });
      for (let j = 0; j < perPod; j++) await kubelet.run(pod, { name: `web-${j}`, image });
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
}

/** podstamp as a package has it. */
function makePackage(folder: string): string {
  const home = join(folder, "lib/node_modules/podstamp");
  for (const path of [home, join(folder, "bin")]) mkdirSync(path, { recursive: true });
  execFileSync(process.execPath, [join(root, "scripts/build-native.ts"), "--if-possible"], { stdio: "ignore" });
  for (const name of ["bin", "package.json", "native/build"])
    cpSync(join(root, name), join(home, name), { recursive: true });
  // As npm puts it on the PATH.
  symlinkSync("../lib/node_modules/podstamp/bin/podstamp", join(folder, "bin/podstamp"));
  writeFileSync(join(home, "empty.mjs"), "");
  execFileSync(process.execPath, [join(root, "scripts/build.ts"), join(home, "dist")], { stdio: "ignore" });
  return home;
}

function contenders(home: string, endpoint: string, env: Readonly<Record<string, string>>): readonly Contender[] {
  const installed = [join(home, "../../../bin/podstamp")];
  const byNode = [process.execPath, join(home, "bin/podstamp.mjs")];
  const lines = containers + 1;
  return [
    { name: "crictl ps", command: [builtProgram("crictl", "crictl"), "-r", endpoint, "-t", "10s", "ps"], lines },
    { name: "podstamp ps", command: [...installed, "ps", "-r", endpoint], lines },
    { name: "podstamp ps, of a running one", command: [...installed, "ps", "--from", "podstamp"], lines, env },
    { name: "podstamp ps, by Node", command: [...byNode, "ps", "-r", endpoint], lines },
    { name: "podstamp ps, of a running one, by Node", command: [...byNode, "ps", "--from", "podstamp"], lines, env },
    { name: "podstamp --version", command: [...installed, "--version"], lines: 1 },
    { name: "podstamp --version, by Node", command: [...byNode, "--version"], lines: 1 },
    { name: "Node with an empty file", command: [process.execPath, join(home, "empty.mjs")] },
  ];
}

/** Each in its turn, so that what else the machine does is all of theirs; the first round is not counted. */
function measure(all: readonly Contender[]): void {
  const took = new Map<string, Took[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++)
    for (const contender of all) {
      const one = time(contender);
      if (round > 0) took.get(contender.name)?.push(one);
    }
  const middle = (name: string, of: (one: Took) => number) => median((took.get(name) ?? []).map(of));
  const [first] = all;
  const rows = all.map(({ name }) => {
    const [ms, cpuMs] = [middle(name, (one) => one.ms), middle(name, (one) => one.cpuMs)];
    return [
      name,
      ms.toFixed(0),
      cpuMs.toFixed(0),
      ratio(
        ms,
        middle(first?.name ?? "", (one) => one.ms),
      ),
    ];
  });
  const about = `From exec to end with ${containers} containers of a containerd; the middle one of ${rounds} rounds in turn.`;
  const columns = ["command", "ms", "CPU ms", "beside crictl"];
  process.stdout.write(renderTable({ title: `Listing ${containers} containers`, about, columns, rows }));
}

/** Bash tells the CPU time of its children to the millisecond, where Node tells none. */
function time({ name, command, lines, env = {} }: Contender): Took {
  const script = `TIMEFORMAT='%3R %3U %3S'; time "$@" > "$OUT"; wc -l < "$OUT"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script, "bash", ...command], {
    encoding: "utf8",
    env: { ...process.env, PATH: path, OUT: join(node.folder, "listed.txt"), ...env },
  });
  const [real = Number.NaN, user = Number.NaN, system = Number.NaN] = (stderr.trim().split("\n").at(-1) ?? "")
    .split(" ")
    .map(Number);
  const told = Number(stdout);
  if (Number.isNaN(real) || (lines !== undefined && told !== lines))
    throw new Error(`Cannot measure ${name}: must print ${lines} lines, were ${told}: ${stderr}`);
  return { ms: real * 1000, cpuMs: (user + system) * 1000 };
}
