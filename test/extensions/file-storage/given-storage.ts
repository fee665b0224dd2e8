import { onTestFinished } from "vitest";
import { fileStorageExtension } from "../../../src/extensions/file-storage/file-storage.ts";
import { encodeRecord } from "../../../src/pipeline/queue/record.ts";
import type { ServiceStatus } from "../../../src/pipeline/contract.ts";
import type { Storage } from "../../../src/pipeline/storage.ts";
import { testHost } from "../../support/agent/host.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

/** A signal that nobody aborts. */
export const never = new AbortController().signal;

/** A folder of the test's own. */
export function folderOfTest(): string {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  return folder;
}

/** A file_storage that runs in a folder, of a service that still starts unless said. */
export async function givenStorage(
  directory: string,
  settings: object = {},
  status: () => ServiceStatus = () => ({ phase: "starting" }),
) {
  const host = testHost("file_storage");
  const config = fileStorageExtension.schema.parse({ directory, timeout: "200ms", ...settings });
  const extension = fileStorageExtension.create(config, { ...host, status });
  const { storage } = extension;
  if (storage === undefined) throw new Error("file_storage has no storage");
  onTestFinished(() => extension.stop(never));
  await extension.start();
  return { host, storage, stop: () => extension.stop(never) };
}

/** A record of one span's worth, told by its text. */
export function recordOf(text: string, bytes = 100): Uint8Array<ArrayBuffer> {
  const content = Buffer.alloc(Math.max(bytes, text.length), " ");
  content.write(text);
  return encodeRecord({ signal: "traces", bytes: content, items: 1 }, 0);
}

/** Puts records one by one and gives their ids. */
export async function putAll(storage: Storage, name: string, texts: readonly string[], bytes = 100) {
  const store = storage.store(name);
  const contents = await store.open();
  const puts = await Promise.all(texts.map((text) => store.put(recordOf(text, bytes), { items: 1, bytes })));
  return { store, contents, puts };
}

/** The texts of all records of a store, in order. */
export async function textsOf(store: ReturnType<Storage["store"]>): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let after = 0; ;) {
    const { records, damaged } = await store.read(after, 1_000_000);
    const last = [...records, ...damaged]
      .map(({ id }) => id)
      .toSorted((a, b) => a - b)
      .at(-1);
    if (last === undefined) return texts;
    for (const { record } of records) texts.push(textOf(record));
    after = last;
  }
}

/** What recordOf was given. */
export function textOf(record: Uint8Array): string {
  const buffer = Buffer.from(record);
  return buffer.toString("utf8", 12 + buffer.readUInt32LE(8)).trimEnd();
}
