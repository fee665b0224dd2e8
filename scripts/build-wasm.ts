// Compiles wasm/sort.c into src/otlp/parting/sort-program.ts, with Debian's clang and lld.
// The output is committed, so that a checkout runs without a compiler; a test compares it with a fresh one.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "wasm", "sort.c");
export const output = join(root, "src", "otlp", "parting", "sort-program.ts");

const flags = ["--target=wasm32", "-O3", "-mbulk-memory", "-ffreestanding", "-nostdlib", "-Wall", "-Wextra", "-Werror"];
/** It works in the memory that it is given, of any size, and keeps nothing there of its own. */
const linkFlags = ["--no-entry", "--import-memory", "--initial-memory=65536", "--strip-all", "-zstack-size=0"];

/** The programs that it needs, and the packages of Debian that have them. */
export const needs = { clang: "clang", "wasm-ld": "lld" } as const;

/** The compiled program; throws with the compiler's words. */
export function compileProgram(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-wasm-"));
  try {
    const [object, program] = [join(folder, "sort.o"), join(folder, "sort.wasm")];
    execFileSync("clang", [...flags, "-c", source, "-o", object]);
    execFileSync("wasm-ld", [...linkFlags, object, "-o", program]);
    const bytes = readFileSync(program);
    if (hasData(bytes))
      throw new Error(`Cannot use the program: must have no data, which would be written over a slab's`);
    return bytes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether a module writes into its memory before it is used: it does by its section 11. */
function hasData(module: Uint8Array): boolean {
  let at = 8;
  while (at < module.length) {
    const id = module[at++];
    let size = 0;
    for (let shift = 0, byte = 0x80; byte > 127; shift += 7) {
      byte = module[at++] ?? 0;
      size |= (byte & 127) << shift;
    }
    if (id === 11) return true;
    at += size;
  }
  return false;
}

/** By what one sees without a compiler that the output is of this source. */
export function hashOfSource(): string {
  return createHash("sha256").update(readFileSync(source)).digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const program = Buffer.from(compileProgram()).toString("base64");
  const lines = [
    "// Made from wasm/sort.c by `npm run build:wasm`: do not edit.",
    "",
    "/** SHA-256 of the source, in hex. */",
    `export const sourceHash = "${hashOfSource()}";`,
    "",
    "/** A module of WebAssembly, in base64. */",
    `export const sortProgram =\n  "${program}";`,
  ];
  writeFileSync(output, `${lines.join("\n")}\n`);
}
