import { expect, test } from "vitest";
import { checkNodeName } from "../../../../src/cli/doctor/checks/node-name.ts";
import { readSelf } from "../../../../src/cli/doctor/self.ts";
import type { Subject } from "../../../../src/cli/doctor/subject.ts";
import { givenIo } from "../../given-cli.ts";
import { todoOf } from "../given-doctor.ts";

function found(where: Partial<Subject["self"]>) {
  const env = {};
  const self = { ...readSelf(env), isInContainer: false, isInKubernetes: false, ...where };
  const [finding] = checkNodeName({ io: givenIo({ env }).io, config: undefined, self });
  return finding;
}

test("a pod is told of the downward API, a container of Docker's or Podman's of an option that it has, a host of nothing", () => {
  const inPod = found({ isInContainer: true, isInKubernetes: true });
  expect([inPod?.status, todoOf(inPod)]).toEqual(["warning", expect.stringContaining("fieldPath: spec.nodeName")]);
  const inContainer = found({ isInContainer: true });
  expect([inContainer?.status, todoOf(inContainer)]).toEqual([
    "warning",
    expect.stringContaining("-e K8S_NODE_NAME=NAME"),
  ]);
  expect(todoOf(inContainer)).not.toContain("fieldRef");
  expect(found({})?.status).toBe("ok");
});
