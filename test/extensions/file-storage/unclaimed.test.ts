import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ServiceStatus } from "../../../src/pipeline/contract.ts";
import type { TestHost } from "../../support/agent/host.ts";
import { eventually } from "../../support/eventually.ts";
import { folderOfTest, givenStorage, putAll, textsOf } from "./given-storage.ts";

/* What lies on disk for an exporter that got another name, lost its storage or left the configuration: nobody would ever hear of it. */

const often = { compaction: { check_interval: "20ms" } };
const running: ServiceStatus = { phase: "running", since: 0, waitingFor: [] };
const toldIn = ({ logged }: TestHost) =>
  logged.filter(({ message }) => message.startsWith("Requests wait on disk")).map(({ fields }) => fields);
const severalLooks = () => sleep(200);

/** A folder in which an exporter of this name left two requests. */
async function folderWith(...exporters: readonly string[]): Promise<string> {
  const folder = folderOfTest();
  const first = await givenStorage(folder);
  for (const name of exporters) await putAll(first.storage, `exporter ${name} traces`, ["one", "two"]);
  await first.stop();
  return folder;
}

test("requests of an exporter that is not there any more are told, once, with its name; and stay", async () => {
  const folder = await folderWith("otlp_grpc/B1");
  const { storage, host } = await givenStorage(folder, often, () => running);
  await eventually(() => toldIn(host).length > 0, { what: "the word" });
  await severalLooks();
  expect(toldIn(host)).toEqual([{ exporter: "otlp_grpc/B1", otel_signal: "traces", requests: 2, items: 2 }]);
  const store = storage.store("exporter otlp_grpc/B1 traces");
  expect(await store.open()).toMatchObject({ count: 2 });
  expect(await textsOf(store)).toEqual(["one", "two"]);
});

test("nothing is told of queues that are in use or empty, nor while exporters still start", async () => {
  const folder = await folderWith("used", "emptied");
  let status: ServiceStatus = { phase: "starting" };
  const { storage, host } = await givenStorage(folder, often, () => status);
  await severalLooks();
  const [used, emptied] = ["used", "emptied"].map((name) => storage.store(`exporter ${name} traces`));
  await used?.open();
  await emptied?.open();
  emptied?.remove([1, 2]);
  await emptied?.close();
  status = running;
  await severalLooks();
  expect(toldIn(host)).toEqual([]);
  // Given up while podstamp runs, as by a reload.
  await used?.close();
  await eventually(() => toldIn(host).length > 0, { what: "the word" });
  expect(toldIn(host)).toEqual([{ exporter: "used", otel_signal: "traces", requests: 2, items: 2 }]);
});

test("one that a reload gives to a successor a moment later is not told", async () => {
  const folder = await folderWith("kept");
  const { storage, host } = await givenStorage(folder, { compaction: { check_interval: "400ms" } }, () => running);
  for (let reload = 0; reload < 5; reload++) {
    const store = storage.store("exporter kept traces");
    await store.open();
    await sleep(500);
    await store.close();
    // One look at most.
    await sleep(150);
  }
  expect(toldIn(host)).toEqual([]);
});
