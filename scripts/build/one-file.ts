/** Nobody stands before this file who could say it: its syntax is one that an older Node reads too. */
const check = `#!/usr/bin/env node
{
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 24 || (major === 24 && minor < 6)) {
    const command = "npm install -g node-" + process.platform + "-" + process.arch + "@24";
    console.error("Cannot start podstamp on Node " + process.versions.node + ": it needs Node 24.6 or newer. Get one with \`" + command + "\`, or from https://nodejs.org");
    process.exit(1);
  }
}
`;

/** Each thread begins with this file: the program, or the worker that has the thread's name. */
const loader = `{
  const file = process.getBuiltinModule("node:url").fileURLToPath(import.meta.url);
  const { compileFunction } = process.getBuiltinModule("node:vm");
  const { isMainThread, threadName } = process.getBuiltinModule("node:worker_threads");
  const names = ["exports", "require", "module", "__filename"];
  const loaded = new Map();
  const load = (name) => {
    if (!name.startsWith("./")) return process.getBuiltinModule(name);
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    const run = compileFunction(scripts[name.slice(2)], names, { filename: file + name.slice(1) });
    run(module.exports, load, module, file);
    return module.exports;
  };
  load(isMainThread ? "./main.cjs" : "./" + threadName + ".cjs");
}
`;

/**
 * The scripts as one file, each as a text in it: V8 reads over a text twenty times as fast as over code, and most scripts are not
 * used by what is done.
 */
export function oneFile(scripts: Readonly<Record<string, string>>): string {
  return `${check}const scripts = ${JSON.stringify(scripts, undefined, 1)};\n${loader}`;
}
