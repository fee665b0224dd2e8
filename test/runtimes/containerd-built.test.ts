import { describe } from "vitest";
import { whyNotBuilt } from "../support/built.ts";
import { startContainerd } from "../support/containerd.ts";
import { containerdTests } from "../support/containerd-tests.ts";

describe.each(["containerd-1.7", "containerd-2.3"] as const)("%s", (built) => {
  containerdTests({ start: (options) => startContainerd(options, built), why: whyNotBuilt(built) });
});
