import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { marker, renderReference } from "../../scripts/docs/reference.ts";
import { components } from "../../src/components.ts";
import { loadConfig } from "../../src/config/load.ts";

const text = await readFile(new URL("../../docs/configuration.md", import.meta.url), "utf8");

test("the reference in docs/configuration.md is what `npm run build:docs` makes", () => {
  expect(text.split(`${marker}\n\n`)[1]).toBe(renderReference());
});

test("every setting has a sentence", () => {
  const rows = renderReference()
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(rows.filter((row) => row.endsWith("|  |"))).toEqual([]);
  expect(rows.length).toBeGreaterThan(50);
});

test("the example at its head loads without a word", async () => {
  const folder = await mkdtemp(join(tmpdir(), "podstamp-docs-"));
  const file = join(folder, "example.yaml");
  await writeFile(file, /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "");
  const { config, problems } = await loadConfig([file], { types: components, env: {} });
  await rm(folder, { recursive: true });
  expect(problems).toEqual([]);
  expect(config).toBeDefined();
});
