// Compiles the quick way to a list (native/) for each machine that there is a compiler for, into native/build. Without one everything works
// as well, and lists take longer: so a package is made all the same, and that is said.
// Usage: npm run build:native; with --if-possible nothing is an error but a compiler's.
import { fileURLToPath } from "node:url";
import { compileNative, machines, outputOf } from "./native/compile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const isOptional = process.argv.includes("--if-possible");

for (const machine of machines) {
  const why = compileNative(root, machine);
  if (why === undefined) console.error(`Built ${outputOf(machine)}`);
  else {
    console.error(`Not built: ${outputOf(machine)}, without which lists take longer on ${machine.name}: ${why}`);
    const isOwn = machine.arch === process.arch;
    if (why.includes("\n") || (isOwn && !isOptional)) process.exitCode = 1;
  }
}
