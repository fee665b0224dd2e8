import { expect, test } from "vitest";
import { podmanDetails } from "../../src/runtimes/engines/podman-facts.ts";

const id = "65a89c6a1f13b34fc9c30f3e890708ac0e788ab785c609c73669e0b7066d425a";

/** What `GET /v4.0.0/libpod/containers/ID/json` answers, as far as it tells of the process. */
const inspected = (path: string) => ({ Id: id, State: { Status: "running", Pid: 4711, CgroupPath: path } });

test.each([
  `/libpod_parent/libpod-${id}`,
  `/machine.slice/libpod-${id}.scope/container`,
  `/system.slice/web.service/libpod-payload-${id}`,
])("a container's cgroup names it: %s", (path) => {
  expect(podmanDetails(inspected(path), {})).toMatchObject({ pid: 4711, cgroupsPath: path });
});

test.each(["/user.slice/user-1000.slice/session-3.scope", "/", ""])(
  "a container without a cgroup of its own is not known by that of whoever started it, which others are in: %j",
  (path) => {
    expect(podmanDetails(inspected(path), {})).toMatchObject({ pid: 4711, cgroupsPath: undefined });
  },
);
