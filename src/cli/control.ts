import { chmod, lstat, mkdir, readdir, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { dirname, join } from "node:path";
import type { Logger } from "../telemetry/log.ts";

/*
 * The socket on which a running podstamp takes the one order that the command line can give it. Whoever may open it may
 * reload: it is in a folder of its user's own, and of mode 0600.
 */

/** What became of an order. */
export type ControlReply = { readonly ok: boolean; readonly lines: readonly string[] };

/** Where sockets that no file names are; undefined where there is no place of one's own. */
export function controlFolder(
  env: Readonly<Record<string, string | undefined>>,
  uid: number | undefined,
): string | undefined {
  const runtime = env["XDG_RUNTIME_DIR"] ?? "";
  if (runtime.startsWith("/")) return join(runtime, "podstamp");
  return uid === 0 ? "/run/podstamp" : undefined;
}

/** The socket of this process: as the file says, or one of its own in the folder; undefined when there is to be none. */
export function controlPath(setting: string, folder: string | undefined, pid: number): string | undefined {
  if (setting === "") return undefined;
  if (setting !== "auto") return setting;
  return folder === undefined ? undefined : join(folder, `${pid}.sock`);
}

/** Longer orders are none. */
const maxOrderBytes = 100;
const maxConnections = 4;
const idleMs = 60_000;
const order = "reload\n";

type Listening = { close(): Promise<void> };

/** Listens at a path; rejects when another process listens there. */
export async function listenForOrders(
  path: string,
  reload: () => Promise<ControlReply>,
  log: Logger,
): Promise<Listening> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (await isAnswered(path)) throw new Error(`Cannot listen on ${path}: another process does`);
  if ((await lstat(path).catch(() => undefined))?.isSocket() === true) await rm(path);
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    void answer(socket, reload);
  });
  server.maxConnections = maxConnections;
  await listening(server, path);
  server.on("error", (error) => log.warn({ error }, "The control socket failed"));
  await chmod(path, 0o600);
  return {
    async close() {
      for (const socket of connections) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function answer(socket: Socket, reload: () => Promise<ControlReply>): Promise<void> {
  socket.on("error", () => socket.destroy());
  socket.setTimeout(idleMs, () => socket.destroy());
  const said = await readLine(socket);
  const reply: ControlReply =
    said === order ? await reload() : { ok: false, lines: [`Cannot do that: must be ${JSON.stringify(order)}`] };
  socket.end(`${JSON.stringify(reply)}\n`);
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (more: string) => {
      text += more;
      if (text.includes("\n") || text.length > maxOrderBytes) resolve(text.slice(0, maxOrderBytes));
    });
    socket.on("close", () => resolve(text));
  });
}

/** Tells the podstamp that listens at a path to reload; rejects when none answers. */
export function orderReload(path: string, signal: AbortSignal): Promise<ControlReply> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path);
    const cut = (): void => void socket.destroy(new Error("Interrupted"));
    signal.addEventListener("abort", cut, { once: true });
    socket.setEncoding("utf8");
    socket.on("connect", () => socket.write(order));
    socket.on("data", (more: string) => (text += more));
    socket.on("error", reject);
    socket.on("close", () => {
      signal.removeEventListener("abort", cut);
      const reply = readReply(text);
      if (reply === undefined) reject(new Error("it ended without an answer"));
      else resolve(reply);
    });
  });
}

function readReply(text: string): ControlReply | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("ok" in value) || !("lines" in value)) return undefined;
    return { ok: value.ok === true, lines: Array.isArray(value.lines) ? value.lines.map(String) : [] };
  } catch {
    return undefined;
  }
}

/** The sockets in a folder behind which a podstamp answers; what killed ones left is removed. */
export async function liveSockets(folder: string): Promise<readonly string[]> {
  const live: string[] = [];
  for (const name of (await readdir(folder).catch(() => [])).filter((one) => one.endsWith(".sock"))) {
    const path = join(folder, name);
    if (await isAnswered(path)) live.push(path);
    else await rm(path, { force: true }).catch(() => {});
  }
  return live;
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"),
    );
  });
}
