import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderAttributes } from "../../scripts/docs/attributes.ts";
import { marker, renderReference } from "../../scripts/docs/reference.ts";
import { components } from "../../src/components.ts";
import { attributeRules } from "../../src/processors/cri-attributes/extract/attributes.ts";
import { loadConfig } from "../../src/config/load.ts";

const text = await readFile(new URL("../../docs/configuration.md", import.meta.url), "utf8");

test("the reference in docs/configuration.md is what `npm run build:docs` makes", () => {
  expect(text.split(`${marker}\n\n`)[1]).toBe(renderReference());
});

test("docs/attributes.md is what `npm run build:docs` makes of the table that the code uses", async () => {
  const page = await readFile(new URL("../../docs/attributes.md", import.meta.url), "utf8");
  expect(page).toBe(renderAttributes());
  for (const { name } of attributeRules) expect(page).toContain(`| \`${name}\``);
});

test("every attribute tells where it comes from", () => {
  expect(attributeRules.filter(({ source, otherwise }) => source === "" && otherwise === undefined)).toEqual([]);
});

test("every setting has a sentence", () => {
  const rows = renderReference()
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(rows.filter((row) => row.endsWith("|  |"))).toEqual([]);
  expect(rows.length).toBeGreaterThan(50);
});

test("the example of docs/k8s-attributes.md loads without a word", async () => {
  const page = await readFile(new URL("../../docs/k8s-attributes.md", import.meta.url), "utf8");
  expect(await problemsOf(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "")).toEqual([]);
});

test("the example at its head loads without a word", async () => {
  expect(await problemsOf(/```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "")).toEqual([]);
});

/** What is said of a file that holds this, and that it is one. */
async function problemsOf(example: string): Promise<readonly unknown[]> {
  const folder = await mkdtemp(join(tmpdir(), "podstamp-docs-"));
  const file = join(folder, "example.yaml");
  await writeFile(file, example);
  const { config, problems } = await loadConfig([file], { types: components, env: {} });
  await rm(folder, { recursive: true });
  expect(config).toBeDefined();
  return problems;
}
