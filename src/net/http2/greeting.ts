import type { Socket } from "node:net";
import { recognise } from "../foreign.ts";
import { preface } from "./protocol.ts";

/** Who comes: a client of HTTP/2 with what it said behind the preface, or somebody else with what was heard. */
export type Greeting =
  | { readonly kind: "http2"; readonly rest: Buffer }
  | { readonly kind: "foreign"; readonly protocol: "TLS" | "HTTP/1.1" | undefined };

/**
 * Waits for the preface of a client, which may come in pieces, and tells who it is. What comes later is told to whoever listens
 * then. A connection that takes longer than `timeoutMs` is ended.
 */
export function awaitGreeting(
  socket: Socket,
  options: {
    readonly timeoutMs: number;
    readonly onGreeting: (greeting: Greeting) => void;
    readonly onTimeout: () => void;
  },
): void {
  let heard: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => {
    socket.destroy();
    options.onTimeout();
  }, options.timeoutMs);
  const stop = (): void => clearTimeout(timer);
  const onData = (chunk: Buffer): void => {
    heard = heard.length === 0 ? chunk : Buffer.concat([heard, chunk]);
    const known = Math.min(heard.length, preface.length);
    const isPreface = preface.compare(heard, 0, known, 0, known) === 0;
    if (isPreface && known < preface.length) return;
    stop();
    socket.off("data", onData);
    socket.off("close", stop);
    if (isPreface) return options.onGreeting({ kind: "http2", rest: heard.subarray(preface.length) });
    const protocol = recognise(heard);
    options.onGreeting({ kind: "foreign", protocol: protocol === "HTTP/2" ? undefined : protocol });
  };
  socket.on("data", onData);
  socket.once("close", stop);
}
