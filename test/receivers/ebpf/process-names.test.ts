import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createProcessNames } from "../../../src/receivers/ebpf/process-names.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

function givenProc(processes: Readonly<Record<number, { cgroup: string; exe?: string }>>): string {
  const root = createWorkspace();
  onTestFinished(() => wipe(root));
  for (const [pid, { cgroup, exe }] of Object.entries(processes)) {
    const folder = join(root, "proc", pid);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "cgroup"), cgroup);
    if (exe !== undefined) symlinkSync(exe, join(folder, "exe"));
  }
  return root;
}

test("the program's name, when the number is of the process that is meant", () => {
  const nameOf = createProcessNames(
    givenProc({
      1: { cgroup: "12:memory:/kubepods/a\n0::/other\n", exe: "/usr/bin/node" },
      2: { cgroup: "0::/kubepods/a\n", exe: "/usr/sbin/nginx (deleted)" },
      3: { cgroup: "0::/kubepods/a\n" },
    }),
  );
  expect(nameOf(1, "/kubepods/a")).toBe("node");
  expect(nameOf(1, "/kubepods/b")).toBeUndefined();
  expect(nameOf(1, "/")).toBeUndefined();
  expect(nameOf(2, "/kubepods/a")).toBe("nginx");
  expect(nameOf(3, "/kubepods/a")).toBeUndefined();
  expect(nameOf(4, "/kubepods/a")).toBeUndefined();
});
