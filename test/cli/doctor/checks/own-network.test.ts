import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Finding } from "../../../../src/cli/doctor/finding.ts";
import { systemPath, whyNoMounts } from "../../../support/machine/machine.ts";
import { configWith, of, todoOf } from "../given-doctor.ts";

const program = fileURLToPath(new URL("../../../../bin/podstamp.mjs", import.meta.url));

/** What doctor finds of the listener at `host` in namespaces of these kinds, besides that of processes. */
function listenerIn(namespaces: readonly string[], host: string): Finding | undefined {
  const receivers = `{otlp: {protocols: {grpc: {endpoint: "${host}:14997"}}}}`;
  const file = configWith("{nop: }", { receivers, processors: "{cri_attributes: {runtimes: [{type: docker}]}}" });
  const inContainer = ["--pid", "--fork", "--mount-proc", ...namespaces];
  const doctor = [process.execPath, program, "doctor", "--config", file, "-o", "json"];
  const { stdout, stderr } = spawnSync("unshare", [...inContainer, ...doctor], {
    encoding: "utf8",
    env: { ...process.env, PATH: systemPath },
  });
  expect(stderr).toBe("");
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return of("listener", { code: 1, out: stdout, findings })[0];
}

test("a receiver at localhost in a container's own network is told: nobody else reaches it", ({ skip }) => {
  const why = whyNoMounts("a namespace needs");
  skip(why !== undefined, why);
  const alone = listenerIn(["--net"], "127.0.0.1");
  expect(alone).toMatchObject({
    status: "warning",
    text: expect.stringMatching(/^receivers::otlp::grpc: /) as unknown,
  });
  expect(todoOf(alone)).toContain("listen at 0.0.0.0:14997");
  expect(listenerIn(["--net"], "0.0.0.0")?.status).toBe("ok");
  // With the host's network that is how the host's programs send.
  expect(listenerIn([], "127.0.0.1")?.status).toBe("ok");
});
