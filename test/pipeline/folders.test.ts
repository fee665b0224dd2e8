import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { makeFolder, whyNotWritable } from "../../src/pipeline/folders.ts";
import { whyNoMounts } from "../support/machine/machine.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";
import { mountReadOnly } from "../support/node/mounts.ts";

const source = fileURLToPath(new URL("../../src/pipeline/folders.ts", import.meta.url));

function givenFolder(): string {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  return folder;
}

test("a folder is made with those around it, and one that is there stays", async () => {
  const path = join(givenFolder(), "a/b");
  await makeFolder(path, 0o700);
  await makeFolder(path, 0o777);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(whyNotWritable(path)).toBeUndefined();
});

const why = whyNoMounts("what only root can make needs");

describe("what is in the way of a folder is told:", () => {
  beforeEach(({ skip }) => skip(why !== undefined, why));

  test("a file system that is read-only, as a container's root is", async () => {
    const root = join(givenFolder(), "root");
    mkdirSync(join(root, "lib"), { recursive: true });
    mountReadOnly(root);
    const said = `${root}/lib is on a file system that is read-only (in a container: mount a volume there)`;
    await expect(makeFolder(join(root, "lib/podstamp/queues"), 0o700)).rejects.toThrow(
      `Cannot make directory ${root}/lib/podstamp/queues: ${said}`,
    );
    expect(whyNotWritable(join(root, "lib"))).toBe(said);
  });

  test("a folder of another user, as the kubelet and Docker make them", () => {
    const root = givenFolder();
    chmodSync(root, 0o755);
    const program = `
      const { makeFolder } = await import(process.argv[1]);
      process.setgid(65534);
      process.setuid(65534);
      await makeFolder(process.argv[2], 0o700).catch(({ message }) => console.log(message));`;
    const args = ["--input-type=module", "--eval", program, source, join(root, "queues")];
    const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stdout).toBe(
      `Cannot make directory ${root}/queues: this user may not write into ${root}, which is of user 0, mode 0755\n`,
    );
  });
});
