import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { folderOfTest, givenStorage, putAll, recordOf, textsOf } from "./given-storage.ts";

const name = "exporter otlp_grpc traces";
const file = "exporter_otlp_grpc_traces.db";
const canMount = process.getuid?.() === 0 && spawnSync("mount", ["--version"]).status === 0;

test.skipIf(!canMount)(
  "a damaged file stays as it is while the disk has no room for what is whole in it (skipped without root)",
  async () => {
    const disk = folderOfTest();
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]).status).toBe(0);
    onTestFinished(() => void spawnSync("umount", ["-l", disk]));
    const texts = Array.from({ length: 100 }, (_, i) => `record-${i}`);
    const first = await givenStorage(disk);
    await putAll(first.storage, name, texts, 20_000);
    await first.stop();
    writeFileSync(join(disk, file), readFileSync(join(disk, file)).fill(0xff, 0, 100));
    rmSync(join(disk, "reserve"));
    const room = spawnSync("df", ["--output=avail", "-B1", disk], { encoding: "utf8" });
    writeFileSync(join(disk, "ballast"), Buffer.alloc(Number(room.stdout.split("\n")[1]) - 500_000));

    const { storage, host } = await givenStorage(disk);
    const store = storage.store(name);
    await expect(store.open()).rejects.toThrow(/disk is full/);
    await expect(store.put(recordOf("x"), { items: 1, bytes: 100 })).resolves.toMatchObject({ status: "full" });
    expect(readdirSync(disk).filter((one) => one.includes("damaged"))).toEqual([]);
    rmSync(join(disk, "ballast"));
    const isOpen = () =>
      store.open().then(
        ({ count }) => count === 100,
        () => false,
      );
    await eventually(isOpen, { what: "all records", timeoutMs: 20_000 });
    expect(await textsOf(store)).toEqual(texts);
    expect(host.logged).toMatchObject([{ level: "error", fields: { rescued_requests: 100 } }]);
  },
);
