import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { compile } from "../scripts/build-proto.ts";
import { createWorkspace, wipe } from "./support/machine/workspace.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

test.each([
  ["proto", "src/proto", false],
  ["test/support/proto", "test/support/proto", true],
])("%s is compiled as it stands now", (from, to, hasClients) => {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  compile(join(root, from), folder, { hasClients });
  const fresh = globSync("**/*.ts", { cwd: folder }).toSorted();
  expect(fresh.length).toBeGreaterThan(0);
  expect(globSync("**/*.ts", { cwd: join(root, to) }).toSorted()).toEqual(fresh);
  for (const file of fresh)
    expect(readFileSync(join(root, to, file), "utf8"), file).toBe(readFileSync(join(folder, file), "utf8"));
});

test("what is compiled in needs no gRPC library", () => {
  for (const file of globSync("**/*.ts", { cwd: join(root, "src/proto") }))
    expect(readFileSync(join(root, "src/proto", file), "utf8"), file).not.toMatch(/grpc-js|Client\b/);
});

test("no call that is compiled in can change anything at a runtime", () => {
  const reads = /^(?:Version|Get|GetContainerEvents|Read|List\w*|\w+Status|Subscribe|Export)$/;
  const methods = globSync("**/*.proto", { cwd: join(root, "proto") }).flatMap((file) =>
    [...readFileSync(join(root, "proto", file), "utf8").matchAll(/\brpc (\w+)/g)].map(([, name = ""]) => name),
  );
  const compiled = globSync("**/*.ts", { cwd: join(root, "src/proto") }).flatMap((file) =>
    [...readFileSync(join(root, "src/proto", file), "utf8").matchAll(/\bpath: "\/[\w.]+\/(\w+)"/g)].map(
      ([, name = ""]) => name,
    ),
  );
  expect(new Set(compiled)).toEqual(new Set(methods));
  expect(compiled.length).toBeGreaterThan(6);
  expect(compiled.filter((name) => !reads.test(name))).toEqual([]);
});
