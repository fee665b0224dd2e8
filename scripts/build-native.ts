// Compiles the quick way to a list (native/) for each machine that there is a compiler for, into native/build. Without one everything works
// as well, and lists take longer: so a package is made all the same, and that is said.
// Usage: npm run build:native; with --if-possible nothing of that is an error: a compiler may be there without a static libc.
import { fileURLToPath } from "node:url";
import { compileNative, machines, outputOf } from "./native/compile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const isOptional = process.argv.includes("--if-possible");

for (const machine of machines) {
  const why = compileNative(root, machine);
  if (why === undefined) console.error(`Built ${outputOf(machine)}`);
  else {
    console.error(`Not built: ${outputOf(machine)}, without which lists take longer on ${machine.name}: ${why}`);
    if (machine.arch === process.arch && !isOptional) process.exitCode = 1;
  }
}
