import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A file that must not be, and what the linter has to say about it. */
const forbidden: readonly (readonly [file: string, source: string, rule: string])[] = [
  ["otlp/x.ts", 'import { x } from "../config/x.ts";', "otlp may import no room"],
  ["config/x.ts", 'import { x } from "../otlp/x.ts";', "config may import no room"],
  ["telemetry/x.ts", 'import { x } from "../net/x.ts";', "telemetry may import no room"],
  ["control/x.ts", 'import { x } from "../pipeline/x.ts";', "control may import telemetry"],
  ["pipeline/c.ts", 'import { x } from "../control/x.ts";', "pipeline may import otlp, config and telemetry"],
  ["net/x.ts", 'import { x } from "../telemetry/x.ts";', "net may import otlp"],
  ["runtimes/x.ts", 'import { x } from "../containers/x.ts";', "runtimes may import net, config, telemetry and proto"],
  ["containers/x.ts", 'import { x } from "../net/x.ts";', "containers may import telemetry, and types of runtimes"],
  [
    "containers/y.ts",
    'import { x } from "../runtimes/x.ts";',
    "containers may import telemetry, and types of runtimes",
  ],
  ["pipeline/x.ts", 'import type { x } from "../net/x.ts";', "pipeline may import otlp, config and telemetry"],
  ["ebpf/x.ts", 'import { x } from "../containers/x.ts";', "ebpf may import otlp and telemetry"],
  ["receivers/x.ts", 'import { x } from "../exporters/x.ts";', "receivers may import the rooms below it"],
  ["processors/x.ts", 'import { x } from "../receivers/x.ts";', "processors may import the rooms below it"],
  ["exporters/x.ts", 'import { x } from "../processors/batch.ts";', "exporters may import the rooms below it"],
  ["exporters/y.ts", 'import { x } from "./debug.ts";', "a component never imports another one"],
  ["processors/cri-attributes/y.ts", 'import { x } from "../batch.ts";', "a component never imports another one"],
  [
    "processors/cri-attributes/inquiry/z.ts",
    'import { x } from "../../batch.ts";',
    "a component never imports another one",
  ],
  ["receivers/otlp/y.ts", 'import { x } from "../../cli/run.ts";', "receivers may import the rooms below it"],
  ["extensions/x.ts", 'import { x } from "../exporters/x.ts";', "extensions may import the rooms below it"],
  ["extensions/y.ts", 'import { x } from "./zpages.ts";', "a component never imports another one"],
  ["pipeline/z.ts", 'import type { x } from "../extensions/x.ts";', "pipeline may import otlp, config and telemetry"],
  ["pipeline/y.ts", 'import { x } from "../components.ts";', "only the top of the program wires components"],
  ["net/y.ts", 'import { argv } from "node:process";', "only main.ts touches the process"],
  ["net/z.ts", "export const pid = process.pid;", "only main.ts touches the process"],
  ["cli/y.ts", "export const home = process.env;", "only main.ts touches the process"],
  ["net/default.ts", "export default 1;", "no-default-export"],
  ["net/any.ts", "export const x: any = 1;", "no-explicit-any"],
  ["net/bang.ts", "export const x = (y: string | undefined) => y!;", "no-non-null-assertion"],
  ["net/many.ts", "export const x = (a: number, b: number, c: number, d: number) => a + b + c + d;", "max-params"],
  ["net/float.ts", "export const x = () => { Promise.resolve(1).then(() => {}); };", "no-floating-promises"],
  [
    "net/switch.ts",
    'export const x = (y: "a" | "b") => { switch (y) { case "a": return 1; } return 2; };',
    "switch-exhaustiveness-check",
  ],
  ["net/one.ts", 'export { two } from "./two.ts"; export const one = 1;', "no-cycle"],
  ["net/two.ts", 'export { one } from "./one.ts"; export const two = 2;', "no-cycle"],
];

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "podstamp-rooms-"));
  for (const name of ["src", ".oxlintrc.json", "tsconfig.json", "package.json"])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => rmSync(copy, { recursive: true }));

type Finding = { readonly code: string; readonly message: string; readonly help?: string; readonly filename: string };

function lint(folder: string, ...paths: readonly string[]): readonly Finding[] {
  const program = join(root, "node_modules/oxlint/bin/oxlint");
  const { stdout } = spawnSync(process.execPath, [program, "--format", "json", ...paths], {
    cwd: folder,
    encoding: "utf8",
  });
  return (JSON.parse(stdout) as { diagnostics: readonly Finding[] }).diagnostics;
}

const text = ({ filename, code, message, help = "" }: Finding) => `${filename}: ${code} ${message} ${help}`;

describe("the table of rooms", () => {
  test("src keeps it, and the other rules of the house", () => {
    expect(lint(root, "src").map(text)).toEqual([]);
  });

  test("every room of src is in the table", () => {
    const rooms = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map(({ name }) => name).toSorted()).toEqual([
      "cli",
      "config",
      "containers",
      "control",
      "ebpf",
      "exporters",
      "extensions",
      "net",
      "otlp",
      "pipeline",
      "processors",
      "proto",
      "receivers",
      "runtimes",
      "telemetry",
    ]);
  });

  test("what is forbidden is caught, each with its rule", () => {
    for (const [file, source] of forbidden) {
      const path = join(copy, "src", file);
      mkdirSync(dirname(path), { recursive: true });
      expect(existsSync(path)).toBe(false);
      writeFileSync(path, `${source}\n`);
    }
    const findings = lint(copy, "src").map(text);
    const caught = forbidden.map(([file, , rule]) => [
      file,
      findings.some((finding) => finding.startsWith(`src/${file}: `) && finding.includes(rule)),
    ]);
    expect(caught).toEqual(forbidden.map(([file]) => [file, true]));
  });

  test("types of runtimes may be used by containers", () => {
    writeFileSync(
      join(copy, "src/containers/ok.ts"),
      'export type { PodFacts } from "../runtimes/facts.ts";\nimport type { PodFacts } from "../runtimes/facts.ts";\nexport type X = PodFacts;\n',
    );
    expect(
      lint(copy, "src/containers/ok.ts")
        .map(text)
        .filter((finding) => finding.includes("containers may import")),
    ).toEqual([]);
  });
});
