import type { Container, Pod } from "../../src/containers/index/entry.ts";
import type { ContainerDetails, RuntimeIdentity } from "../../src/runtimes/facts.ts";

export const identity: RuntimeIdentity = {
  name: "containerd",
  version: "2.0",
  endpoint: "unix:///test.sock",
  type: "containerd",
  instance: "1:2:3",
};

/** A pod as a list tells it. */
export function podEntry(id: string, name = "web-1"): Pod {
  const facts = {
    id,
    name,
    namespace: "shop",
    uid: `uid-of-${name}`,
    attempt: 0,
    isReady: true,
    createdAt: 1,
    labels: {},
    annotations: {},
  };
  return { kind: "pod", id, runtime: identity, facts, details: undefined };
}

/** A container as a list tells it. */
export function containerEntry(id: string, podId = "pod", details?: ContainerDetails): Container {
  const image = { specified: "", requested: "", ref: "", id: "" };
  const facts = {
    id,
    podId,
    name: "web",
    attempt: 0,
    state: "running" as const,
    createdAt: 1,
    labels: {},
    annotations: {},
    image,
  };
  const unknown = {
    name: undefined,
    tags: [],
    repoDigests: [],
    id: undefined,
    manifestDigest: undefined,
    isAmbiguous: false,
  };
  return { kind: "container", id, runtime: identity, facts, details, image: unknown, pod: undefined };
}
