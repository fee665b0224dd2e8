import { describe, expect, test } from "vitest";
import { cgroupsInside, expandCgroupsPath, parseCgroup } from "../../../src/containers/names/cgroup-path.ts";
import { byCgroup } from "../../../src/containers/association.ts";
import cases from "../../fixtures/cgroup-cases.json" with { type: "json" };

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

/** Where peers disagree with one another, or with what podstamp follows: what it decides, and why. */
const decisions = [
  // A process below a container's cgroup is in that container, whatever the cgroups between are called.
  ["/system.slice/docker-1b3319ed", "1b3319ed9c1d4cca681f9c102da9b015555785b6240c4e4619f11b535cabdc07"],
  ["/system.slice/docker-c1146e7c", "c1146e7ccca9ab4436abd69923c07d097b37b762ed21cc3f24584c2f84e77c57"],
  ["/docker/051e2ee0", "051e2ee0bce99116029a13df4a9e943137f19f957f38ac02d6bad96f9b700f76"],
  // The name of its scope says that containerd's CRI made it, wherever its slice is.
  ["/system.slice/cri-containerd-69e8ded3", "69e8ded3c33c9d5e2b93acd74787b17a8629f74d6707bc5bb9b2e095337d0263"],
  // No runtime that podstamp can ask has IDs of such lengths: a made-up one, and those of Cloud Foundry's.
  ["ac679f8a8319c8cf7d38e1adf263bc08d23", ""],
  ["34dc0b5e-626f-2c5c-4c51-70e34b10e765", ""],
  ["6f265890-5165-7fab-6b52-18d1", ""],
] as const;

describe("a cgroup path on which others' tests disagree, or that is exotic", () => {
  const others = (cases as readonly Case[]).filter(({ tier }) => tier !== "core");

  test("there are 7 of them, each decided", () => {
    expect(others).toHaveLength(decisions.length);
    for (const [part] of decisions) expect(others.filter(({ path }) => path.includes(part))).toHaveLength(1);
  });

  test.each(decisions)("with %s names the container %j", (part, containerId) => {
    const path = others.find((each) => each.path.includes(part))?.path ?? "";
    expect(parseCgroup(path).containerId ?? "").toBe(containerId);
  });
});

const id = "5694f82f44168cc048e014ae14d1b0c8ef673bec49f329dc169911ea638f63c2";

describe("a cgroup path that no other agent's test has", () => {
  test.each([
    // `podman run --cgroups=split`, which is how Quadlet runs a container.
    [`0::/system.slice/web.service/libpod-payload-${id}`, id, "podman"],
    [`/system.slice/nerdctl-${id}.scope`, id, "containerd"],
    // The kernel writes this of a process whose cgroup was removed before it: a zombie.
    [
      `0::/kubepods.slice/kubepods-pod0e9a3a6c_4b8d_4f7e_8d7f_1f2f3f4f5f6f.slice/crio-${id}.scope (deleted)`,
      id,
      "cri-o",
    ],
    [`0::/docker/${id} (deleted)\n`, id, "docker"],
    // The conmon of a pod of Podman's: the pod is no container.
    [`4:memory:/libpod_parent/${id}/conmon`, undefined, undefined],
    [`4:memory:/libpod_parent/${id}/libpod-${"b".repeat(64)}`, "b".repeat(64), "podman"],
  ])("%s names the container %s of %s", (path, containerId, runtime) =>
    expect(parseCgroup(path)).toMatchObject({ containerId, runtime }),
  );
});

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
    // A guaranteed pod of a kubelet, its uid with the dashes that a slice's name may not have.
    [
      "kubepods-pod0e9a3a6c_4b8d_4f7e_8d7f_1f2f3f4f5f6f.slice:cri-containerd:" + id,
      `/kubepods.slice/kubepods-pod0e9a3a6c_4b8d_4f7e_8d7f_1f2f3f4f5f6f.slice/cri-containerd-${id}.scope`,
    ],
    // A static pod, in the cgroup root that its kubelet was given.
    [
      "edge-kubepods-besteffort-pod82668c3b799e9d1cb50e83b14b86af2e.slice:crio:" + id,
      "/edge.slice/edge-kubepods.slice/edge-kubepods-besteffort.slice/" +
        `edge-kubepods-besteffort-pod82668c3b799e9d1cb50e83b14b86af2e.slice/crio-${id}.scope`,
    ],
    ["user.slice:libpod:" + id, `/user.slice/libpod-${id}.scope`],
    ["user-1000.slice:docker:" + id, `/user.slice/user-1000.slice/docker-${id}.scope`],
    ["a-b-c-d.slice:p:n", "/a.slice/a-b.slice/a-b-c.slice/a-b-c-d.slice/p-n.scope"],
    ["::" + id, `/system.slice/${id}.scope`],
    ["-.slice::" + id, `/${id}.scope`],
    ["system.slice:docker:", "/system.slice/docker-.scope"],
    ["two:parts", "/two:parts"],
    ["more:than:three:parts", "/more:than:three:parts"],
    ["", "/"],
  ])("%s is %s", (cgroupsPath, path) => expect(expandCgroupsPath(cgroupsPath)).toBe(path));
});

describe("the cgroups that a text names", () => {
  const inner = "a".repeat(64);
  const ids = (text: string) => cgroupsInside(text).paths.flatMap(({ containerId }) => containerId ?? []);

  test("stand from the innermost out", () => {
    expect(ids(`/docker/${id}/kubepods/podX/${inner}/init.scope`)).toEqual([inner, id]);
    expect(ids(`0::/libpod_parent/${id}/libpod-${inner}\n`)).toEqual([inner, id]);
  });

  test("are those of the pod first where a host has several hierarchies", () => {
    const file = `12:pids:/user.slice\n4:memory:/kubepods/besteffort/pod82668c3b799e9d1cb50e83b14b86af2e/${id}\n0::/docker/${inner}\n`;
    expect(ids(file)).toEqual([id, inner]);
    expect(cgroupsInside(file).podUid).toBe("82668c3b799e9d1cb50e83b14b86af2e");
  });

  test("leave out those around a process that watches a container from beside it", () => {
    const beside = cgroupsInside(`/kubepods/besteffort/pod82668c3b799e9d1cb50e83b14b86af2e/crio-conmon-${id}.scope`);
    expect(beside).toEqual({ paths: [], podUid: "82668c3b799e9d1cb50e83b14b86af2e" });
  });

  test("of a text of any size and kind are few or none", () => {
    for (const text of ["", "/", "\n\n", "::::", "/".repeat(100_000), `/${"x/".repeat(50_000)}`])
      expect(byCgroup(text)?.length ?? 0).toBeLessThanOrEqual(25);
  });
});
