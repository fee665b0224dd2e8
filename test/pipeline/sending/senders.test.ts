import { describe, expect, test, vi } from "vitest";
import { section } from "../../../src/config/fields/fields.ts";
import { sendingFields } from "../../../src/config/sending-fields.ts";
import { accepted } from "../../../src/pipeline/contract.ts";
import type { Batch, Delivery } from "../../../src/pipeline/contract.ts";
import { whole } from "../../../src/otlp/rope/rope.ts";
import { createSenders } from "../../../src/pipeline/sending/senders.ts";
import type { Put, Storage, StoredRecord } from "../../../src/pipeline/storage.ts";
import { sharingHost } from "../../processors/given-next.ts";

const never = new AbortController().signal;
const batch: Batch = { signal: "traces", bytes: Buffer.from("x"), items: 1 };
const busy: Delivery = { status: "retry", cause: new Error("busy") };

/** A storage that is only in memory: what matters here is who asks it for what. */
function memoryStorage() {
  const records = new Map<number, StoredRecord>();
  const names: string[] = [];
  const storage: Storage = {
    store: (name) => {
      names.push(name);
      return {
        open: async () => ({ count: 0, items: 0, bytes: 0 }),
        put: async (record): Promise<Put> => {
          const id = records.size + 1;
          records.set(id, { id, record });
          return { status: "stored", id };
        },
        read: async () => ({ records: [], damaged: [] }),
        remove: (ids) => ids.forEach((id) => records.delete(id)),
        close: async () => {},
      };
    },
  };
  return { storage, records, names };
}

function given(settings: object, answer: () => Delivery) {
  vi.useFakeTimers();
  const { storage, records, names } = memoryStorage();
  const asked: string[] = [];
  const host = { ...sharingHost("otlp_grpc/tempo"), storage: (id: string) => (asked.push(id), storage) };
  let pushes = 0;
  const senders = createSenders({
    ...section(sendingFields).parse(settings),
    host,
    push: async () => {
      pushes++;
      return answer();
    },
    isWorthSplitting: () => true,
  });
  return { senders, host, records, names, asked, pushes: () => pushes };
}

const lost = (host: { metric: (name: string, labels: Record<string, string>) => number }, reason: string) =>
  host.metric("podstamp_dropped_items", { component: "otlp_grpc/tempo", otel_signal: "traces", reason });

describe("an exporter's queue", () => {
  test("in memory gives up after five minutes, as the Collector's", async () => {
    const { senders, host } = given({}, () => busy);
    await senders.start();
    await senders.consume(batch, never);
    await vi.advanceTimersByTimeAsync(6 * 60_000);
    expect(lost(host, "not_sent")).toBe(1);
  });

  test("counts what is being sent of each signal, the waits of its retries included, and how large what came was", async () => {
    let answer: Delivery = busy;
    const { senders, host } = given({}, () => answer);
    const inFlight = (signal: string) =>
      host.metric("otelcol_exporter_in_flight_requests", { exporter: "otlp_grpc/tempo", data_type: signal });
    await senders.start();
    await senders.consume(batch, never);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([inFlight("traces"), inFlight("logs")]).toEqual([1, 0]);
    answer = accepted;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(inFlight("traces")).toBe(0);
    const name = "otelcol_exporter_queue_batch_send_size";
    const sizes = ["_count", "_sum", "_bytes_count", "_bytes_sum"].map((end) => host.metric(`${name}${end}`));
    expect(sizes).toEqual([1, batch.items, 1, batch.bytes.length]);
  });

  test("on disk never gives up, unless the file says after which time", async () => {
    const patient = given({ sending_queue: { storage: "file_storage/a" } }, () => busy);
    await patient.senders.start();
    expect(patient.asked).toEqual(Array(4).fill("file_storage/a"));
    expect(patient.names[0]).toBe("exporter otlp_grpc/tempo traces");
    await patient.senders.consume(batch, never);
    await vi.advanceTimersByTimeAsync(24 * 60 * 60_000);
    expect({ lost: lost(patient.host, "not_sent"), records: patient.records.size }).toEqual({ lost: 0, records: 1 });
    expect(patient.pushes()).toBeGreaterThan(1000);

    const hasty = { sending_queue: { storage: "file_storage" }, retry_on_failure: { max_elapsed_time: "5m" } };
    const giving = given(hasty, () => busy);
    await giving.senders.start();
    await giving.senders.consume(batch, never);
    await vi.advanceTimersByTimeAsync(6 * 60_000);
    expect({ lost: lost(giving.host, "not_sent"), records: giving.records.size }).toEqual({ lost: 1, records: 0 });
  });

  test("in memory gives back what it holds when another exporter takes its place, what was being sent first", async () => {
    let answer: Delivery = busy;
    const { senders, host } = given({ sending_queue: { num_consumers: 1 } }, () => answer);
    await senders.start();
    for (const text of ["a", "b", "c"]) await senders.consume({ ...batch, bytes: Buffer.from(text) }, never);
    await vi.advanceTimersByTimeAsync(10);
    const released = await senders.release(never);
    expect(released.map(({ bytes }) => String(whole(bytes)))).toEqual(["a", "b", "c"]);
    expect(lost(host, "shutdown")).toBe(0);
    answer = accepted;
    expect(await senders.consume(batch, never)).toMatchObject({ status: "retry" });
  });
});
