import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Batch } from "../../../src/pipeline/contract.ts";
import { createDeadLetters } from "../../../src/pipeline/sending/dead-letters.ts";
import { decodeLetter } from "../../../src/pipeline/sending/letter.ts";
import { folderOfTest } from "../../extensions/file-storage/given-storage.ts";
import { sharingHost } from "../../processors/given-next.ts";

const canMount = process.getuid?.() === 0 && spawnSync("mount", ["--version"]).status === 0;
const batch: Batch = { signal: "logs", bytes: Buffer.from("0a00\n\n0aff", "latin1"), items: 3 };
const why = { reason: "refused", error: "a bad record" };

async function given(mebibytes = 1) {
  const directory = join(folderOfTest(), "letters");
  const host = sharingHost("otlp_grpc/tempo");
  const config = { directory, max_mib: mebibytes * 1024 * 1024 };
  const letters = createDeadLetters(config, host);
  const ofAnother = createDeadLetters(config, { ...host, id: "otlp_http" });
  for (const one of host.shared.values()) await one.start();
  const files = () => readdirSync(directory);
  return { letters, ofAnother, host, files, read: (name: string) => readFileSync(join(directory, name)), directory };
}

describe("dead letters", () => {
  test("are one file each: a line of JSON, then the request as it was", async () => {
    const { letters, files, read } = await given();
    expect(await letters.write(batch, why)).toMatchObject({ status: "written" });
    const [name = ""] = files();
    const file = read(name);
    const end = file.indexOf("\n");
    expect(JSON.parse(file.toString("utf8", 0, end))).toMatchObject({
      podstamp_dead_letter: 1,
      signal: "logs",
      items: 3,
      bytes: 10,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      exporter: "otlp_grpc/tempo",
      at: expect.stringMatching(/^20.*Z$/),
      ...why,
    });
    expect(file.subarray(end + 1)).toEqual(batch.bytes);
    expect(decodeLetter(file)).toEqual({ batch, exporter: "otlp_grpc/tempo" });
  });

  test("have names in the order of their coming, and leave nothing unfinished", async () => {
    const { letters, files, read } = await given();
    await Promise.all(Array.from({ length: 30 }, (_, i) => letters.write({ ...batch, items: i }, why)));
    const found = files()
      .toSorted()
      .map((name) => decodeLetter(read(name)));
    expect(found).toEqual(
      Array.from({ length: 30 }, (_, i) => ({ batch: { ...batch, items: i }, exporter: "otlp_grpc/tempo" })),
    );
  });

  test("that a killed process began are removed at the next start, those that another one is writing are not", async () => {
    const { letters, host, directory, files } = await given();
    await letters.write(batch, why);
    const [whole = ""] = files();
    const [old, fresh] = ["1.deadletter.unfinished", "2.deadletter.unfinished"];
    for (const name of [old, fresh, "notes.unfinished"]) writeFileSync(join(directory, name), "begun");
    const hourAgo = Date.now() / 1000 - 3600;
    for (const name of [whole, old, "notes.unfinished"]) utimesSync(join(directory, name), hourAgo, hourAgo);
    for (const one of host.shared.values()) await one.start();
    expect(files().toSorted()).toEqual([whole, fresh, "notes.unfinished"].toSorted());
  });

  test("take no more than their cap, in all exporters that write there, and go on when something was taken away", async () => {
    const { letters, ofAnother, host, directory, files } = await given();
    const big = (bytes: number) => ({ ...batch, bytes: Buffer.alloc(bytes) });
    expect(await ofAnother.write(big(600_000), why)).toMatchObject({ status: "written" });
    expect(await letters.write(big(300_000), why)).toMatchObject({ status: "written" });
    expect(await letters.write(big(300_000), why)).toEqual({ status: "full" });
    expect(host.metric("podstamp_dead_letter_bytes", { exporter: "otlp_grpc/tempo" })).toBeGreaterThan(900_000);
    writeFileSync(join(directory, files().toSorted()[0] ?? ""), "");
    expect(await letters.write(big(300_000), why)).toMatchObject({ status: "written" });
    expect(files()).toHaveLength(3);
  });

  test("are written into a folder that is made again when it was removed", async () => {
    const { letters, directory, files } = await given();
    const big = { ...batch, bytes: Buffer.alloc(700_000) };
    // The second time there was no room for more.
    for (let i = 0; i < 3; i++) {
      expect(await letters.write(big, why)).toMatchObject({ status: "written" });
      expect(files()).toHaveLength(1);
      rmSync(directory, { recursive: true });
    }
  });

  test.skipIf(!canMount)("leave nothing of themselves on a disk that was full (skipped without root)", async () => {
    const { letters, directory, files } = await given();
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", directory]).status).toBe(0);
    onTestFinished(() => void spawnSync("umount", ["-l", directory]));
    const big = { ...batch, bytes: Buffer.alloc(100_000) };
    for (let i = 0; i < 5; i++)
      expect(await letters.write(big, why)).toMatchObject({ status: "failed", cause: { code: "ENOSPC" } });
    expect(files()).toEqual([]);
    expect(await letters.write(batch, why)).toMatchObject({ status: "written" });
  });

  test("say when they cannot be written", async () => {
    const { letters, directory } = await given();
    writeFileSync(`${directory}-x`, "");
    const host = sharingHost("a");
    const none = createDeadLetters({ directory: `${directory}-x/y`, max_mib: 1e6 }, host);
    await expect([...host.shared.values()][0]?.start()).rejects.toThrow(/ENOTDIR/);
    expect(await none.write(batch, why)).toMatchObject({ status: "failed" });
    expect(await letters.write(batch, why)).toMatchObject({ status: "written" });
  });

  test.each([
    ["", /must begin with a line of JSON/],
    ["{}\nxyz", /must begin with a line of JSON/],
    ['{"podstamp_dead_letter": 2}\n', /must be of version 1, is 2/],
    [
      '{"podstamp_dead_letter": 1, "signal": "traces", "items": 1, "bytes": 4}\nabc',
      /must hold 4 bytes of data, holds 3/,
    ],
    ['{"podstamp_dead_letter": 1, "signal": "traces", "items": 1, "bytes": 3, "sha256": "00"}\nabc', /it was changed/],
  ])("refuse to read %j", (text, message) => {
    expect(decodeLetter(Buffer.from(text))).toMatch(message);
  });
});
