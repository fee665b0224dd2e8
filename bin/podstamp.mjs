#!/usr/bin/env node
// Starts podstamp. Plain JavaScript, so that an old Node can say what it needs; a checkout's own Node 24 is used when it is there.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 24 || (major === 24 && minor >= 6)) {
  // A package has no src/, and Node runs no TypeScript below node_modules: it brings what `npm run build` made.
  const source = new URL("../src/main.ts", import.meta.url);
  await import(existsSync(source) ? source.href : new URL("../dist/main.js", import.meta.url).href);
} else {
  const own = fileURLToPath(new URL("../scripts/node/node_modules/.bin/node", import.meta.url));
  if (existsSync(own)) {
    const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
    // The terminal sends Ctrl-C to the child too: passed on, it would count as the second one.
    process.on("SIGINT", () => undefined);
    for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("exit", (code) => (process.exitCode = code ?? 1));
  } else {
    console.error(`Cannot start podstamp on Node ${process.versions.node}: it needs Node 24.6 or newer`);
    process.exitCode = 1;
  }
}
