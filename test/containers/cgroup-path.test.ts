import { describe, expect, test } from "vitest";
import { expandCgroupsPath, parseCgroup } from "../../src/containers/cgroup-path.ts";
import cases from "../fixtures/cgroup-cases.json" with { type: "json" };

type Case = {
  readonly path: string;
  readonly container_id: string;
  readonly pod_uid?: string;
  readonly runtime: string | null;
  readonly runtime_from: string | null;
  readonly tier: string;
};

const core = (cases as readonly Case[]).filter(({ tier }) => tier === "core");

describe("a cgroup path of other agents' own tests", () => {
  test("there are 99 of them", () => expect(core).toHaveLength(99));

  test.each(core)("$path names its container", ({ path, container_id, pod_uid, runtime, runtime_from }) => {
    const found = parseCgroup(path);
    expect(found.containerId ?? "").toBe(container_id);
    expect(found.podUid).toBe(pod_uid ?? undefined);
    // Of a bare ID under kubepods some peers say containerd and some Docker: the path does not decide, so podstamp says nothing.
    expect(found.runtime ?? null).toBe(isBareInPod(path) || runtime_from === null ? null : runtime);
  });
});

const id = "5694f82f44168cc048e014ae14d1b0c8ef673bec49f329dc169911ea638f63c2";

function isBareInPod(path: string): boolean {
  return /kubepods.*\/[0-9a-f]{64}$/.test(path.trim());
}

describe("runtimeSpec.linux.cgroupsPath", () => {
  test.each([
    ["/kubepods/besteffort/podA/" + id, "/kubepods/besteffort/podA/" + id],
    [
      "kubepods-burstable-podA.slice:cri-containerd:" + id,
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podA.slice/cri-containerd-${id}.scope`,
    ],
    ["kubepods.slice:crio:" + id, `/kubepods.slice/crio-${id}.scope`],
    ["system.slice:docker:" + id, `/system.slice/docker-${id}.scope`],
    [":docker:" + id, `/system.slice/docker-${id}.scope`],
    ["-.slice:docker:" + id, `/docker-${id}.scope`],
    ["machine.slice::" + id, `/machine.slice/${id}.scope`],
    ["machine.slice:libpod:inner.slice", "/machine.slice/inner.slice"],
    ["/k8s.io/a:b:c", "/k8s.io/a:b:c"],
    ["relative/path", "/relative/path"],
  ])("%s is %s", (cgroupsPath, path) => expect(expandCgroupsPath(cgroupsPath)).toBe(path));
});
