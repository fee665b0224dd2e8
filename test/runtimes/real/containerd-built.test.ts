import { credentials } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { type ContainerEventResponse, ContainerEventType } from "../../../src/proto/cri/v1/api.ts";
import { whyNotBuilt } from "../../support/runtimes/built.ts";
import { connected, heard } from "../../support/runtimes/connected.ts";
import { startContainerd } from "../../support/runtimes/containerd.ts";
import { containerdTests } from "../../support/runtimes/containerd-tests.ts";
import { eventually } from "../../support/eventually.ts";
import { type OtherRuntime, realNode } from "../../support/node/real-node.ts";
import { RuntimeServiceClient } from "../../support/grpc/clients.ts";

describe.each(["containerd-1.7", "containerd-2.3"] as const)("%s", (built) => {
  const other: OtherRuntime = { start: (options) => startContainerd(options, built), why: whyNotBuilt(built) };
  containerdTests(other);

  describe("under a kubelet that listens to container events", () => {
    const node = realNode(undefined, other);

    test("gives it each of them, however many podstamps follow", async () => {
      const { kubelet, containerd, push } = node();
      const image = await push("shop/cart", "1.2", "image");
      const tag = `${image.repository}:1.2`;
      await kubelet.pull(tag);
      const client = new RuntimeServiceClient(containerd.endpoint, credentials.createInsecure());
      const events: ContainerEventResponse[] = [];
      const stream = client.getContainerEvents({}).on("data", (event: ContainerEventResponse) => events.push(event));
      stream.on("error", () => {});
      onTestFinished(() => {
        stream.cancel();
        client.close();
      });
      const place = { type: "containerd", endpoint: containerd.endpoint } as const;
      const pod = await kubelet.runPod({ name: "cart-1", namespace: "shop" });
      onTestFinished(() => kubelet.removePod(pod.id));
      const probe = async (name: string) =>
        kubelet.remove(await kubelet.run(pod, { name, image: tag, command: ["/bin/true"] }));
      const ids: string[] = [];
      const shortLife = async () => {
        const id = await kubelet.run(pod, { name: "short", image: tag });
        await kubelet.stop(id);
        await kubelet.remove(id);
        ids.push(id);
        return id;
      };
      await connected(place, (first) =>
        connected(place, async (second) => {
          for (const runtime of [first, second]) await heard(runtime, { probe, act: shortLife, last: "gone" });
        }),
      );
      const all = [
        ContainerEventType.CONTAINER_CREATED_EVENT,
        ContainerEventType.CONTAINER_STARTED_EVENT,
        ContainerEventType.CONTAINER_STOPPED_EVENT,
        ContainerEventType.CONTAINER_DELETED_EVENT,
      ];
      for (const id of ids) {
        const types = () => events.filter((event) => event.containerId === id).map((event) => event.containerEventType);
        await eventually(() => types().includes(ContainerEventType.CONTAINER_DELETED_EVENT), {
          what: "the last event",
        });
        expect(types()).toEqual(all);
      }
    });
  });
});
