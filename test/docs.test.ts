import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ofTheBackend } from "./support/faults/of-the-backend.ts";
import { ofTheProcess } from "./support/faults/of-the-process.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const pages = ["CHANGELOG.md", "CONTRIBUTING.md", ...globSync("docs/*.md", { cwd: root })];
const read = (file: string) => readFileSync(join(root, file), "utf8");

test.each(pages)("each link of %s to a file of the repository leads to one", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, path = ""]) => path);
  expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
});

describe("docs/reliability.md", () => {
  const page = read("docs/reliability.md");

  test("names for each promise a test that there is", () => {
    const scenarios = [...ofTheBackend, ...ofTheProcess].map(({ name }) => name);
    const quoted = [...page.matchAll(/faults(?:\]\([^)]*\))? "([^"]+)"/g)].map(([, name = ""]) => name);
    expect(quoted.length).toBeGreaterThan(5);
    expect(quoted.filter((name) => !scenarios.some((scenario) => scenario.includes(name)))).toEqual([]);
    const storage = read("test/extensions/file-storage/file-storage.test.ts");
    const ofStorage = [...page.matchAll(/file-storage(?:\]\([^)]*\))? "([^"]+)"/g)].map(([, name = ""]) => name);
    expect(ofStorage.length).toBeGreaterThan(2);
    expect(ofStorage.filter((name) => !storage.includes(name))).toEqual([]);
  });

  test("shows a row for each fault that is played", () => {
    for (const { name } of [...ofTheBackend, ...ofTheProcess]) expect(page).toContain(`| ${name} |`);
  });
});
