import { describe, expect, test } from "vitest";
import {
  Container,
  ContainerState,
  ContainerStatusResponse,
  Image,
  NamespaceMode,
  PodSandbox,
  PodSandboxStatusResponse,
} from "../../src/proto/cri/v1/api.ts";
import { bareReference, containerDetails, containerFacts, podDetails, podFacts } from "../../src/runtimes/cri/facts.ts";

const nothing = { image: undefined, runtimeName: "containerd" };

test("an empty container and sandbox are facts without anything in them, not an error", () => {
  expect(containerFacts(Container.fromPartial({}))).toMatchObject({
    id: "",
    podId: "",
    name: "",
    attempt: 0,
    image: { specified: "", requested: "", ref: "", id: "" },
  });
  expect(podFacts(PodSandbox.fromPartial({}))).toMatchObject({
    id: "",
    name: "",
    namespace: "",
    uid: "",
    isReady: true,
  });
  expect(containerDetails(ContainerStatusResponse.fromPartial({}), nothing)).toMatchObject({
    pid: undefined,
    image: { shown: "", repoTags: [] },
  });
  expect(podDetails(PodSandboxStatusResponse.fromPartial({}))).toEqual({ addresses: [], isHostNetwork: false });
});

test("a state that is not in the specification is unknown", () => {
  expect(containerFacts(Container.fromPartial({ state: ContainerState.UNRECOGNIZED })).state).toBe("unknown");
});

test("cri-dockerd's finished_at of a running container is no time, and an exit code is told only of one that has exited", () => {
  const status = { startedAt: 1_795_458_188_882_168_695n, finishedAt: -6_795_364_578_871_345_152n, exitCode: 137 };
  const running = containerDetails(ContainerStatusResponse.fromPartial({ status: { ...status, state: 1 } }), nothing);
  expect(running).toMatchObject({ startedAt: 1_795_458_188_882, finishedAt: undefined, exitCode: undefined });
  const exited = containerDetails(
    ContainerStatusResponse.fromPartial({ status: { ...status, state: 2, finishedAt: 1_795_458_188_882_168_695n } }),
    nothing,
  );
  expect(exited).toMatchObject({ state: "exited", finishedAt: 1_795_458_188_882, exitCode: 137 });
});

test("the image's own record tells its ID before the status does", () => {
  const answer = ContainerStatusResponse.fromPartial({
    status: { imageId: "from-status", imageRef: "docker-pullable://a.example/x@sha256:1" },
  });
  expect(containerDetails(answer, nothing).image).toMatchObject({ id: "from-status", ref: "a.example/x@sha256:1" });
  expect(containerDetails(answer, { ...nothing, image: Image.fromPartial({ id: "from-image" }) }).image.id).toBe(
    "from-image",
  );
});

test("a pod has its own addresses, the primary one first; one on the host's network has none", () => {
  const network = { ip: "10.0.0.1", additionalIps: [{ ip: "fd00::1" }, { ip: "" }] };
  expect(podDetails(PodSandboxStatusResponse.fromPartial({ status: { network } }))).toEqual({
    addresses: ["10.0.0.1", "fd00::1"],
    isHostNetwork: false,
  });
  const linux = { namespaces: { options: { network: NamespaceMode.NODE } } };
  expect(podDetails(PodSandboxStatusResponse.fromPartial({ status: { network, linux } }))).toEqual({
    addresses: [],
    isHostNetwork: true,
  });
  const info = { info: JSON.stringify({ config: { hostname: "web-0" } }) };
  expect(podDetails(PodSandboxStatusResponse.fromPartial({ info })).hostname).toBe("web-0");
});

describe("what cri-dockerd puts before a reference", () => {
  test.each([
    ["docker://sha256:1", "sha256:1"],
    ["docker-pullable://a.example/x@sha256:1", "a.example/x@sha256:1"],
    ["docker.io/library/docker:1", "docker.io/library/docker:1"],
    ["", ""],
  ])("is cut off %j", (text, bare) => expect(bareReference(text)).toBe(bare));
});
