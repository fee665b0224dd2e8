import http from "node:http";
import https from "node:https";
import { readArgs } from "./terminal/args.ts";
import { clean, CommandError, exitCode, UsageError } from "./terminal/output.ts";
import type { Io } from "./terminal/output.ts";
import { shapes } from "./terminal/shapes.ts";

/** Where health_check listens when its file says nothing else. */
const defaultEndpoint = "localhost:13133";
const timeoutMs = 4000;
/** Of an answer, which a file may have set. */
const maxShown = 65_536;

/** `podstamp health`: asks the health_check of a running podstamp, for what knows commands but no HTTP, such as Docker. */
export async function health(argv: readonly string[], io: Io): Promise<number> {
  const args = readArgs(argv, shapes.health);
  const written = args.text("endpoint") ?? (io.env["PODSTAMP_HEALTH_ENDPOINT"] || defaultEndpoint);
  const where = optionsOf(written);
  const { status, body } = await ask(where, io.signal).catch((error: unknown): never => {
    throw new CommandError(
      `Cannot ask ${written}: ${error instanceof Error ? error.message || error.name : String(error)}; podstamp must run with the extension health_check`,
    );
  });
  const isHealthy = status === 200;
  (isHealthy ? io.out : io.err)(`${clean(body === "" ? `status ${status}` : body)}\n`);
  return isHealthy ? exitCode.ok : exitCode.failed;
}

type Where = { readonly isTls: boolean; readonly options: http.RequestOptions };

function optionsOf(written: string): Where {
  if (written.startsWith("unix://"))
    return { isTls: false, options: { socketPath: written.slice("unix://".length), path: "/" } };
  const url = URL.parse(/^https?:\/\//.test(written) ? written : `http://${written}`);
  if (url === null || url.username !== "")
    throw new UsageError(
      `Option --endpoint must be host:port, http://host:port/path or unix:///path, is "${clean(written)}"`,
    );
  const { hostname, port, pathname, search, protocol } = url;
  // An address in brackets is that of IPv6.
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return { isTls: protocol === "https:", options: { host, port, path: `${pathname}${search}` } };
}

function ask({ isTls, options }: Where, signal: AbortSignal): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const common = { ...options, agent: false, signal } as const;
    const request = isTls ? https.get(common) : http.get(common);
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    request.on("close", () => clearTimeout(timer));
    request.on("error", reject);
    request.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (more: string) => (body = (body + more).slice(0, maxShown)));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
  });
}
