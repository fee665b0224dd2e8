import type { Socket } from "node:net";
import type { ClientKeepalive } from "../transport.ts";
import { longestTimerMs } from "../../longest-timer.ts";

/** A connection of a client, whichever transport it is of. */
export type KeptAlive = {
  readonly socket: Socket;
  /** Calls that are open on it. */
  open(): number;
  /** Asks whether the other side is there; told once it has said so, or the asking failed. */
  ping(onPong: () => void): void;
};

/** Pings a connection that has been silent for a while and ends it when no answer comes; its timers end with it. */
export function keepAlive({ socket, open, ping }: KeptAlive, settings: ClientKeepalive): void {
  let seen = -1;
  let patience: NodeJS.Timeout | undefined;
  /** Whether a ping has no answer yet. */
  let isAsked = false;
  const check = (): void => {
    const heard = socket.bytesRead;
    const isSilent = heard === seen;
    seen = heard;
    if (!isSilent || patience !== undefined || (open() === 0 && !settings.permitWithoutStream)) return;
    patience = setTimeout(() => {
      patience = undefined;
      // Whatever has come since shows that it lives: the ping, or its answer, may stand behind a long message on a slow line.
      if (socket.bytesRead === heard) socket.destroy(new Error("no answer to a keep-alive ping"));
    }, settings.timeoutMs);
    if (isAsked) return;
    isAsked = true;
    ping(() => {
      isAsked = false;
      clearTimeout(patience);
      patience = undefined;
    });
  };
  const timer = setInterval(check, Math.min(longestTimerMs, settings.timeMs));
  timer.unref();
  socket.once("close", () => {
    clearInterval(timer);
    clearTimeout(patience);
  });
}
