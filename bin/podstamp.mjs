#!/usr/bin/env node
// Starts podstamp. Plain JavaScript, so that an old Node can say what it needs; a checkout's own Node 24 is used when it is there.

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 24 || (major === 24 && minor >= 6)) {
  // An import of Node's own modules looks at all that they have, and makes what nobody wants.
  const { existsSync, statSync } = process.getBuiltinModule("node:fs");
  const { createRequire, enableCompileCache } = process.getBuiltinModule("node:module");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const home = fileURLToPath(new URL("..", import.meta.url));
  // Commands are short: what V8 made of their code is kept beside the code, where whoever may write it may write that too.
  const cache = `${home}node_modules/.cache/podstamp`;
  // Nothing of root's is left in what a user installed, who could not remove it then.
  const mayKeep = statSync(home).uid === process.geteuid?.();
  const [first = "--config", ...others] = process.argv.slice(2);
  const isRunning = first.startsWith("-") && [first, ...others].some((word) => /^--config(?:=|$)/.test(word));
  // A package has no src/, and Node runs no TypeScript below node_modules: it brings what `npm run build` made.
  if (existsSync(`${home}src/main.ts`)) {
    if (mayKeep && !isRunning) enableCompileCache(cache);
    await import("../src/main.ts");
  } else if (isRunning) createRequire(import.meta.url)("../dist/main.cjs");
  else runKept(`${home}dist/`, `${cache}/${process.version}-${process.arch}`, mayKeep);
} else {
  const { spawn } = await import("node:child_process");
  const { existsSync } = await import("node:fs");
  const { fileURLToPath } = await import("node:url");
  // npm 9, which Debian 13 has, makes no .bin/node: it takes it away again with the package for the other architecture.
  const installed = `../scripts/node/node_modules/node-${process.platform}-${process.arch}/bin/node`;
  const own = fileURLToPath(new URL(installed, import.meta.url));
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

/**
 * Runs dist/main.cjs with what V8 made of each script when the same command ran before: all that ran then is compiled, where Node's own
 * cache has only what runs while a script is loaded.
 */
function runKept(dist, cache, mayKeep) {
  const fs = process.getBuiltinModule("node:fs");
  const { Script } = process.getBuiltinModule("node:vm");
  // A command is over before optimised code is of use, and its end waits for the compilers: they begin ten times as late. What Node brings
  // compiled is taken only under the flags it was made with, so what commands use of that comes first.
  for (const name of ["node:net", "node:os", "node:perf_hooks"]) process.getBuiltinModule(name);
  const { cachedDataVersionTag, setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--invocation-count-for-maglev=4000");
  setFlagsFromString("--invocation-count-for-turbofan=30000");
  const tag = cachedDataVersionTag();
  const folder = `${cache}/${process.argv.find((word, at) => at > 1 && /^[a-z]+$/.test(word)) ?? "help"}`;
  const owners = [0, process.geteuid?.(), fs.statSync(dist).uid];
  const isOurs = ({ uid, mode }) => owners.includes(uid) && (mode & 0o022) === 0;
  const loaded = new Map();
  const fresh = [];
  load("./main.cjs");

  function load(name) {
    if (!name.startsWith("./")) return process.getBuiltinModule(name);
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    const filename = dist + name.slice(2);
    const file = folder + name.slice(1);
    const text = fs.readFileSync(filename);
    const cachedData = keptOf(file, text);
    // As Node does it, in the same line.
    const source = `(function (exports, require, module, __filename, __dirname) { ${text}\n})`;
    const script = new Script(source, { filename, cachedData });
    if (cachedData === undefined || script.cachedDataRejected) {
      if (mayKeep && fresh.length === 0) process.once("exit", keep);
      fresh.push({ file, text, script });
    }
    script.runInThisContext()(module.exports, load, module, filename, dist);
    return module.exports;
  }

  /** A file has the script, and twice what was made of it: V8 believes what it is given. */
  function keptOf(file, text) {
    let fd;
    try {
      if (!isOurs(fs.statSync(folder))) return undefined;
      fd = fs.openSync(file);
      if (!isOurs(fs.fstatSync(fd))) return undefined;
      const all = fs.readFileSync(fd);
      const end = (all.length + text.length) / 2;
      const made = all.subarray(text.length, end);
      return text.equals(all.subarray(0, text.length)) && made.equals(all.subarray(end)) ? made : undefined;
    } catch {
      return undefined; // nobody has kept it yet, or not for us to see
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
  }

  function keep(code) {
    // Nothing of what is no command, and of what works for long: that has changed V8's flags, and the next run begins without them.
    if (code !== 0 || cachedDataVersionTag() !== tag) return;
    const part = `.${process.pid}`;
    for (const { file, text, script } of fresh) {
      try {
        fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
        fs.accessSync(folder, fs.constants.W_OK);
        const made = script.createCachedData();
        fs.writeFileSync(file + part, Buffer.concat([text, made, made]), { mode: 0o644, flag: "wx" });
        fs.renameSync(file + part, file);
      } catch {
        // Not ours to write, or no room: then what was begun takes none.
        if (fs.existsSync(file + part)) fs.rmSync(file + part);
        return;
      }
    }
  }
}
