// npm run bench [-- --only sizes,rates] [--rounds N] [--quick]: what podstamp costs, beside the Collector and those who only forward, all in
// turn in one run. Each section makes a table; they are shown, and kept with a plot in bench/results/.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { collectorProgram } from "./contenders/collector.ts";
import { plotBars } from "./tables/plot.ts";
import { encodingsSection } from "./sections/encodings.ts";
import { knownSection } from "./sections/known.ts";
import { ratesSection } from "./sections/rates.ts";
import type { Findings, Section } from "./sections/section.ts";
import { signalsSection } from "./sections/signals.ts";
import { sizesSection } from "./sections/sizes.ts";
import { stampingSection } from "./sections/stamping.ts";
import { startSection } from "./sections/start.ts";
import { waysSection } from "./sections/ways.ts";
import { renderTable } from "./tables/table.ts";

const sections: Readonly<Record<string, Section>> = {
  sizes: sizesSection,
  stamping: stampingSection,
  ways: waysSection,
  rates: ratesSection,
  known: knownSection,
  start: startSection,
  signals: signalsSection,
  encodings: encodingsSection,
};

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(sections).join(",") },
    rounds: { type: "string", default: "3" },
    quick: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const chosen = values.only.split(",");
const unknown = chosen.filter((name) => sections[name] === undefined);
if (unknown.length > 0)
  throw new Error(`Cannot measure ${unknown.join(", ")}: must be of ${Object.keys(sections).join(", ")}`);

const say = (text: string) => process.stderr.write(`${text}\n`);
const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}`;
say(`${machine}; ${rounds} rounds of each, in turn`);
if (collectorProgram === undefined)
  say("The Collector is left out: test/tools/build.sh collector builds it, or name it in PODSTAMP_BENCH_COLLECTOR");

const root = join(import.meta.dirname, "..");
spawnSync(process.execPath, [join(root, "scripts/build.ts")], { stdio: "inherit" });

const results = join(import.meta.dirname, "results");
mkdirSync(results, { recursive: true });
for (const name of chosen) {
  const section = sections[name];
  if (section !== undefined) keep(name, await section({ rounds, part: values.quick ? 0.1 : 1, say }));
}

/** Shows what a section found and keeps it. */
function keep(name: string, { tables, verdicts, bars }: Findings): void {
  const command = `npm run bench -- --only ${name}${rounds === 3 ? "" : ` --rounds ${rounds}`}`;
  const made = `Made by \`${command}\` on ${new Date().toISOString().slice(0, 10)}, ${machine}; the middle one of ${rounds} rounds.`;
  const told = verdicts.map((verdict) => `- ${verdict}\n`).join("");
  const text = [...tables.map(renderTable), told].join("\n");
  process.stdout.write(`\n${text}\n`);
  if (values.quick) return;
  writeFileSync(join(results, `${name}.md`), `${made}\n\n${text}`);
  if (bars !== undefined)
    writeFileSync(join(results, `${name}.svg`), plotBars("CPU per request at full load, less is better", "us", bars));
}
