// npm run bench [-- --rounds N] [--quick]: CPU per span of the whole podstamp process between a load generator and a sink,
// beside a forwarder of bytes on node:http2 and, where it is installed, nginx grpc_pass; all in turn, in one run.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Contender, contenders, type Stage } from "./contenders.ts";
import { makeRequest } from "./requests.ts";
import { median, renderTable, type Row } from "./table.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" }, quick: { type: "boolean", default: false } } });
const rounds = Number(values.rounds);
const sizes = [
  { spans: 10, requests: 20_000 },
  { spans: 100, requests: 6000 },
  { spans: 500, requests: 2000 },
].map(({ spans, requests }) => ({ spans, requests: values.quick ? requests / 10 : requests }));

const say = (text: string) => process.stderr.write(`${text}\n`);

await using stage: Stage = await contenders();
say(`${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}; ${rounds} rounds of each, in turn; nginx: ${stage.hasNginx ? "yes" : "not installed, left out"}`);

const rows: Row[] = [];
for (const { spans, requests } of sizes) {
  for (const ids of ["resource", "records"] as const) {
    const file = join(stage.folder, `${spans}-${ids}.otlp`);
    writeFileSync(file, makeRequest({ spans, ids, containerIds: stage.containerIds }));
    const bytes = readFileSync(file).length;
    const taking = stage.contenders.filter((one) => ids === "resource" || !one.isForwarder);
    const seconds = new Map<string, number[]>(taking.map(({ name }) => [name, []]));
    for (let round = -1; round < rounds; round++) {
      // The first round warms up and is not counted.
      const count = round < 0 ? Math.ceil(requests / 5) : requests;
      for (const contender of taking) {
        const used = await measure(contender, { file, count, spans });
        if (round >= 0) seconds.get(contender.name)?.push(used);
      }
    }
    const cpu = (name: string) => median(seconds.get(name) ?? []);
    if (ids === "resource") stage.floor.set(spans, cpu("node:http2 forwarder"));
    for (const { name } of taking) {
      rows.push({ spans, ids, name, bytes, cpuMicrosPerRequest: (cpu(name) / requests) * 1e6, spansPerCoreSecond: (spans * requests) / cpu(name), ratio: cpu(name) / (stage.floor.get(spans) ?? Number.NaN) });
    }
    say(`  ${spans} spans, IDs on ${ids}: ${taking.map(({ name }) => `${name} ${cpu(name).toFixed(2)} s`).join(", ")}`);
  }
}

/** CPU seconds that a contender used for `count` requests; all of them must have arrived, stamped where it stamps. */
async function measure(contender: Contender, { file, count, spans }: { file: string; count: number; spans: number }): Promise<number> {
  await stage.sinkCounts();
  const before = contender.cpuSeconds();
  const sent = await stage.load(contender.port, file, count);
  const used = contender.cpuSeconds() - before;
  const arrived = await stage.sinkCounts();
  const stamped = contender.isForwarder ? 0 : count;
  if (sent.failed !== 0 || arrived.requests !== count || arrived.spans !== count * spans || arrived.stamped !== stamped) {
    throw new Error(`${contender.name}: ${count} requests sent, ${sent.failed} failed, ${arrived.requests} arrived with ${arrived.spans} spans, ${arrived.stamped} stamped`);
  }
  return used;
}

const table = renderTable(rows);
process.stdout.write(`\n${table}\n`);
mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
writeFileSync(join(import.meta.dirname, "results", "stamping.md"), `Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}, median of ${rounds} rounds.\n\n${table}`);

const worst = Math.max(...rows.filter(({ name, ids }) => name === "podstamp" && ids === "resource").map(({ ratio }) => ratio));
process.stdout.write(`podstamp with IDs on the resource: at most ${worst.toFixed(2)} x the CPU of the node:http2 forwarder (the limit is 1.5)\n`);
