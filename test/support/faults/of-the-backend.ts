import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { statusWithRetryInfo } from "../otlp/retry-info.ts";
import { templateOf } from "./ledger.ts";
import { startProxy } from "./proxy.ts";
import type { Weather } from "./proxy.ts";
import { scenario } from "./stage.ts";
import type { Scenario, Stage } from "./stage.ts";

const unavailable = { code: 14, details: "told to" };

/** Plays a network: everything goes through a proxy whose weather turns bad and fine again. */
async function weather({ backend, subject, load, pass, settle, later }: Stage, bad: Weather): Promise<void> {
  await backend.up();
  const proxy = await startProxy(backend.address);
  later(() => proxy.stop());
  subject.configure({ backend: proxy.address });
  await subject.start();
  const sending = load();
  await pass(300);
  proxy.be(bad);
  await pass(1500);
  proxy.be("fine");
  await pass(300);
  await sending.stop();
  await settle();
}

/** What a backend and the network before it can do to podstamp. */
export const ofTheBackend: readonly Scenario[] = [
  scenario({
    name: "backend down",
    async act({ backend, subject, load, pass, settle }) {
      await subject.start();
      const sending = load();
      await pass(2000);
      await backend.up();
      await pass(300);
      await sending.stop();
      await settle();
    },
  }),
  scenario({
    name: "every second request UNAVAILABLE",
    async act({ backend, subject, load, pass, settle }) {
      let count = 0;
      backend.be(() => (count++ % 2 === 0 ? unavailable : undefined));
      await backend.up();
      await subject.start();
      const sending = load();
      await pass(1500);
      await sending.stop();
      await settle();
    },
  }),
  scenario({
    name: "RESOURCE_EXHAUSTED with RetryInfo",
    async act({ backend, subject, load, pass, settle }) {
      let count = 0;
      const trailers = { "grpc-status-details-bin": statusWithRetryInfo(8, 100) };
      backend.be(() => (count++ % 3 === 0 ? { code: 8, details: "slower", trailers } : undefined));
      await backend.up();
      await subject.start();
      const sending = load();
      await pass(1500);
      await sending.stop();
      await settle();
    },
  }),
  scenario({
    name: "slow backend",
    async act({ backend, subject, load, pass, settle }) {
      backend.be(() => sleep(400, undefined));
      await backend.up();
      await subject.start();
      const sending = load({ requestsPerSecond: 60 });
      await pass(1500);
      await sending.stop();
      backend.be(undefined);
      await settle();
    },
  }),
  scenario({
    name: "backend takes after the deadline",
    async act({ backend, subject, load, pass, settle }) {
      let count = 0;
      // It has the data, and podstamp cannot know.
      backend.be(() => (count++ % 20 === 0 ? sleep(1300, undefined) : undefined));
      await backend.up();
      await subject.start();
      const sending = load({ requestsPerSecond: 100 });
      await pass(1500);
      await sending.stop();
      await settle();
    },
  }),
  scenario({ name: "network half open", act: (stage) => weather(stage, "black hole") }),
  scenario({ name: "network resets connections", act: (stage) => weather(stage, "resetting") }),
  scenario({
    name: "GOAWAY by age of the connection",
    async act({ backend, subject, load, pass, settle }) {
      await backend.up({ "grpc.max_connection_age_ms": 150, "grpc.max_connection_age_grace_ms": 50 });
      await subject.start();
      const sending = load();
      await pass(2000);
      await sending.stop();
      await settle();
    },
  }),
  scenario({
    name: "one request of a merge refused for good",
    wish: () => ({ queue: "{storage: file_storage, queue_size: 100000, batch: {min_size: 200, flush_timeout: 50ms}}" }),
    async act({ backend, subject, ledger, load, pass, settle, later }) {
      const letters = join(subject.folder, "letters");
      subject.configure({
        backend: backend.address,
        queue: "{storage: file_storage, queue_size: 100000, batch: {min_size: 200, flush_timeout: 50ms}}",
        exporter: `{dead_letter: {directory: "${letters}"}}`,
      });
      backend.be((message) => (message.includes("poison") ? { code: 3, details: "a bad span" } : undefined));
      await backend.up();
      await subject.start();
      const good = load();
      const bad = load({ template: templateOf({ spans: 1, name: "poison" }), requestsPerSecond: 20 });
      later(() => bad.stop());
      await pass(1500);
      await good.stop();
      await bad.stop();
      // What is refused for good is among the dead letters: there it has arrived too.
      const end = performance.now() + 20_000;
      const seen = new Set<string>();
      while (ledger.missing() > 0 && performance.now() < end) {
        for (const name of readdirSync(letters).filter((one) => one.endsWith(".deadletter") && !seen.has(one))) {
          seen.add(name);
          ledger.arrive(readFileSync(join(letters, name)));
        }
        await sleep(50);
      }
      await settle(0);
    },
  }),
];
