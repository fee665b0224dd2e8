import type { ClientKeepalive } from "../../transport.ts";
import type { ClientSession } from "./session.ts";
import { longestTimerMs } from "../../../longest-timer.ts";

/** Pings a connection that has been silent for a while and ends it when no answer comes; its timers end with it. */
export function keepAlive(session: ClientSession, settings: ClientKeepalive): void {
  const { socket } = session.link;
  let seen = -1;
  let patience: NodeJS.Timeout | undefined;
  const check = (): void => {
    const isSilent = socket.bytesRead === seen;
    seen = socket.bytesRead;
    if (!isSilent || patience !== undefined || (session.open === 0 && !settings.permitWithoutStream)) return;
    patience = setTimeout(() => socket.destroy(new Error("no answer to a keep-alive ping")), settings.timeoutMs);
    session.link.ping(() => {
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
