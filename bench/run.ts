// npm run bench [-- --signals --encodings] [--rounds N] [--quick]: CPU per span of the whole podstamp process between a load generator and a
// sink, beside a forwarder of bytes on node:http2 and, where it is installed, nginx grpc_pass; all in turn, in one run.
// With --signals instead: the four signals through podstamp, in requests of the same size, beside traces at equal bytes.
// With --encodings instead: the same spans as protobuf and as JSON, over gRPC and HTTP, compressed and not. Both make one table.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Signal, signals } from "../src/otlp/signals.ts";
import { type Contender, contenders, type Stage } from "./contenders.ts";
import { makeRequest } from "./requests.ts";
import { makeSignalRequest } from "./signal-requests.ts";
import { median, renderTable, type Row } from "./table.ts";
import { bodyOf, plainGrpc } from "./wire.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    quick: { type: "boolean", default: false },
    signals: { type: "boolean", default: false },
    encodings: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const say = (text: string) => process.stderr.write(`${text}\n`);

await using stage: Stage = await contenders();
say(
  `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}; ${rounds} rounds of each, in turn; nginx: ${stage.hasNginx ? "yes" : "not installed, left out"}`,
);

if (values.signals || values.encodings) {
  const rows = [
    ...(values.signals ? await compareSignals() : []),
    ...(values.encodings ? await compareEncodings() : []),
  ];
  const chosen = [values.signals ? "--signals" : "", values.encodings ? "--encodings" : ""].filter(Boolean);
  save(chosen.join("-and-").replaceAll("--", ""), chosen, renderTable(rows, "x plain traces"));
} else await compareForwarders();

/** podstamp beside who only forwards, at three sizes. */
async function compareForwarders(): Promise<void> {
  const rows: Row[] = [];
  for (const { spans, requests } of [
    { spans: 10, requests: 20_000 },
    { spans: 100, requests: 6000 },
    { spans: 500, requests: 2000 },
  ]) {
    for (const ids of ["resource", "records"] as const) {
      const bytes = makeRequest({ spans, ids, containerIds: stage.containerIds });
      const taking = stage.contenders.filter((one) => ids === "resource" || !one.isForwarder);
      const cpu = await inTurn(taking, { name: `${spans}-${ids}`, signal: "traces", bytes, items: spans, requests });
      if (ids === "resource") stage.floor.set(spans, cpu.get("node:http2 forwarder") ?? Number.NaN);
      for (const [name, micros] of cpu)
        rows.push(
          rowOf({ signal: "traces", items: spans, ids, name, bytes: bytes.length }, micros, stage.floor.get(spans)),
        );
    }
  }
  save("stamping", [], renderTable(rows, "x forwarder"));
  const worst = Math.max(
    ...rows.filter(({ name, ids }) => name === "podstamp" && ids === "resource").map(({ ratio }) => ratio),
  );
  process.stdout.write(
    `podstamp with IDs on the resource: at most ${worst.toFixed(2)} x the CPU of the node:http2 forwarder (the limit is 1.5)\n`,
  );
}

/** Every signal through podstamp, in requests as large as one of 100 spans. */
async function compareSignals(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const taking = stage.contenders.filter(({ isForwarder }) => !isForwarder);
  for (const ids of ["resource", "records"] as const) {
    let traces = Number.NaN;
    for (const signal of signals) {
      const { bytes, items } = makeSignalRequest({ signal, bytes: 49_000, ids, containerIds: stage.containerIds });
      const cpu = await inTurn(taking, { name: `${signal}-${ids}`, signal, bytes, items, requests: 6000 });
      const perByte = (cpu.get("podstamp") ?? Number.NaN) / bytes.length;
      if (signal === "traces") traces = perByte;
      for (const [name, micros] of cpu)
        rows.push(rowOf({ signal, items, ids, name, bytes: bytes.length }, micros, traces * bytes.length));
    }
  }
  const worst = Math.max(...rows.map(({ ratio }) => ratio));
  process.stdout.write(
    `No signal costs more than ${worst.toFixed(2)} x the CPU of traces at equal bytes (the limit is 2)\n`,
  );
  return rows;
}

/** The same 100 spans, however they are written. */
async function compareEncodings(): Promise<readonly Row[]> {
  const [signal, spans, ids] = ["traces", 100, "resource"] as const;
  const bytes = makeRequest({ spans, ids, containerIds: stage.containerIds });
  const cpu = await inTurn(stage.wires, { name: "encodings", signal, bytes, items: spans, requests: 2000 });
  const [plain] = cpu.values();
  const rows = stage.wires.map(({ name, wire = plainGrpc }) =>
    rowOf(
      { signal, items: spans, ids, name, bytes: bodyOf(bytes, signal, wire).length },
      cpu.get(name) ?? Number.NaN,
      plain,
    ),
  );
  return rows;
}

function rowOf(
  about: Omit<Row, "cpuMicrosPerRequest" | "itemsPerCoreSecond" | "ratio">,
  micros: number,
  compared = Number.NaN,
): Row {
  return {
    ...about,
    cpuMicrosPerRequest: micros,
    itemsPerCoreSecond: (about.items * 1e6) / micros,
    ratio: micros / compared,
  };
}

type Work = {
  readonly name: string;
  readonly signal: Signal;
  readonly bytes: Buffer;
  readonly items: number;
  readonly requests: number;
};

/** CPU microseconds per request of each, the middle one of the rounds; the first round warms up and is not counted. */
async function inTurn(
  taking: readonly Contender[],
  { name, signal, bytes, items, requests }: Work,
): Promise<ReadonlyMap<string, number>> {
  const file = join(stage.folder, `${name}.otlp`);
  writeFileSync(file, bytes);
  const full = values.quick ? requests / 10 : requests;
  const seconds = new Map<string, number[]>(taking.map((one) => [one.name, []]));
  for (let round = -1; round < rounds; round++) {
    // Until some 40,000 requests the engine still compiles, which a server does once.
    const count = round < 0 ? full * 2 : full;
    for (const contender of taking) {
      const used = await measure(contender, { file, count, signal, items });
      if (round >= 0) seconds.get(contender.name)?.push((used / count) * 1e6);
    }
  }
  const middle = new Map([...seconds].map(([contender, list]) => [contender, median(list)]));
  say(
    `  ${name}, ${items} items: ${[...middle].map(([contender, micros]) => `${contender} ${micros.toFixed(0)} us`).join(", ")}`,
  );
  return middle;
}

type Measured = { readonly file: string; readonly count: number; readonly signal: Signal; readonly items: number };

/** CPU seconds that a contender used for `count` requests; all of them must have arrived, stamped where it stamps. */
async function measure(contender: Contender, { file, count, signal, items }: Measured): Promise<number> {
  await stage.sinkCounts();
  const before = contender.cpuSeconds();
  const sent = await stage.load(contender.port, { file, count, signal, wire: contender.wire });
  const used = contender.cpuSeconds() - before;
  const arrived = await stage.sinkCounts();
  const stamped = contender.isForwarder ? 0 : count;
  if (
    sent.failed !== 0 ||
    arrived.requests !== count ||
    arrived.items !== count * items ||
    arrived.stamped !== stamped
  ) {
    throw new Error(
      `${contender.name}: ${count} requests sent, ${sent.failed} failed, ${arrived.requests} arrived with ${arrived.items} items, ${arrived.stamped} stamped`,
    );
  }
  return used;
}

/** Shows the table and keeps it. */
function save(name: string, options: readonly string[], table: string): void {
  process.stdout.write(`\n${table}\n`);
  mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
  const made = `Made by \`npm run bench${options.map((option, index) => `${index === 0 ? " --" : ""} ${option}`).join("")}\` on ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}, median of ${rounds} rounds.`;
  writeFileSync(join(import.meta.dirname, "results", `${name}.md`), `${made}\n\n${table}`);
}
