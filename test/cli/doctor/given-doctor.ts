import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { runCommandLine } from "../../../src/cli/command-line.ts";
import type { Finding } from "../../../src/cli/doctor/finding.ts";
import { components } from "../../../src/components.ts";
import { folderOfTest } from "../../extensions/file-storage/given-storage.ts";
import { givenIo } from "../given-cli.ts";

/** What doctor ended with and found. */
export type Examined = { readonly code: number; readonly out: string; readonly findings: readonly Finding[] };

/** Runs `podstamp doctor` with these arguments, in JSON unless they say otherwise. */
export async function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Examined> {
  const { io, out } = givenIo({ env });
  const format = args.includes("-o") ? [] : ["-o", "json"];
  const code = await runCommandLine(["doctor", ...args, ...format], io, {
    loadComponents: () => Promise.resolve(components),
    version: "0.0.0",
    platform: "linux/x64",
    instanceId: "x",
    stats: { uptimeSeconds: () => 0, cpuSeconds: () => 0, memory: () => process.memoryUsage() },
    cut: new AbortController().signal,
    useLogger: () => {},
    useReload: () => {},
    pid: 0,
    uid: undefined,
  });
  const isJson = format.length > 0;
  return { code, out: out(), findings: isJson ? (JSON.parse(out()) as { findings: Finding[] }).findings : [] };
}

/** A configuration with this exporter, in a file of the test. */
export function configWith(
  exporters: string,
  more: { receivers?: string; processors?: string; extensions?: string; metrics?: string } = {},
): string {
  const { receivers = "{nop: }", processors = "{cri_attributes: {node_name: node-a}}", extensions = "{}" } = more;
  const file = join(folderOfTest(), "podstamp.yaml");
  const ids = (section: string) => Object.keys(parse(section) as object).join(", ");
  writeFileSync(
    file,
    `receivers: ${receivers}
processors: ${processors}
exporters: ${exporters}
extensions: ${extensions}
service:
  extensions: [${ids(extensions)}]
  telemetry: {metrics: ${more.metrics ?? "{readers: []}"}}
  pipelines: {traces: {receivers: [${ids(receivers)}], processors: [${ids(processors)}], exporters: [${ids(exporters)}]}}
`,
  );
  return file;
}

/** The findings of one check. */
export function of(check: string, { findings }: Examined): readonly Finding[] {
  return findings.filter((finding) => finding.check === check);
}

/** What there is to do about a finding; empty where nothing is. */
export function todoOf(finding: Finding | undefined): string {
  return finding !== undefined && "todo" in finding ? finding.todo : "";
}
