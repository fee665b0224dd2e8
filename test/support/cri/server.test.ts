import { credentials, status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import {
  ContainerState,
  ListContainersRequest,
  ListPodSandboxRequest,
  VersionRequest,
} from "../../../src/proto/cri/v1/api.ts";
import { type CriServer, startCriServer } from "./server.ts";
import { eventually } from "../eventually.ts";
import { unary } from "../grpc/unary.ts";
import { RuntimeServiceClient } from "../grpc/clients.ts";

let server: CriServer | undefined;
let client: RuntimeServiceClient | undefined;

afterEach(async () => {
  client?.close();
  await server?.close();
});

async function start(options: Parameters<typeof startCriServer>[0]) {
  const started = await startCriServer(options);
  const connected = new RuntimeServiceClient(started.endpoint, credentials.createInsecure());
  server = started;
  client = connected;
  const list = (id = "") =>
    unary(connected.listContainers.bind(connected), ListContainersRequest.fromPartial({ filter: { id } }), 2000);
  const version = (timeoutMs = 2000) =>
    unary(connected.version.bind(connected), VersionRequest.fromPartial({}), timeoutMs);
  return { started, connected, list, version };
}

const pod = { name: "web-1", namespace: "shop", containers: [{ id: "a".repeat(64), name: "web" }] };

test("a runtime of ours lists a container by a prefix of its ID, and nothing for a prefix of two", async () => {
  const { list } = await start({
    pods: [pod, { ...pod, name: "web-2", containers: [{ id: `${"a".repeat(63)}b`, name: "web" }] }],
  });
  expect((await list("a".repeat(64))).containers.map((container) => container.metadata?.name)).toEqual(["web"]);
  expect((await list(`${"a".repeat(63)}b`)).containers).toHaveLength(1);
  expect((await list("aaaaaaaaaaaa")).containers).toEqual([]);
});

test("a runtime of ours knows a container only after the time it was told", async () => {
  const { started, connected, list } = await start({ pods: [{ name: "web-1", namespace: "shop" }] });
  const { items } = await unary(connected.listPodSandbox.bind(connected), ListPodSandboxRequest.fromPartial({}), 2000);
  const id = started.add(items[0]?.id ?? "", { name: "late" }, { visibleAfterMs: 50 });
  expect((await list()).containers).toEqual([]);
  const found = await eventually(async () => (await list(id)).containers[0], { what: "the late container" });
  expect(found.state).toBe(ContainerState.CONTAINER_RUNNING);
});

test("a runtime of ours counts its calls, fails, talks nonsense, freezes and goes away when told", async () => {
  const { started, version } = await start({ pods: [pod] });
  expect((await version()).runtimeName).toBe("containerd");
  started.fail("Version", status.UNAVAILABLE);
  await expect(version()).rejects.toMatchObject({ code: status.UNAVAILABLE });
  started.garble("Version");
  await expect(version()).rejects.toThrow();
  started.fail("Version", undefined);
  started.freeze();
  await expect(version(100)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  expect(started.calls("Version")).toBe(4);
  started.thaw();
  expect((await version()).runtimeName).toBe("containerd");
  await started.stop();
  await expect(version()).rejects.toMatchObject({ code: status.UNAVAILABLE });
});
