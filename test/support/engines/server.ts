import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createWorkspace, wipe } from "../machine/workspace.ts";

/** How one request is answered. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An engine of ours on a unix socket, that answers as it is told. */
export type EngineServer = {
  readonly endpoint: string;
  readonly path: string;
  /** "GET /version", in the order in which they came. */
  requests(): readonly string[];
  /** The most requests that were being answered at once. */
  peak(): number;
  close(): Promise<void>;
};

/** Starts an engine that answers each request so. */
export async function startEngineServer(answer: Answer): Promise<EngineServer> {
  const folder = createWorkspace();
  const path = join(folder, "engine.sock");
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let open = 0;
  let peak = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    peak = Math.max(peak, ++open);
    response.once("close", () => open--);
    answer(request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    endpoint: `unix://${path}`,
    path,
    requests: () => requests,
    peak: () => peak,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await wipe(folder);
    },
  };
}

/** Answers with what a real engine has answered, by the path without its version and query; 404 for the rest. */
export function replay(answers: Readonly<Record<string, unknown>>): Answer {
  return (request, response) => {
    const path = (request.url ?? "").replace(/\?.*$/, "").replace(/^\/v\d[\d.]*/, "");
    const found = answers[path];
    response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
    // Events are lines, and the stream stays open behind them.
    if (path.endsWith("/events") && Array.isArray(found))
      for (const event of found) response.write(`${JSON.stringify(event)}\n`);
    else response.end(JSON.stringify(found ?? { message: `No such object: ${path}` }));
  };
}
