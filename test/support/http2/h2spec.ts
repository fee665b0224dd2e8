import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "../machine/processes.ts";
import { createWorkspace, wipe } from "../machine/workspace.ts";

/** What h2spec said: how many cases there are, and those that failed or were skipped, by section and name, with what came instead. */
export type H2specReport = { readonly cases: number; readonly failed: ReadonlyMap<string, string> };

/** Runs all cases of h2spec, the strict ones too, against a server. */
export async function runH2spec(program: string, address: string): Promise<H2specReport> {
  const folder = createWorkspace();
  const report = join(folder, "report.xml");
  const [host = "", port = ""] = address.split(":");
  const running = await startProcess({
    name: "h2spec",
    command: program,
    args: ["--strict", "--host", host, "--port", port, "--timeout", "1", "--junit-report", report],
  });
  await running.exited;
  try {
    return read(readFileSync(report, "utf8"));
  } finally {
    await wipe(folder);
  }
}

function read(xml: string): H2specReport {
  const failed = new Map<string, string>();
  let cases = 0;
  for (const [, suite = "", body = ""] of xml.matchAll(/<testsuite [^>]*id="([^"]*)"[^>]*>([^]*?)<\/testsuite>/g)) {
    for (const [, attributes = "", inner = ""] of body.matchAll(/<testcase ([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g)) {
      cases++;
      if (!/<(failure|error|skipped)/.test(inner)) continue;
      const name = /classname="([^"]*)"/.exec(attributes)?.[1] ?? attributes;
      failed.set(
        `${suite} ${plain(name)}`,
        plain(inner.replaceAll(/<[^>]*>/g, " "))
          .trim()
          .replaceAll(/\s+/g, " "),
      );
    }
  }
  return { cases, failed };
}

function plain(text: string): string {
  return text
    .replaceAll(/&#x?[0-9A-Fa-f]+;/g, " ")
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
