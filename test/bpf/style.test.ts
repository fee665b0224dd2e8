import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root, whyNoProbes } from "../support/ebpf/set-up.ts";
import { whereIs } from "../support/machine/machine.ts";

const clangFormat = whereIs("clang-format");
/** Each version has a taste of its own. */
const version = spawnSync(clangFormat ?? "false", ["--version"], { encoding: "utf8" }).stdout.match(
  /version (\d+)/,
)?.[1];
const otherVersion = version === "14" ? undefined : `this clang-format is ${version}, the sources are formatted by 14`;
const why = clangFormat === undefined ? (whyNoProbes() ?? "clang-format is not installed") : otherVersion;
const sources = globSync(["bpf/{*,include/*,loader/*}.{c,h}", "native/*.{c,h}", "wasm/*.c"], { cwd: root }).toSorted();
const probes = globSync("bpf/*.bpf.c", { cwd: root }).toSorted();

describe("the C sources", () => {
  test.skipIf(why !== undefined)(`are in the kernel's style${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
    const { status, stderr } = spawnSync(clangFormat ?? "", ["--dry-run", "-Werror", ...sources], {
      cwd: root,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  test.each(probes)(
    "%s: what and why, then includes, settings, maps, handlers, entries of one line, licence",
    (file) => {
      const text = readFileSync(join(root, file), "utf8");
      const places = [
        /^\/\*\n \* [A-Z]/m,
        /^#include/m,
        /static __always_inline int handle_/,
        /^SEC\("(?:tp_btf|raw_tp)/m,
      ];
      const order = [...places, /^char LICENSE\[\]/m].map((pattern) => text.search(pattern));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(order).not.toContain(-1);
      const entries = text
        .slice(text.search(/^SEC\("(?:tp_btf|raw_tp)/m))
        .split("SEC(")
        .slice(1, -1);
      for (const entry of entries)
        expect(entry).toMatch(/\)\n\{\n(?:\t\(void\)ctx;\n)?\treturn handle_\w+\(.*\);\n\}\n/);
    },
  );

  test("every map says who inserts", () => {
    for (const file of sources) {
      const maps = readFileSync(join(root, file), "utf8").matchAll(
        /(\/\*(?:[^*]|\*[^/])*\*\/)?\nstruct \{\n(?:[^}]*)\} \w+ SEC\("\.maps"\);/g,
      );
      for (const [, comment] of maps) expect(`${file}: ${comment}`).toMatch(/Inserted|Written/);
    }
  });

  test("no source asks for a kernel version", () => {
    for (const file of sources)
      expect(readFileSync(join(root, file), "utf8")).not.toMatch(/LINUX_VERSION|KERNEL_VERSION/);
  });
});
