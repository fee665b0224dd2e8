import { expect, onTestFinished, test } from "vitest";
import { createFollower } from "../../../src/containers/following/follower.ts";
import type { Listing, RuntimeSource } from "../../../src/runtimes/facts.ts";
import { testHost } from "../../support/agent/host.ts";
import { lendRuntime } from "../../support/lend.ts";
import { criSource } from "../../../src/runtimes/discovery/discovery.ts";

test("whoever is told that a list is asked for is told, too, that none came", async () => {
  const server = await lendRuntime();
  const { log, metrics } = testHost("follower");
  const source = criSource(server.endpoint, { timeoutMs: 5000, metrics });
  const told: (Listing | undefined)[] = [];
  const failing: RuntimeSource = {
    ...source,
    connect: async (signal) => ({ ...(await source.connect(signal)), list: () => Promise.reject(new Error("no")) }),
  };
  const follower = createFollower({
    source: failing,
    relistMs: 600_000,
    relistWithoutEventsMs: 600_000,
    log,
    metrics,
    onList: () => (listing) => told.push(listing),
    onHint: () => {},
  });
  onTestFinished(() => follower.stop());
  follower.start();
  await follower.tried();
  expect(told).toEqual([undefined]);
  expect(follower.state()).toMatchObject({ status: "connecting" });
});
