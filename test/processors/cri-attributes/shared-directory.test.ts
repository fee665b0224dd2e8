import { expect, onTestFinished, test } from "vitest";
import { k8sAttributesProcessor } from "../../../src/processors/cri-attributes/cri-attributes.ts";
import { newId } from "../../support/cri/answers.ts";
import { eventually } from "../../support/eventually.ts";
import { lendRuntime } from "../../support/lend.ts";
import { givenNext, sharingHost } from "../given-next.ts";

const never = new AbortController().signal;
const web = newId();
const pods = [{ name: "web-1", namespace: "shop", containers: [{ id: web, name: "web" }] }];

/** How many containers are known, and how many of those that are gone, once one of them has been removed, to instances with these settings. */
async function keptBy(...all: readonly object[]) {
  const server = await lendRuntime({ pods });
  const host = sharingHost("k8s_attributes");
  for (const settings of all) {
    const raw = { runtimes: [{ type: "cri", endpoint: server.endpoint }], ...settings };
    k8sAttributesProcessor.create(k8sAttributesProcessor.schema.parse(raw), host, givenNext());
  }
  onTestFinished(async () => {
    for (const component of host.shared.values()) await component.stop(never);
  });
  for (const component of host.shared.values()) await component.start();
  const entries = (kind: string) => host.metric("podstamp_directory_entries", { kind });
  const containers = entries("container");
  if (containers > 0) {
    server.exit(web);
    server.remove(web);
    await eventually(() => entries("container") === 0, { what: "the container's end" });
  }
  return { containers, tombstones: entries("tombstone") };
}

test("of what instances ask of a directory that they share the most counts", async () => {
  expect(await keptBy({ pod_delete_grace_period: "0s" })).toEqual({ containers: 1, tombstones: 0 });
  expect(await keptBy({ pod_delete_grace_period: "0s" }, { pod_delete_grace_period: "1m" })).toEqual({
    containers: 1,
    tombstones: 1,
  });
  expect(await keptBy({ max_containers: 1 }, { max_containers: 10 })).toEqual({ containers: 1, tombstones: 1 });
  expect((await keptBy({ max_containers: 1 })).containers).toBe(0);
});
