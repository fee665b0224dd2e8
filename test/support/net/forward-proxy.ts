import http from "node:http";
import net from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** What a proxy was asked: "CONNECT host:port" or "POST http://host/path", with its credentials. */
export type Asked = { readonly line: string; readonly authorization: string | undefined };

export type ForwardProxy = {
  readonly address: string;
  readonly asked: readonly Asked[];
  stop(): Promise<void>;
};

type ForwardProxyOptions = {
  /** Names that only the proxy knows, and where they lead. */
  readonly names?: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  /** Says this to everyone instead of connecting. */
  readonly refuses?: number;
};

/** A proxy on loopback that takes CONNECT and requests in absolute form. */
export async function forwardProxy({ names = {}, refuses }: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const placeOf = (host: string, port: number) => names[host] ?? { host, port };
  const server = http.createServer((request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, authorization: request.headers["proxy-authorization"] });
    if (refuses !== undefined) return void response.writeHead(refuses).end();
    const url = new URL(request.url ?? "");
    const { "proxy-authorization": _, ...headers } = request.headers;
    const place = placeOf(url.hostname, Number(url.port || 80));
    const onward = http.request(
      { ...place, method: request.method, path: url.pathname, headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("connect", (request, client: Socket, head) => {
    asked.push({ line: `CONNECT ${request.url}`, authorization: request.headers["proxy-authorization"] });
    if (refuses !== undefined) return void client.end(`HTTP/1.1 ${refuses} No\r\nContent-Length: 0\r\n\r\n`);
    const [, host = "", port = ""] = /^\[?(.*?)\]?:([0-9]+)$/.exec(request.url ?? "") ?? [];
    const onward = net.connect(placeOf(host, Number(port)), () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.write(head);
      onward.pipe(client).pipe(onward);
    });
    sockets.add(onward);
    onward.on("error", () => client.destroy());
    client.on("error", () => onward.destroy());
    client.on("close", () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
