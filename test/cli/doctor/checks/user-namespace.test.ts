import { spawnSync } from "node:child_process";
import { chmodSync, chownSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Finding } from "../../../../src/cli/doctor/finding.ts";
import { lendRuntime } from "../../../support/lend.ts";
import { systemPath, whyNoMounts } from "../../../support/machine/machine.ts";
import { createWorkspace, wipe } from "../../../support/machine/workspace.ts";
import { of, todoOf } from "../given-doctor.ts";

const program = fileURLToPath(new URL("../../../../bin/podstamp.mjs", import.meta.url));

test("a socket of a group that the container's user namespace does not know is not to be had by a group", async ({
  skip,
}) => {
  const why = whyNoMounts("a namespace needs");
  skip(why !== undefined, why);
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  chmodSync(folder, 0o755);
  const socket = join(folder, "docker.sock");
  await lendRuntime({ socket });
  chownSync(socket, 4242, 4242);
  chmodSync(socket, 0o660);
  const unshare = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"];
  const doctor = [process.execPath, program, "doctor", "-r", socket, "-o", "json"];
  const { stdout, stderr } = spawnSync("unshare", [...unshare, ...doctor], {
    encoding: "utf8",
    env: { ...process.env, PATH: systemPath },
  });
  if (/unshare failed|Operation not permitted/.test(stderr)) return skip(`no user namespace here: ${stderr.trim()}`);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  const [found] = of("socket", { code: 1, out: stdout, findings });
  expect(found?.text).toMatch(/permission denied to user 0: it is user 65534's/);
  expect(todoOf(found)).toMatch(/docker run --userns host/);
});
