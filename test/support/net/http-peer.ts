import http from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";

/*
 * The other side of our OTLP/HTTP, by another implementation: node:http with what came in as bytes.
 */

/** A request as it came. */
export type Posted = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

export type PostReply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
};

export type HttpPeer = {
  /** http://127.0.0.1:port, or https:// with certificates. */
  readonly url: string;
  readonly port: number;
  readonly posted: readonly Posted[];
  /** Connections that were opened, also those that have ended. */
  readonly connections: readonly Socket[];
  stop(): Promise<void>;
};

type HttpPeerOptions = { readonly port?: number; readonly tls?: { readonly cert: Buffer; readonly key: Buffer } };

/** A server that answers every request as told. */
export async function httpPeer(
  answer: (posted: Posted, index: number) => PostReply | Promise<PostReply> = () => ({}),
  { port = 0, tls }: HttpPeerOptions = {},
): Promise<HttpPeer> {
  const posted: Posted[] = [];
  const connections: Socket[] = [];
  const onRequest: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      const one: Posted = { method, path, headers, body: Buffer.concat(chunks) };
      const index = posted.push(one) - 1;
      void Promise.resolve(answer(one, index)).then(({ status = 200, headers: extra = {}, body = "" }) => {
        response.writeHead(status, { "content-type": "application/x-protobuf", ...extra });
        response.end(body);
      });
    });
  };
  const server = tls === undefined ? http.createServer(onRequest) : https.createServer(tls, onRequest);
  server.on("connection", (socket: Socket) => connections.push(socket));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${bound}`,
    port: bound,
    posted,
    connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
