import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { replay, startEngineServer } from "../../support/engines/server.ts";
import { eventually } from "../../support/eventually.ts";
import { givenProcessor } from "./given-processor.ts";

type Container = { readonly Id: string; readonly Config: object; readonly HostConfig: object };
type Recording = {
  readonly version: unknown;
  readonly list: readonly object[];
  readonly container: Container;
  readonly images: readonly { readonly Id: string }[];
};

const file = fileURLToPath(new URL("../../fixtures/runtimes/docker-28-containerd-store.json", import.meta.url));
const recording = JSON.parse(readFileSync(file, "utf8")) as Recording;
const { Id: id } = recording.container;
const address = "172.31.0.2";

/** What a Docker has answered of a container, on a network of its own, and perhaps with more of HostConfig and Config. */
async function givenDocker(host: object = {}, config: object = {}) {
  const onNetwork = { NetworkSettings: { Networks: { shop: { IPAddress: address } } } };
  const { container, images } = recording;
  const answers = {
    "/version": recording.version,
    "/info": { CgroupDriver: "cgroupfs" },
    "/containers/json": recording.list.map((one) => ({ ...one, ...onNetwork })),
    "/events": [],
    [`/containers/${id}/json`]: {
      ...container,
      ...onNetwork,
      HostConfig: { ...container.HostConfig, ...host },
      Config: { ...container.Config, ...config },
    },
    ...Object.fromEntries(images.map((image) => [`/images/${image.Id}/json`, image])),
  };
  const docker = await startEngineServer(replay(answers));
  onTestFinished(() => docker.close());
  const runtimes = [{ type: "docker", endpoint: docker.endpoint }];
  const given = await givenProcessor({ type: "cri_attributes", settings: { runtimes }, isListening: false });
  await eventually(async () => (await given.stamped({}, address))["container.id"] === id, { what: "the container" });
  return given;
}

describe("a process that gives a number of a namespace of its own", () => {
  test("is of the container whose hostname it has, the beginning of the ID, as SDKs in Docker containers write it", async () => {
    const { stamped } = await givenDocker();
    const node = { "host.name": id.slice(0, 12), "process.pid": 1, "process.executable.path": "/usr/local/bin/node" };
    expect(await stamped(node, address)).toMatchObject({ ...node, "container.id": id });
    for (const name of ["node-a", id.slice(0, 6), ""]) {
      const elsewhere = { ...node, "host.name": name };
      expect(await stamped(elsewhere, address)).toEqual(elsewhere);
    }
  });

  test("is of the container whose hostname somebody chose, but not by the name of the node's", async () => {
    const chosen = { "host.name": "checkout", "process.pid": 1 };
    const { stamped } = await givenDocker({}, { Hostname: "checkout" });
    expect(await stamped(chosen, address)).toMatchObject({ ...chosen, "container.id": id });
    expect(await stamped({ ...chosen, "host.name": "check" }, address)).not.toHaveProperty(["container.id"]);
    const onNode = await givenDocker({ UTSMode: "host" }, { Hostname: "checkout" });
    expect(await onNode.stamped(chosen, address)).toEqual(chosen);
  });

  test("is of the container that sent it where it has no hostname and an SDK has sent it itself, as Ruby's writes it", async () => {
    const { stamped } = await givenDocker();
    const ruby = { "process.pid": 7, "process.command": "bin/rails", "process.runtime.name": "ruby" };
    expect(await stamped(ruby, address, true)).toMatchObject({ ...ruby, "container.id": id });
    expect(await stamped(ruby, address)).toEqual(ruby);
    const elsewhere = { ...ruby, "host.name": "web-7" };
    expect(await stamped(elsewhere, address, true)).toEqual(elsewhere);
    const unknown = { ...ruby, "container.id": "f".repeat(64) };
    expect(await stamped(unknown, address, true)).toEqual(unknown);
  });

  test("and is nobody where the container sees all processes of the host: its number is the host's", async () => {
    const { stamped } = await givenDocker({ PidMode: "host" });
    const agent = { "host.name": id.slice(0, 12), "process.pid": 999_999_999 };
    expect(await stamped(agent, address)).toEqual(agent);
    expect(await stamped({ "process.pid": 999_999_999 }, address, true)).not.toHaveProperty(["container.id"]);
  });
});
