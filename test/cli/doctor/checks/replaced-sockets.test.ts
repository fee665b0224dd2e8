import { spawnSync } from "node:child_process";
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { whyNoMounts } from "../../../support/machine/machine.ts";
import { createWorkspace, wipe } from "../../../support/machine/workspace.ts";
import { mountAt } from "../../../support/node/mounts.ts";
import { doctor, of } from "../given-doctor.ts";

const why = whyNoMounts("a socket to be mounted as a container has it needs");
beforeEach(({ skip }) => skip(why !== undefined, why));

/** A folder of the host's, and one in which a container has that or what is in it. */
function givenFolders() {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const [host, inside] = [join(folder, "host"), join(folder, "inside")];
  for (const path of [host, inside]) mkdirSync(path);
  return { onHost: join(host, "docker.sock"), mounted: join(inside, "docker.sock"), host, inside };
}

/** A socket whose process is gone. */
function leaveSocket(path: string): void {
  const left = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", left, path]);
}

async function listen(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
}

const anew = {
  status: "problem",
  text: expect.stringMatching(/: it was replaced on the host, and what is mounted here is still the old one$/),
  todo: expect.stringMatching(/^start podstamp's container anew; where the folder/),
};

test("a mounted socket that a new one took the place of needs a new container", async () => {
  const { onHost, mounted } = givenFolders();
  leaveSocket(onHost);
  writeFileSync(mounted, "");
  mountAt(onHost, mounted);
  const [before] = of("runtime", await doctor(["-r", mounted]));
  expect(before?.text).toMatch(/nobody listens on this socket$/);
  rmSync(onHost);
  await listen(onHost);
  expect(of("runtime", await doctor(["-r", mounted]))).toEqual([expect.objectContaining(anew)]);
});

test("so does a mounted folder that a new one took the place of", async () => {
  const { host, inside, onHost, mounted } = givenFolders();
  mountAt(host, inside);
  rmdirSync(host);
  mkdirSync(host);
  await listen(onHost);
  expect(of("socket", await doctor(["-r", mounted]))).toEqual([expect.objectContaining(anew)]);
});
