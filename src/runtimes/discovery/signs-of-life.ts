import { request } from "node:http";
import { connect } from "node:net";
import { socketAdvice } from "./socket-advice.ts";

export type SignOptions = { readonly endpoint: string; readonly path: string; readonly timeoutMs: number };

/** The connection preface of RFC 9113 section 3.4: its magic and an empty SETTINGS frame. */
const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from("000000040000000000", "hex"),
]);

/** Length, type, flags and stream of a frame. */
const frameHeader = 9;
const settingsFrame = 4;

/**
 * Rejects when the gRPC server behind a unix socket does not answer an HTTP/2 preface. No call is made: the server's
 * own library answers, and only where the process runs. (PINGs on the connection of calls are no way: servers take
 * more than one in five minutes for an attack.)
 */
export function probeGrpc({ endpoint, path, timeoutMs }: SignOptions, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const seen: Buffer[] = [];
    const end = (why: string | undefined) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      if (why === undefined) resolve();
      else reject(new Error(`Cannot reach ${endpoint}: ${why}`));
    };
    const onAbort = () => end("nobody waits any more");
    const timer = setTimeout(() => end("no answer in time to the beginning of a connection"), timeoutMs);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", (error: NodeJS.ErrnoException) => end(whyUnreachable(error)));
    socket.on("close", () => end("it closed the connection"));
    socket.on("data", (data: Buffer) => {
      seen.push(data);
      const head = Buffer.concat(seen);
      if (head.length >= frameHeader) end(head[3] === settingsFrame ? undefined : "what answers does not speak HTTP/2");
    });
    socket.write(preface);
  });
}

/** Rejects when the engine behind a unix socket does not answer GET /_ping. */
export function probeEngine({ endpoint, path, timeoutMs }: SignOptions, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (why: string | undefined) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      sent.destroy();
      if (why === undefined) resolve();
      else reject(new Error(`Cannot reach ${endpoint}: ${why}`));
    };
    const onAbort = () => end("nobody waits any more");
    const timer = setTimeout(() => end("no answer in time to /_ping"), timeoutMs);
    signal.addEventListener("abort", onAbort, { once: true });
    const sent = request({
      method: "GET",
      socketPath: path,
      path: "/_ping",
      headers: { host: "localhost" },
      agent: false,
    });
    sent.on("response", (answer) => {
      answer.resume();
      end(undefined);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => end(whyUnreachable(error)));
    sent.end();
  });
}

/**
 * What says nothing about the process behind the socket: the socket was removed, while old connections are still answered, or podstamp or
 * the host has no handle left for one more.
 */
const silent: ReadonlySet<string | undefined> = new Set(["ENOENT", "EMFILE", "ENFILE"]);

function whyUnreachable(error: NodeJS.ErrnoException): string | undefined {
  return silent.has(error.code) ? undefined : (socketAdvice(error.message) ?? error.message);
}
