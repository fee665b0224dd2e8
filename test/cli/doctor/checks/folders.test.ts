import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderOfTest } from "../../../extensions/file-storage/given-storage.ts";
import { configWith, doctor, of, todoOf } from "../given-doctor.ts";

/** What is said of a file_storage in this folder, and of dead letters in it. */
async function examined(directory: string, more = "") {
  const storage = { extensions: `{file_storage: {directory: "${directory}"${more}}}` };
  const letters = `{otlp_http: {endpoint: "http://127.0.0.1:1", dead_letter: {directory: "${directory}"}}}`;
  return of("folder", await doctor(["--config", configWith(letters, storage)]));
}

describe("the folders of queues and dead letters", () => {
  test("are well where they can be written, or made", async () => {
    const folder = folderOfTest();
    const [queues, letters] = await examined(folder);
    expect(queues).toMatchObject({ status: "ok", text: expect.stringContaining(`${folder} can be written, with `) });
    expect(letters).toMatchObject({ status: "ok" });
    const made = await examined(join(folder, "a/b"), ", create_directory: true");
    expect(made).toMatchObject([{ text: expect.stringContaining("a/b can be made") }, { status: "ok" }]);
  });

  test("are to be made where podstamp does not", async () => {
    const [queues, letters] = await examined(join(folderOfTest(), "a/b"));
    expect(queues).toMatchObject({ status: "problem", text: expect.stringContaining("a/b is not there") });
    expect(todoOf(queues)).toContain("create_directory: true");
    expect(letters).toMatchObject({ status: "ok" });
  });

  test("are folders, and may be written by this user", async () => {
    const folder = folderOfTest();
    writeFileSync(join(folder, "file"), "");
    expect((await examined(join(folder, "file")))[0]).toMatchObject({ text: expect.stringContaining("is no folder") });
    mkdirSync(join(folder, "closed"), { mode: 0o500 });
    // Nobody writes there, root neither.
    const closed = process.getuid?.() === 0 ? "/proc/self" : join(folder, "closed");
    const [queues] = await examined(closed);
    expect(queues).toMatchObject({ status: "problem", text: expect.stringContaining(`may not write into ${closed}`) });
    expect(todoOf(queues)).toMatch(new RegExp(`: chown \\d+ ${closed}$`));
    const inside = join(closed, "queues");
    const [made] = await examined(inside, ", create_directory: true");
    expect(todoOf(made)).toMatch(new RegExp(`: mkdir -p ${inside} && chown \\d+ ${inside}$`));
  });

  test("have room for what they may take beside what is in them", async () => {
    const folder = join(folderOfTest(), "queues");
    mkdirSync(folder);
    const [queues] = await examined(folder, ", max_size_mib: 1000000000");
    expect(queues).toMatchObject({ status: "warning", text: expect.stringContaining("may take 1000000000 MiB more") });
    writeFileSync(join(folder, "traces.db"), Buffer.alloc(2 ** 20));
    const [fuller] = await examined(folder, ", max_size_mib: 1000000000");
    expect(fuller).toMatchObject({ status: "warning", text: expect.stringContaining("may take 999999999 MiB more") });
  });
});
