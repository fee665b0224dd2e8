import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tar } from "./tar.ts";

test("a tar of ours is read by the system's tar", () => {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-tar-"));
  try {
    const file = join(folder, "layer.tar");
    writeFileSync(
      file,
      tar([
        { kind: "folder", path: "bin/" },
        { kind: "file", path: "bin/tool", content: Buffer.from("#!/bin/sh\n"), mode: 0o755 },
        { kind: "link", path: "bin/sh", target: "tool" },
      ]),
    );
    expect(execFileSync("tar", ["-tf", file], { encoding: "utf8" })).toBe("bin/\nbin/tool\nbin/sh\n");
    execFileSync("tar", ["-xf", file, "-C", folder]);
    expect(execFileSync(join(folder, "bin/sh"), { encoding: "utf8" })).toBe("");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
