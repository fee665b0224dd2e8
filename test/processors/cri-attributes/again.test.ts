import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { item, traces } from "../telemetry.ts";
import { givenProcessor, type GivenProcessor } from "./given-processor.ts";
import { folder, pods, web } from "./given-sources.ts";

/** Of a request whose records name the container and another one. */
async function stampedTwice({ through }: GivenProcessor) {
  const ofOther = item("b", "0".repeat(64));
  const request = () => traces({ attributes: {}, items: [item("a", web), ofOther] });
  // What the first one finds out, the second one may take from it.
  await through(request());
  const [resource] = await through(request());
  return resource;
}

const metadata = ["k8s.pod.name"];
const podName = "web-5f6d8b9c4-hk7wq";

test("records of a container that is gone are of nobody once it is forgotten, however often it was found before", async () => {
  const given = await givenProcessor({ pods, settings: { extract: { metadata }, pod_delete_grace_period: "300ms" } });
  expect(await stampedTwice(given)).toEqual({ "k8s.pod.name": podName });
  given.server.remove(web);
  await expect.poll(() => given.metric("podstamp_directory_entries", { kind: "tombstone" })).toBe(1);
  expect(await stampedTwice(given)).toEqual({ "k8s.pod.name": podName });
  await expect.poll(() => stampedTwice(given)).toEqual({});
});

test("records have what is known of their container now, not what was when they named it first", async () => {
  const file = join(folder(), "overlay.yaml");
  const write = (team: string) => {
    writeFileSync(`${file}.new`, `namespaces: {shop: {labels: {team: ${team}}}}`);
    renameSync(`${file}.new`, file);
  };
  write("pay");
  const settings = { extract: { metadata: [], labels: [{ key: "team", from: "namespace" }] }, overlay: { file } };
  const given = await givenProcessor({ pods, settings });
  expect(await stampedTwice(given)).toEqual({ "k8s.namespace.label.team": "pay" });
  write("checkout");
  await expect.poll(() => stampedTwice(given), { timeout: 10_000 }).toEqual({ "k8s.namespace.label.team": "checkout" });
});

test("of two processors each writes what it was told to, whoever has seen the container before", async () => {
  const one = await givenProcessor({ pods, settings: { extract: { metadata } } });
  const other = await givenProcessor({
    pods,
    settings: { extract: { metadata: ["k8s.namespace.name"] } },
    beside: one,
  });
  for (let turn = 0; turn < 2; turn++) {
    expect(await stampedTwice(one)).toEqual({ "k8s.pod.name": podName });
    expect(await stampedTwice(other)).toEqual({ "k8s.namespace.name": "shop" });
  }
});
