import { describe } from "vitest";
import { whyNotBuilt } from "../../support/runtimes/built.ts";
import { startContainerd } from "../../support/runtimes/containerd.ts";
import { startCriDockerd } from "../../support/runtimes/cri-dockerd.ts";
import { crictlTests } from "../../support/runtimes/crictl-tests.ts";
import { startCrio } from "../../support/runtimes/crio.ts";
import { whyNoContainers } from "../../support/machine/machine.ts";

describe("as crictl tells of a containerd", () =>
  crictlTests({ start: startContainerd, why: undefined, takesNames: true }));

describe("as crictl tells of a CRI-O", () =>
  crictlTests({
    start: (options) => startCrio(options, { hasEvents: true }),
    why: whyNotBuilt("crio"),
    takesNames: false,
  }));

describe("as crictl tells of a cri-dockerd", () =>
  crictlTests({
    start: startCriDockerd,
    why: whyNoContainers("dockerd") ?? whyNotBuilt("cri-dockerd"),
    takesNames: true,
  }));
