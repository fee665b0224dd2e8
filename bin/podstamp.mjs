#!/usr/bin/env node
// Starts podstamp. Plain JavaScript, so that an old Node can say what it needs; a checkout's own Node 24 is used when it is there.

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 24 || (major === 24 && minor >= 6)) {
  // An import of Node's own modules looks at all that they have, and makes what nobody wants.
  const { existsSync } = process.getBuiltinModule("node:fs");
  const { enableCompileCache } = process.getBuiltinModule("node:module");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  // A package has no src/, and Node runs no TypeScript below node_modules: it brings what `npm run build` made.
  const source = new URL("../src/main.ts", import.meta.url);
  // Commands are short: what V8 made of their code is kept beside the code, where whoever may write it may write that too.
  const isRunning = process.argv.length < 3 || process.argv.includes("--config");
  if (!isRunning) enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/podstamp", import.meta.url)));
  await import(existsSync(source) ? source.href : new URL("../dist/main.js", import.meta.url).href);
} else {
  const { spawn } = await import("node:child_process");
  const { existsSync } = await import("node:fs");
  const { fileURLToPath } = await import("node:url");
  const own = fileURLToPath(new URL("../scripts/node/node_modules/.bin/node", import.meta.url));
  if (existsSync(own)) {
    const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
    // The terminal sends Ctrl-C to the child too: passed on, it would count as the second one.
    process.on("SIGINT", () => undefined);
    for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("exit", (code) => (process.exitCode = code ?? 1));
  } else {
    // Node's own packages on npm are the program alone: nothing has to run when they are installed.
    const command = existsSync(new URL("../scripts/node/package.json", import.meta.url))
      ? `npm ci --prefix ${fileURLToPath(new URL("../scripts/node", import.meta.url))}`
      : `npm install -g node-${process.platform}-${process.arch}@24`;
    console.error(
      `Cannot start podstamp on Node ${process.versions.node}: it needs Node 24.6 or newer. Get one with \`${command}\`, or from https://nodejs.org`,
    );
    process.exitCode = 1;
  }
}
