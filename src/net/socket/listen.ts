import type { ListenOptions, Server } from "node:net";
import { formatEndpoint } from "./endpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { clearStale, giveAccess, unixReason } from "./listen-unix.ts";
import { codeOf } from "../../error-code.ts";

/** Sockets that listen together. */
export type Listening = {
  /** As bound: "host:port" (IPv6 in brackets), or the path of a unix socket. */
  readonly address: string;
  /** Takes no new connection. Those that are open stay. */
  close(): void;
};

/**
 * Listens at an endpoint with one server for each address. "localhost" is 127.0.0.1 and ::1, whichever the machine has,
 * because clients try either first. An empty host is every address, and so is 0.0.0.0, as in Go's programs: files with it serve nodes
 * that have only IPv6, too. Throws with the address when it cannot.
 */
export async function listen(endpoint: Endpoint, make: () => Server): Promise<Listening> {
  if (endpoint.kind === "unix") return listenUnix(endpoint, make);
  if (endpoint.host === "localhost") return listenLocal(endpoint.port, make);
  if (endpoint.host === "" || (endpoint.host === "0.0.0.0" && endpoint.isIpv4Only !== true))
    return listenEverywhere(endpoint.port, make);
  const { server, port } = await listenTcp(make(), endpoint.host, endpoint.port);
  return listening(formatEndpoint({ ...endpoint, port }), [server]);
}

type UnixEndpoint = Extract<Endpoint, { readonly kind: "unix" }>;

/** Attempts to find a port that is free on both addresses when the system chooses it. */
const attempts = 20;

async function listenLocal(wanted: number, make: () => Server): Promise<Listening> {
  for (let attempt = 1; ; attempt++) {
    const four = await unlessMissing(listenTcp(make(), "127.0.0.1", wanted));
    if (four === undefined) {
      const { server, port } = await listenTcp(make(), "::1", wanted);
      return listening(`[::1]:${port}`, [server]);
    }
    try {
      const six = await unlessMissing(listenTcp(make(), "::1", four.port));
      if (six === undefined) return listening(`127.0.0.1:${four.port}`, [four.server]);
      return listening(`localhost:${four.port}`, [four.server, six.server]);
    } catch (error) {
      four.server.close();
      if (wanted !== 0 || codeOf(error) !== "EADDRINUSE" || attempt === attempts) throw error;
    }
  }
}

async function listenEverywhere(wanted: number, make: () => Server): Promise<Listening> {
  const all = await unlessMissing(listenTcp(make(), "::", wanted));
  if (all !== undefined) return listening(`[::]:${all.port}`, [all.server]);
  const { server, port } = await listenTcp(make(), "0.0.0.0", wanted);
  return listening(`0.0.0.0:${port}`, [server]);
}

/** Undefined where the machine has no such address: no IPv6, or no IPv4. */
async function unlessMissing<T>(bound: Promise<T>): Promise<T | undefined> {
  try {
    return await bound;
  } catch (error) {
    if (["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(codeOf(error) ?? "")) return undefined;
    throw error;
  }
}

async function listenUnix({ path, access }: UnixEndpoint, make: () => Server): Promise<Listening> {
  await clearStale(path);
  const server = make();
  try {
    await opened(server, { path }, path);
  } catch (error) {
    const reasonThere = await unixReason(path, codeOf(error));
    if (reasonThere === undefined) throw error;
    throw Object.assign(new Error(`Cannot listen on ${path}: ${reasonThere}`, { cause: error }), {
      code: codeOf(error),
    });
  }
  try {
    await giveAccess(path, access);
  } catch (error) {
    server.close();
    throw error;
  }
  // The file goes with the listener.
  return listening(path, [server]);
}

async function listenTcp(server: Server, host: string, port: number): Promise<{ server: Server; port: number }> {
  await opened(server, { host, port }, formatEndpoint({ kind: "tcp", host, port, scheme: undefined }));
  const address = server.address();
  return { server, port: address !== null && typeof address === "object" ? address.port : port };
}

function opened(server: Server, options: ListenOptions, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      server.removeListener("listening", succeeded);
      const code = codeOf(error);
      reject(
        Object.assign(new Error(`Cannot listen on ${name}: ${reason(code, error.message)}`, { cause: error }), {
          code,
        }),
      );
    };
    const succeeded = (): void => {
      server.removeListener("error", failed);
      resolve();
    };
    server.once("error", failed);
    server.once("listening", succeeded);
    server.listen(options);
  });
}

function reason(code: string | undefined, message: string): string {
  if (code === "EADDRINUSE") return "the address is already in use (does another collector run here?)";
  if (code === "EACCES") return "permission denied";
  return message;
}

function listening(address: string, servers: readonly Server[]): Listening {
  return {
    address,
    close: () => {
      for (const server of servers) server.close();
    },
  };
}
