import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { migrate } from "../../../src/cli/migrate/migrate.ts";
import { components } from "../../../src/components.ts";
import { givenIo } from "../given-cli.ts";

/** What `podstamp migrate` makes of a file collector.yaml, and what it says of it. */
export async function migrated(text: string, ...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-migrate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "collector.yaml");
  writeFileSync(file, text);
  let notes = "";
  const { io, out } = givenIo({ err: (more) => void (notes += more) });
  const code = await migrate([...args, file], io, components);
  return { code, yaml: out(), notes: notes.replaceAll(`${folder}/`, "") };
}
