import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "../../test/support/eventually.ts";
import { freePort } from "../../test/support/net/ports.ts";
import { startProcess } from "../../test/support/machine/processes.ts";
import { usageOf } from "../stage/usage.ts";

/** A server that answers GET / with a few bytes. */
export type Served = { readonly name: string; readonly port: number; readonly pid: number };

/** What a load gave. */
export type Exchange = {
  readonly requests: number;
  readonly perSecond: number;
  /** CPU of the server's process, us per request. */
  readonly serverMicros: number;
};

/** Starts nginx, of one process, and an HTTP server of Node on free ports; what they write stays below `folder`. */
export async function startServers(folder: string): Promise<AsyncDisposable & { readonly all: readonly Served[] }> {
  await using stack = new AsyncDisposableStack();
  const all: Served[] = [];
  for (const [name, commandOf] of [
    ["nginx", nginxCommand],
    ["Node", nodeCommand],
  ] as const) {
    const port = await freePort();
    const [command = "", ...args] = commandOf(port, folder);
    const running = await startProcess({ name, command, args });
    stack.defer(async () => void (await running.stop(2000)));
    const answers = async () => (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.ok === true;
    await eventually(answers, { what: `an answer of ${name}: ${running.output()}`, timeoutMs: 10_000 });
    all.push({ name, port, pid: running.pid });
  }
  const owned = stack.move();
  return { all, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function nginxCommand(port: number, folder: string): readonly string[] {
  const home = join(folder, "nginx");
  mkdirSync(home);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${home}/${kind};`)
    .join(" ");
  writeFileSync(
    join(home, "nginx.conf"),
    `daemon off; master_process off; pid ${home}/pid; user root;
events {}
http { access_log off; keepalive_requests 10000000; ${temporary}
  server { listen 127.0.0.1:${port}; location / { return 200 "hello\\n"; } } }
`,
  );
  return ["nginx", "-e", join(home, "error.log"), "-c", join(home, "nginx.conf")];
}

function nodeCommand(port: number): readonly string[] {
  const script = `require("http").createServer((q, r) => r.end("hello\\n")).listen(${port}, "127.0.0.1")`;
  return [process.execPath, "-e", script];
}

const run = promisify(execFile);

/** As many requests as wrk gets answered in this time on 16 connections. */
export async function load(server: Served, seconds: number): Promise<Exchange> {
  const usage = usageOf(server.pid, "alone");
  const before = usage.cpuSeconds();
  const { stdout } = await run("wrk", ["-t1", "-c16", `-d${seconds}s`, `http://127.0.0.1:${server.port}/`]);
  const requests = Number(/^\s*(\d+) requests in/m.exec(stdout)?.[1]);
  const perSecond = Number(/^Requests\/sec:\s*([\d.]+)/m.exec(stdout)?.[1]);
  if (!(requests > 0) || /Non-2xx|Socket errors/.test(stdout))
    throw new Error(`Cannot measure ${server.name}: must answer every request; wrk said\n${stdout}`);
  return { requests, perSecond, serverMicros: ((usage.cpuSeconds() - before) / requests) * 1e6 };
}
