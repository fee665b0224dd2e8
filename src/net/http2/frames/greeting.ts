import type { Socket } from "node:net";
import { recognise } from "../../socket/foreign.ts";
import { preface } from "./protocol.ts";
import type { Intake } from "./reading.ts";

/** Who comes: a client of HTTP/2 with what it said behind the preface, or somebody else. */
export type Greeting =
  | { readonly kind: "http2"; readonly rest: Buffer }
  | { readonly kind: "foreign"; readonly protocol: "TLS" | "HTTP/1.1" | undefined };

type GreetingOptions = {
  readonly intake: Intake;
  readonly timeoutMs: number;
  readonly onGreeting: (greeting: Greeting) => void;
  readonly onTimeout: () => void;
};

/**
 * Waits for the preface of a client, which may come in pieces, and tells who it is; what comes later is for whom the intake is given to
 * then. A connection that takes longer is ended.
 */
export function awaitGreeting(socket: Socket, { intake, timeoutMs, onGreeting, onTimeout }: GreetingOptions): void {
  let heard: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => {
    socket.destroy();
    onTimeout();
  }, timeoutMs);
  const stop = (): void => clearTimeout(timer);
  socket.once("close", stop);
  intake.onBytes = (chunk, start, end) => {
    heard = Buffer.concat([heard, chunk.subarray(start, end)]);
    const known = Math.min(heard.length, preface.length);
    const isPreface = preface.compare(heard, 0, known, 0, known) === 0;
    if (isPreface && known < preface.length) return;
    stop();
    socket.off("close", stop);
    intake.onBytes = () => {};
    if (isPreface) return onGreeting({ kind: "http2", rest: heard.subarray(preface.length) });
    const protocol = recognise(heard);
    onGreeting({ kind: "foreign", protocol: protocol === "HTTP/2" ? undefined : protocol });
  };
}
